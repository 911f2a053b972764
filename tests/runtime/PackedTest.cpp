// Packed tensors are made when they are needed, and only then; none is ever out of date.
#include "Testing.h"

#include <cstring>

namespace heddle::runtime {
namespace {

using testing::makeModel;
using testing::TempDir;
using testing::tensorData;

// "read" gives the packed form of w, which is w in reverse; "change" adds 1 to w, "idle" changes
// another tensor.
const std::string kManifest = R"({"format": 2, "model": "packed", "tensors": [
    {"name": "w", "role": "parameter", "dtype": "f32", "shape": [3], "init": {"kind": "ones"}},
    {"name": "count", "role": "buffer", "dtype": "f32", "shape": [3]},
    {"name": "flags", "role": "buffer", "dtype": "i1", "shape": [3]}],
  "packed": [{"tensor": 0, "bytes": 12}],
  "functions": [
    {"name": "read", "inputs": [], "outputs": [{"name": "y", "dtype": "f32", "shape": [3]}], "state": [0],
     "updates": [], "packed": [0], "arena_bytes": 64, "contractions": []},
    {"name": "change", "inputs": [], "outputs": [], "state": [0], "updates": [0], "arena_bytes": 0,
     "contractions": []},
    {"name": "idle", "inputs": [], "outputs": [], "state": [1], "updates": [1], "arena_bytes": 0,
     "contractions": []}]})";

void read(hd_run *, void *const *buffers) {
  std::memcpy(buffers[0], buffers[2], 12);
  std::memset(buffers[3], 1, 64); // the arena is still the last
}

void change(hd_run *, void *const *buffers) {
  for (int i = 0; i < 3; ++i)
    static_cast<float *>(buffers[0])[i] += 1;
}

int packings = 0;

void reverse(hd_run *run, const void *tensor, void *packed) {
  ++packings;
  void *args[] = {const_cast<void *>(tensor), packed};
  hd_parallel_for(
      run,
      [](void *const *pointers, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          static_cast<float *>(pointers[1])[2 - i] = static_cast<const float *>(pointers[0])[i];
      },
      args, 3, 1, 1);
}

const std::vector<hd_entry> kEntries = {read, change, change};
const std::vector<hd_packer> kPackers = {reverse};

class PackedTest : public ::testing::Test {
protected:
  void SetUp() override {
    packings = 0;
    ASSERT_EQ(hd_model_initialize(model.get(), 0), HD_OK);
  }
  void run(const char *function) {
    EXPECT_EQ(hd_model_run(model.get(), function, nullptr, 0, nullptr, 0), HD_OK)
        << hd_error_message();
  }
  void write(std::vector<float> values) {
    EXPECT_EQ(hd_model_write_tensor(model.get(), "w", values.data(), 12), HD_OK)
        << hd_error_message();
  }
  std::vector<float> packed() {
    std::vector<float> values(3);
    void *outputs[] = {values.data()};
    EXPECT_EQ(hd_model_run(model.get(), "read", nullptr, 0, outputs, 1), HD_OK)
        << hd_error_message();
    return values;
  }

  testing::ModelPtr model = makeModel(kManifest, kEntries, kPackers);
};

using Values = std::vector<float>;

TEST_F(PackedTest, IsMadeOnceForManyCalls) {
  EXPECT_EQ(packings, 0);
  write({1, 2, 3});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(packed(), (Values{3, 2, 1}));
  run("idle");
  EXPECT_EQ(packed(), (Values{3, 2, 1}));
  float values[3];
  ASSERT_EQ(hd_model_read_tensor(model.get(), "w", values, 12), HD_OK);
  EXPECT_EQ(values[2], 3);
  EXPECT_EQ(packed(), (Values{3, 2, 1}));
  EXPECT_EQ(packings, 1);
}

TEST_F(PackedTest, IsMadeAnewAfterEveryKindOfChange) {
  EXPECT_EQ(packed(), (Values{1, 1, 1}));
  write({1, 2, 3});
  EXPECT_EQ(packed(), (Values{3, 2, 1}));
  run("change");
  run("change");
  EXPECT_EQ(packed(), (Values{5, 4, 3}));
  EXPECT_EQ(packings, 3);
  const TempDir folder;
  const std::string file = folder.file("w.safetensors");
  ASSERT_EQ(hd_model_save(model.get(), file.c_str(), HD_SAVE_PARAMETERS), HD_OK);
  ASSERT_EQ(hd_model_initialize(model.get(), 0), HD_OK);
  EXPECT_EQ(packed(), (Values{1, 1, 1}));
  ASSERT_EQ(hd_model_load(model.get(), file.c_str()), HD_OK) << hd_error_message();
  EXPECT_EQ(packed(), (Values{5, 4, 3}));
  EXPECT_EQ(packings, 5);
}

TEST_F(PackedTest, IsMadeInEachCallOnceACallerKnowsWhereItsTensorLies) {
  EXPECT_EQ(packed(), (Values{1, 1, 1}));
  tensorData<float>(model, "count");
  packed();
  EXPECT_EQ(packings, 1);
  float *w = tensorData<float>(model, "w");
  for (float value : {4.0F, 5.0F}) {
    w[0] = value;
    EXPECT_EQ(packed(), (Values{1, 1, value}));
  }
  EXPECT_EQ(packings, 3);
}

TEST_F(PackedTest, ReadAndWriteSayWhatIsWrong) {
  float values[3] = {};
  auto error = [&](hd_status status) {
    EXPECT_EQ(status, HD_INVALID_ARGUMENT);
    return std::string(hd_error_message());
  };
  EXPECT_EQ(error(hd_model_read_tensor(model.get(), "w", values, 8)),
            "hd_model_read_tensor: 'bytes' is 8, tensor 'w', f32 [3], has 12");
  EXPECT_EQ(error(hd_model_write_tensor(model.get(), "w", nullptr, 12)),
            "hd_model_write_tensor: the array for tensor 'w' is null; pass 12 bytes");
  EXPECT_EQ(error(hd_model_write_tensor(model.get(), "v", values, 12)),
            "model 'packed' has no tensor 'v'; it has 'w', 'count', 'flags'");
  const char flags[3] = {1, 0, 7};
  EXPECT_EQ(error(hd_model_write_tensor(model.get(), "flags", flags, 3)),
            "hd_model_write_tensor: element 2 of tensor 'flags' is 7, expected a boolean, 0 or 1");
  EXPECT_EQ(error(hd_model_read_tensor(model.get(), nullptr, values, 12)),
            "hd_model_read_tensor: 'name' is null; pass a tensor's name");
  EXPECT_EQ(error(hd_model_write_tensor(nullptr, "w", values, 12)),
            "hd_model_write_tensor: 'model' is null");
  EXPECT_EQ(packed(), (Values{1, 1, 1}));
}

TEST(Packed, ProgramsMustHaveTheirPackers) {
  auto error = [](const std::vector<hd_packer> &packers) {
    const hd_program program = testing::programOf(kManifest, kEntries, packers);
    hd_model *model = nullptr;
    EXPECT_EQ(hd_model_create(&program, &model), HD_INVALID_ARGUMENT);
    return std::string(hd_error_message());
  };
  EXPECT_EQ(error({}),
            "hd_model_create: the manifest has 1 packed tensors, 'program->packer_count' is 0");
  EXPECT_EQ(error({nullptr}), "hd_model_create: packer 0 is null");
}

} // namespace
} // namespace heddle::runtime
