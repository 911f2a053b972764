// A model's life: create, ask, run.
#include "Testing.h"

#include <omp.h>

#include <cstring>
#include <thread>

namespace heddle::runtime {
namespace {

using testing::makeModel;
using testing::tensorData;

// Two functions over one weight: "apply" is y = x . w + bias, "bump" adds `amount` to w and returns
// the old w[0].
const std::string kManifest = R"({"format": 2, "model": "tiny", "tensors": [
    {"name": "w", "role": "parameter", "dtype": "f32", "shape": [3, 2], "init": {"kind": "ones"}},
    {"name": "bias", "role": "parameter", "dtype": "f32", "shape": [2], "init": {"kind": "constant", "value": 0.5}}],
  "functions": [
    {"name": "apply", "inputs": [{"name": "x", "dtype": "f32", "shape": [4, 3]}],
     "outputs": [{"name": "y", "dtype": "f32", "shape": [4, 2]}, {"name": "arena_used", "dtype": "i1", "shape": []}],
     "state": [0, 1], "arena_bytes": 100,
     "contractions": [{"m": 4, "n": 2, "k": 3, "batch": [], "bias": true, "dtype": "f32",
       "a": {"batch_strides": [], "row": 3, "col": 1}, "b": {"batch_strides": [], "row": 2, "col": 1},
       "c": {"batch_strides": [], "row": 2, "col": 1}}]},
    {"name": "bump", "inputs": [{"name": "amount", "dtype": "f32", "shape": []}], "outputs": [], "state": [0],
     "arena_bytes": 5000000, "contractions": [],
     "launches": [{"kernel": "add", "where": "m.cpp:3", "bytes": 28, "ops": 6}]},
    {"name": "broken", "inputs": [], "outputs": [], "state": [], "arena_bytes": 0, "contractions": []}]})";

void apply(hd_run *run, void *const *buffers) {
  hd_contract(run, 0, buffers[0], buffers[3], buffers[4], buffers[1]);
  std::memset(buffers[5], 7, 100);
  *static_cast<char *>(buffers[2]) = reinterpret_cast<uintptr_t>(buffers[5]) % 64 == 0;
}

void addTask(void *const *args, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<float *>(args[1])[i] += *static_cast<const float *>(args[0]);
}

void bump(hd_run *run, void *const *buffers) { hd_parallel_for(run, addTask, buffers, 6, 1, 1); }

void broken(hd_run *run, void *const *) {
  hd_contract(run, 5, nullptr, nullptr, nullptr, nullptr);
  hd_contract(run, 6, nullptr, nullptr, nullptr, nullptr);
}

const std::vector<hd_entry> kEntries = {apply, bump, broken};

class ModelTest : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(hd_model_initialize(model.get(), 0), HD_OK); }

  std::string runError(const char *name, const void *const *inputs, size_t inputCount,
                       void *const *outputs, size_t outputCount,
                       hd_status status = HD_INVALID_ARGUMENT) {
    EXPECT_EQ(hd_model_run(model.get(), name, inputs, inputCount, outputs, outputCount), status);
    return hd_error_message();
  }

  testing::ModelPtr model = makeModel(kManifest, kEntries);
  float x[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  float y[8] = {};
  bool aligned = false;
};

TEST_F(ModelTest, RunsByNameAndByIndex) {
  const void *inputs[] = {x};
  void *outputs[] = {y, &aligned};
  ASSERT_EQ(hd_model_run(model.get(), "apply", inputs, 1, outputs, 2), HD_OK) << hd_error_message();
  EXPECT_EQ(y[0], 6.5F);
  EXPECT_EQ(y[7], 33.5F);
  EXPECT_TRUE(aligned);

  const float amount = 1;
  const void *bumpInputs[] = {&amount};
  ASSERT_EQ(hd_model_run_index(model.get(), 1, bumpInputs, 1, nullptr, 0), HD_OK)
      << hd_error_message();
  EXPECT_EQ(tensorData<float>(model, "w")[5], 2);
  ASSERT_EQ(hd_model_run_index(model.get(), 0, inputs, 1, outputs, 2), HD_OK);
  EXPECT_EQ(y[0], 12.5F);
}

TEST_F(ModelTest, ProfileTimesEveryLaunch) {
  const float amount = 1;
  const void *inputs[] = {&amount};
  double seconds = -1;
  ASSERT_EQ(hd_model_profile(model.get(), 1, inputs, 1, nullptr, 0, &seconds, 1), HD_OK)
      << hd_error_message();
  EXPECT_GE(seconds, 0);
  EXPECT_EQ(tensorData<float>(model, "w")[0], 2);

  EXPECT_EQ(hd_model_profile(model.get(), 1, inputs, 1, nullptr, 0, &seconds, 2),
            HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(), "function 'bump' has 1 launches; 'seconds' has room for 2");
  EXPECT_EQ(hd_model_profile(model.get(), 1, inputs, 1, nullptr, 0, nullptr, 1),
            HD_INVALID_ARGUMENT);
  EXPECT_EQ(hd_model_profile(model.get(), 9, inputs, 1, nullptr, 0, &seconds, 1),
            HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(),
               "hd_model_profile: function 9 is out of range: model 'tiny' has 3");
  EXPECT_EQ(hd_model_profile(model.get(), 0, inputs, 1, nullptr, 0, &seconds, 1),
            HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(),
               "function 'apply' has no launches in its manifest; libraries are compiled without, "
               "compile the model in process");
}

TEST_F(ModelTest, DroppedOutputs) {
  const void *inputs[] = {x};
  void *outputs[] = {nullptr, nullptr};
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(hd_model_run(model.get(), "apply", inputs, 1, outputs, 2), HD_OK)
        << hd_error_message();
}

TEST_F(ModelTest, RunsOnAnyThreadWithItsOwnThreadCount) {
  std::thread([&] {
    omp_set_num_threads(5);
    const void *inputs[] = {x};
    void *outputs[] = {y, &aligned};
    EXPECT_EQ(hd_model_run(model.get(), "apply", inputs, 1, outputs, 2), HD_OK)
        << hd_error_message();
    EXPECT_EQ(omp_get_max_threads(), 5);
  }).join();
  EXPECT_EQ(y[0], 6.5F);
}

TEST_F(ModelTest, SaysWhichArgumentIsWrong) {
  const void *inputs[] = {nullptr, nullptr};
  void *outputs[] = {y, &aligned};
  EXPECT_EQ(runError("apply", inputs, 2, outputs, 2),
            "function 'apply' expects 1 input (x), got 2");
  EXPECT_EQ(runError("apply", inputs, 1, outputs, 2),
            "function 'apply': input 0 'x' is null; pass a dense f32 array of shape [4, 3]");
  EXPECT_EQ(runError("apply", nullptr, 1, outputs, 2),
            "function 'apply': 'inputs' is null; pass an array of 1 pointers");
  inputs[0] = x;
  EXPECT_EQ(runError("apply", inputs, 1, outputs, 0),
            "function 'apply' expects 2 outputs (y, arena_used), got 0");
  EXPECT_EQ(runError("aply", inputs, 1, outputs, 2),
            "model 'tiny' has no function 'aply'; it has 'apply', 'bump', 'broken'");
  EXPECT_EQ(hd_model_run_index(model.get(), 3, inputs, 1, outputs, 2), HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(),
               "hd_model_run_index: function 3 is out of range: model 'tiny' has 3");
}

TEST_F(ModelTest, AFailedContractionFailsTheRun) {
  EXPECT_EQ(runError("broken", nullptr, 0, nullptr, 0, HD_INTERNAL_ERROR),
            "function 'broken': contraction 5 (no such) failed: the manifest has no contraction of "
            "this index; "
            "outputs and state are not to be trusted");
}

TEST_F(ModelTest, AnswersQuestions) {
  EXPECT_STREQ(hd_model_name(model.get()), "tiny");
  EXPECT_EQ(hd_model_manifest(model.get()), kManifest.c_str());
  EXPECT_EQ(hd_model_tensor_count(model.get()), 2U);
  EXPECT_EQ(hd_model_function_count(model.get()), 3U);
  EXPECT_STREQ(hd_model_function_name(model.get(), 1), "bump");
  EXPECT_EQ(hd_model_function_name(model.get(), 9), nullptr);
  EXPECT_EQ(hd_model_input_count(model.get(), 0), 1U);
  EXPECT_EQ(hd_model_output_count(model.get(), 0), 2U);
  EXPECT_EQ(hd_model_arena_bytes(model.get()), 5000000U);
  hd_tensor_info info{};
  info.size = sizeof info;
  ASSERT_EQ(hd_model_input(model.get(), 0, 0, &info), HD_OK);
  EXPECT_STREQ(info.name, "x");
  EXPECT_EQ(info.rank, 2U);
  EXPECT_EQ(info.shape[1], 3);
  EXPECT_EQ(info.bytes, 48U);
  ASSERT_EQ(hd_model_output(model.get(), 0, 1, &info), HD_OK);
  EXPECT_EQ(info.dtype, HD_I1);
  EXPECT_EQ(hd_model_output(model.get(), 0, 2, &info), HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(),
               "hd_model_output: index 2 is out of range: function 'apply' has 2");
  void *data = nullptr;
  ASSERT_EQ(hd_model_tensor(model.get(), 1, &info, &data), HD_OK);
  EXPECT_STREQ(info.name, "bias");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 64, 0U);
  EXPECT_EQ(hd_model_find_tensor(model.get(), "v", &info, &data), HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(), "model 'tiny' has no tensor 'v'; it has 'w', 'bias'");
  info.size = 0;
  EXPECT_EQ(hd_model_tensor(model.get(), 0, &info, nullptr), HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(),
               "hd_model_tensor: 'info->size' is 0, expected 48; set it to sizeof(hd_tensor_info)");
}

TEST_F(ModelTest, TwoModelsAreSeparate) {
  auto other = makeModel(kManifest, kEntries);
  tensorData<float>(other, "w")[0] = 99;
  EXPECT_EQ(tensorData<float>(model, "w")[0], 1);
}

std::string createError(hd_program program, hd_status expected) {
  hd_model *model = reinterpret_cast<hd_model *>(1);
  EXPECT_EQ(hd_model_create(&program, &model), expected);
  EXPECT_EQ(model, nullptr);
  return hd_error_message();
}

TEST(ModelCreate, SaysWhatIsWrong) {
  const hd_program good = testing::programOf(kManifest, kEntries);
  EXPECT_EQ(hd_model_create(&good, nullptr), HD_INVALID_ARGUMENT);
  hd_program program = good;
  program.size = 0;
  EXPECT_EQ(createError(program, HD_INVALID_ARGUMENT),
            "hd_model_create: 'program->size' is 0, expected 48; set it to sizeof(hd_program)");
  program = good;
  program.entry_count = 2;
  EXPECT_EQ(createError(program, HD_INVALID_ARGUMENT),
            "hd_model_create: the manifest has 3 functions, 'program->entry_count' is 2");
  const hd_entry holes[] = {apply, nullptr, broken};
  program = good;
  program.entries = holes;
  EXPECT_EQ(createError(program, HD_INVALID_ARGUMENT),
            "hd_model_create: the entry of function 'bump' is null");
  program = good;
  program.manifest = "{}";
  EXPECT_EQ(createError(program, HD_FORMAT_ERROR), "manifest: expected a key 'format', found none");
}

TEST(ModelCreate, TooLargeIsOutOfMemory) {
  const std::string manifest = testing::tensorsManifest(
      R"({"name": "w", "role": "buffer", "dtype": "f32", "shape": [1152921504606846976]})");
  EXPECT_EQ(createError(testing::programOf(manifest), HD_OUT_OF_MEMORY),
            "cannot allocate 4611686018427387904 bytes for the model's parameters and state; free "
            "memory, or use a "
            "smaller model or batch");
  const std::string two = testing::tensorsManifest(
      R"({"name": "v", "role": "buffer", "dtype": "i8", "shape": [9223372036854775807]},
         {"name": "w", "role": "buffer", "dtype": "i8", "shape": [9223372036854775807]},
         {"name": "x", "role": "buffer", "dtype": "i8", "shape": [9223372036854775807]})");
  EXPECT_EQ(createError(testing::programOf(two), HD_FORMAT_ERROR),
            "manifest: tensors: their sizes together overflow 64 bits");
}

TEST(ErrorMessage, IsPerThread) {
  hd_model_load(nullptr, "x");
  std::thread([] { EXPECT_STREQ(hd_error_message(), ""); }).join();
  EXPECT_STRNE(hd_error_message(), "");
}

} // namespace
} // namespace heddle::runtime
