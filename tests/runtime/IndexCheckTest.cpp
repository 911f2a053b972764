// Indices in inputs: refused before anything runs, exactly where they are used as indices.
#include "Manifest.h"
#include "Testing.h"

namespace heddle::runtime {
namespace {

using testing::makeModel;

bool hasRun = false;

void note(hd_run *, void *const *) { hasRun = true; }

const std::vector<hd_entry> kEntries = {note};

// tokens [2, 4]: the first three of a row are looked up in a table of 10, the last three are
// labels.
std::string manifestWith(const std::string &checks, const std::string &dtype = "i32") {
  return R"({"format": 2, "model": "tiny", "tensors": [], "functions": [{"name": "train",
    "inputs": [{"name": "x", "dtype": "f32", "shape": [2]}, {"name": "tokens", "dtype": ")" +
         dtype +
         R"(", "shape": [2, 4]}], "outputs": [], "state": [], "arena_bytes": 0, "contractions": [],
    "index_checks": [)" +
         checks + "]}]}";
}

const std::string kLookUp =
    R"({"input": 1, "offset": 0, "shape": [2, 3], "strides": [4, 1], "limit": 10})";
const std::string kLabels =
    R"({"input": 1, "offset": 1, "shape": [2, 3], "strides": [4, 1], "limit": 10, "also": -100})";

template <typename Integer>
std::string errorFor(const std::string &manifest, std::vector<Integer> tokens) {
  const testing::ModelPtr model = makeModel(manifest, kEntries);
  const float x[2] = {};
  const void *inputs[] = {x, tokens.data()};
  hasRun = false;
  const hd_status status = hd_model_run(model.get(), "train", inputs, 2, nullptr, 0);
  EXPECT_EQ(hasRun, status == HD_OK);
  if (status == HD_OK)
    return "";
  EXPECT_EQ(status, HD_INVALID_ARGUMENT);
  return hd_error_message();
}

TEST(IndexCheck, TakesWhatIsInRange) {
  EXPECT_EQ(errorFor<int32_t>(manifestWith(kLookUp), {0, 9, 5, 10, 1, 2, 3, -1}), "");
  EXPECT_EQ(errorFor<int32_t>(manifestWith(kLookUp + "," + kLabels), {0, 9, 5, -100, 1, 2, 3, 4}),
            "");
}

TEST(IndexCheck, NamesTheElementThatIsNot) {
  EXPECT_EQ(errorFor<int32_t>(manifestWith(kLookUp), {0, 9, 5, 0, 1, 2, 10, 0}),
            "function 'train': input 1 'tokens' holds 10 at [1, 2]; expected an index in [0, 10)");
  EXPECT_EQ(errorFor<int64_t>(manifestWith(kLabels, "i64"), {0, 9, 5, -1, 1, 2, 3, 4}),
            "function 'train': input 1 'tokens' holds -1 at [0, 3]; expected an index in [0, 10), "
            "or -100");
  // 2^32 is 0 in 32 bits.
  EXPECT_EQ(errorFor<int64_t>(manifestWith(kLookUp, "i64"), {0, 4294967296, 5, 1, 1, 2, 3, 4}),
            "function 'train': input 1 'tokens' holds 4294967296 at [0, 1]; expected an index in "
            "[0, 10)");
}

TEST(IndexCheck, AnIgnoredLabelIsNoIndex) {
  EXPECT_EQ(
      errorFor<int32_t>(manifestWith(kLookUp + "," + kLabels), {0, -100, 5, 1, 1, 2, 3, 4}),
      "function 'train': input 1 'tokens' holds -100 at [0, 1]; expected an index in [0, 10)");
}

TEST(IndexCheck, AScalar) {
  const std::string manifest =
      manifestWith(R"({"input": 1, "offset": 7, "shape": [], "strides": [], "limit": 3})");
  EXPECT_EQ(errorFor<int32_t>(manifest, {9, 9, 9, 9, 9, 9, 9, 2}), "");
  EXPECT_EQ(errorFor<int32_t>(manifest, {0, 0, 0, 0, 0, 0, 0, 3}),
            "function 'train': input 1 'tokens' holds 3 at [1, 3]; expected an index in [0, 3)");
}

std::string parseError(const std::string &check) {
  return testing::failureOf([&] { parseManifest(manifestWith(check).c_str()); });
}

TEST(IndexCheck, AHostileManifest) {
  const std::string at = "manifest: functions[0].index_checks[0]";
  EXPECT_EQ(parseError(R"({"input": 2})"),
            at + ".input: index 2 is out of range: the function has 2 inputs");
  EXPECT_EQ(parseError(R"({"input": 0})"),
            at + ".input: indices are i32 or i64, and input 'x' is f32");
  EXPECT_EQ(parseError(R"({"input": 1, "offset": 0, "shape": [2, 3], "strides": [1], "limit": 1})"),
            at + ": expected a stride for each of at most 16 dimensions, got 1 for 2");
  EXPECT_EQ(
      parseError(R"({"input": 1, "offset": 2, "shape": [2, 3], "strides": [4, 1], "limit": 1})"),
      at + ": reaches beyond the 8 elements of input 'tokens'");
  EXPECT_EQ(
      parseError(
          R"({"input": 1, "offset": 9223372036854775807, "shape": [2], "strides": [1], "limit": 1})"),
      at + ": reaches beyond the 8 elements of input 'tokens'");
}

} // namespace
} // namespace heddle::runtime
