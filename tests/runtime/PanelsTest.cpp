// Tensors in panels: functions find them so, callers and files never do.
#include "Testing.h"

#include <cstring>
#include <numeric>

namespace heddle::runtime {
namespace {

using testing::makeModel;
using testing::readText;
using testing::TempDir;
using testing::tensorData;

// "read" gives w and v as they lie, "change" adds 100 to all of w, "idle" reads neither.
const std::string kManifest = R"({"format": 2, "model": "panels", "tensors": [
    {"name": "w", "role": "parameter", "dtype": "f32", "shape": [4, 3], "init": {"kind": "ones"},
     "panels": {"dimension": 0, "width": 2}},
    {"name": "v", "role": "optimizer", "dtype": "f32", "shape": [3, 4],
     "panels": {"dimension": 1, "width": 2}}],
  "functions": [
    {"name": "read", "inputs": [], "outputs": [{"name": "w", "dtype": "f32", "shape": [12]},
     {"name": "v", "dtype": "f32", "shape": [12]}], "state": [0, 1], "updates": [], "arena_bytes": 0,
     "contractions": []},
    {"name": "change", "inputs": [], "outputs": [], "state": [0], "updates": [0], "arena_bytes": 0,
     "contractions": []},
    {"name": "idle", "inputs": [], "outputs": [], "state": [], "arena_bytes": 0, "contractions": []}]})";

void read(hd_run *, void *const *buffers) {
  std::memcpy(buffers[0], buffers[2], 48);
  std::memcpy(buffers[1], buffers[3], 48);
}
void change(hd_run *, void *const *buffers) {
  for (int i = 0; i < 12; ++i)
    static_cast<float *>(buffers[0])[i] += 100;
}
void idle(hd_run *, void *const *) {}

const std::vector<hd_entry> kEntries = {read, change, idle};

using Values = std::vector<float>;

const Values kRows = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
// w [4, 3]: rows 0 and 1, then rows 2 and 3.
const Values kPanelsOfW = {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11};
// v [3, 4]: columns 0 and 1, then columns 2 and 3.
const Values kPanelsOfV = {0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11};

Values plus100(Values values) {
  for (float &value : values)
    value += 100;
  return values;
}

class PanelsTest : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(hd_model_initialize(model.get(), 0), HD_OK);
    write("w", kRows);
    write("v", kRows);
  }
  void write(const char *name, const Values &values) {
    EXPECT_EQ(hd_model_write_tensor(model.get(), name, values.data(), 48), HD_OK)
        << hd_error_message();
  }
  Values rows(const char *name) {
    Values values(12);
    EXPECT_EQ(hd_model_read_tensor(model.get(), name, values.data(), 48), HD_OK)
        << hd_error_message();
    return values;
  }
  void run(const char *function) {
    EXPECT_EQ(hd_model_run(model.get(), function, nullptr, 0, nullptr, 0), HD_OK)
        << hd_error_message();
  }
  /// What the function finds in memory: w, v.
  std::pair<Values, Values> found() {
    Values w(12), v(12);
    void *outputs[] = {w.data(), v.data()};
    EXPECT_EQ(hd_model_run(model.get(), "read", nullptr, 0, outputs, 2), HD_OK)
        << hd_error_message();
    return {w, v};
  }

  testing::ModelPtr model = makeModel(kManifest, kEntries);
};

TEST_F(PanelsTest, FunctionsFindPanelsAndCallersRows) {
  EXPECT_EQ(rows("w"), kRows);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(found(), std::pair(kPanelsOfW, kPanelsOfV));
    EXPECT_EQ(rows("w"), kRows);
    EXPECT_EQ(rows("v"), kRows);
  }
  run("idle");
  run("change");
  EXPECT_EQ(rows("w"), plus100(kRows));
  EXPECT_EQ(found(), std::pair(plus100(kPanelsOfW), kPanelsOfV));
}

TEST_F(PanelsTest, WritingAndInitialisingReplaceWhatLaySo) {
  run("change");
  write("w", kRows);
  EXPECT_EQ(rows("w"), kRows);
  EXPECT_EQ(found(), std::pair(kPanelsOfW, kPanelsOfV));
  ASSERT_EQ(hd_model_initialize(model.get(), 0), HD_OK);
  EXPECT_EQ(rows("w"), Values(12, 1));
  EXPECT_EQ(found(), std::pair(Values(12, 1), Values(12, 0)));
}

TEST_F(PanelsTest, FilesHaveRows) {
  const TempDir folder;
  const std::string before = folder.file("before"), after = folder.file("after");
  ASSERT_EQ(hd_model_save(model.get(), before.c_str(), HD_SAVE_CHECKPOINT), HD_OK);
  found();
  ASSERT_EQ(hd_model_save(model.get(), after.c_str(), HD_SAVE_CHECKPOINT), HD_OK);
  EXPECT_EQ(readText(before), readText(after));
  EXPECT_EQ(found(), std::pair(kPanelsOfW, kPanelsOfV));
  run("change");
  ASSERT_EQ(hd_model_load(model.get(), after.c_str()), HD_OK) << hd_error_message();
  EXPECT_EQ(rows("w"), kRows);
  EXPECT_EQ(found(), std::pair(kPanelsOfW, kPanelsOfV));
  // A file of parameters leaves the optimiser's state, in whatever order it lies.
  ASSERT_EQ(hd_model_save(model.get(), before.c_str(), HD_SAVE_PARAMETERS), HD_OK);
  write("w", Values(12, 0));
  found();
  ASSERT_EQ(hd_model_load(model.get(), before.c_str()), HD_OK) << hd_error_message();
  EXPECT_EQ(found(), std::pair(kPanelsOfW, kPanelsOfV));
}

TEST_F(PanelsTest, AnAddressIsOfRowsBeforeAndAfterEachCall) {
  found();
  const float *v = tensorData<float>(model, "v");
  float *w = tensorData<float>(model, "w");
  EXPECT_EQ(Values(w, w + 12), kRows);
  EXPECT_EQ(found(), std::pair(kPanelsOfW, kPanelsOfV));
  EXPECT_EQ(Values(w, w + 12), kRows);
  EXPECT_EQ(Values(v, v + 12), kRows);
  w[1] = 50;
  run("change");
  EXPECT_EQ(w[1], 150);
  EXPECT_EQ(w[2], 102);
  EXPECT_EQ(rows("w")[1], 150);
  EXPECT_EQ(found().first[2], 150); // row 0, column 1
}

// A matrix beyond a block of the copy, shared among threads.
TEST(LargePanels, AreReorderedWhole) {
  const std::string manifest = R"({"format": 2, "model": "large", "tensors": [
      {"name": "w", "role": "parameter", "dtype": "f32", "shape": [96, 131], "init": {"kind": "ones"},
       "panels": {"dimension": 0, "width": 32}}],
    "functions": [{"name": "read", "inputs": [], "outputs": [{"name": "y", "dtype": "f32",
     "shape": [12576]}], "state": [0], "arena_bytes": 0, "contractions": []}]})";
  const std::vector<hd_entry> entries = {
      [](hd_run *, void *const *buffers) { std::memcpy(buffers[0], buffers[1], 12576 * 4); }};
  const testing::ModelPtr model = makeModel(manifest, entries);
  Values values(12576);
  std::iota(values.begin(), values.end(), 0.0F);
  ASSERT_EQ(hd_model_write_tensor(model.get(), "w", values.data(), 12576 * 4), HD_OK);
  Values found(12576);
  void *outputs[] = {found.data()};
  ASSERT_EQ(hd_model_run(model.get(), "read", nullptr, 0, outputs, 1), HD_OK);
  for (int i = 0; i < 96; ++i)
    for (int j = 0; j < 131; ++j)
      ASSERT_EQ(found[static_cast<size_t>(i / 32 * 32 * 131 + j * 32 + i % 32)],
                static_cast<float>(i * 131 + j));
  Values back(12576);
  ASSERT_EQ(hd_model_read_tensor(model.get(), "w", back.data(), 12576 * 4), HD_OK);
  EXPECT_EQ(back, values);
}

} // namespace
} // namespace heddle::runtime
