// hd_model_save and hd_model_load.
#include "DType.h"
#include "Safetensors.h"
#include "Testing.h"

#include <algorithm>

namespace heddle::runtime {
namespace {

using testing::makeModel;
using testing::TempDir;
using testing::tensorData;
using testing::tensorsManifest;

const std::string kManifest = tensorsManifest(R"(
    {"name": "w", "role": "parameter", "dtype": "f32", "shape": [2, 3], "init": {"kind": "normal", "mean": 0, "std": 1}},
    {"name": "mask", "role": "buffer", "dtype": "i1", "shape": [4], "init": {"kind": "ones"}},
    {"name": "m", "role": "optimizer", "dtype": "f32", "shape": [2, 3]},
    {"name": "rng", "role": "rng", "dtype": "i64", "shape": [2]},
    {"name": "step", "role": "step", "dtype": "i64", "shape": []})",
                                              "tiny");

std::vector<std::string> namesIn(const std::string &path) {
  const SafetensorsFile file(path.c_str());
  std::vector<std::string> names;
  for (const auto &entry : file.entries())
    names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

class Weights : public ::testing::Test {
protected:
  std::string loadError() {
    const std::vector<float> before(tensorData<float>(model, "w"),
                                    tensorData<float>(model, "w") + 6);
    EXPECT_EQ(hd_model_load(model.get(), path.c_str()), HD_FORMAT_ERROR);
    const std::string message = hd_error_message();
    EXPECT_EQ(before,
              std::vector<float>(tensorData<float>(model, "w"), tensorData<float>(model, "w") + 6))
        << "a failed load changed the model";
    EXPECT_EQ(message.substr(0, path.size() + 2), path + ": ");
    return message.substr(std::min(message.size(), path.size() + 2));
  }

  TempDir folder;
  std::string path = folder.file("w.safetensors");
  testing::ModelPtr model = makeModel(kManifest, {});
};

TEST_F(Weights, CheckpointResumesAndParametersDoNot) {
  ASSERT_EQ(hd_model_initialize(model.get(), 3), HD_OK);
  tensorData<float>(model, "m")[5] = 2.5F;
  *tensorData<int64_t>(model, "step") = 11;
  tensorData<int64_t>(model, "rng")[1] = 12;
  ASSERT_EQ(hd_model_save(model.get(), path.c_str(), HD_SAVE_CHECKPOINT), HD_OK)
      << hd_error_message();
  EXPECT_EQ(namesIn(path), (std::vector<std::string>{"m", "mask", "rng", "step", "w"}));
  auto other = makeModel(kManifest, {});
  ASSERT_EQ(hd_model_load(other.get(), path.c_str()), HD_OK) << hd_error_message();
  EXPECT_EQ(tensorData<float>(other, "w")[3], tensorData<float>(model, "w")[3]);
  EXPECT_EQ(tensorData<float>(other, "m")[5], 2.5F);
  EXPECT_EQ(*tensorData<int64_t>(other, "step"), 11);
  EXPECT_EQ(tensorData<int64_t>(other, "rng")[0], 3);
  EXPECT_EQ(tensorData<int64_t>(other, "rng")[1], 12);

  ASSERT_EQ(hd_model_save(model.get(), path.c_str(), HD_SAVE_PARAMETERS), HD_OK);
  EXPECT_EQ(namesIn(path), (std::vector<std::string>{"mask", "w"}));
  *tensorData<int64_t>(other, "step") = 1;
  ASSERT_EQ(hd_model_load(other.get(), path.c_str()), HD_OK);
  EXPECT_EQ(*tensorData<int64_t>(other, "step"), 1) << "what the file lacks stays";
}

TEST_F(Weights, FloatsAreConverted) {
  const double values[] = {1, -2.5, 0.1, 1e-3, 65504, 0};
  for (hd_dtype dtype : {HD_F64, HD_F16, HD_BF16}) {
    std::vector<char> bytes(6 * 8);
    for (int i = 0; i < 6; ++i)
      storeFloat(dtype, bytes.data(), i, values[i]);
    writeSafetensors(path.c_str(), {{"w", dtype, {2, 3}, bytes.data(), 6 * hd_dtype_size(dtype)}},
                     {});
    ASSERT_EQ(hd_model_load(model.get(), path.c_str()), HD_OK) << hd_error_message();
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(tensorData<float>(model, "w")[i],
                static_cast<float>(loadFloat(dtype, bytes.data(), i)));
  }
}

// More than one chunk of the reader.
TEST_F(Weights, LargeTensorsAreConvertedWhole) {
  const std::string manifest = tensorsManifest(
      R"({"name": "w", "role": "parameter", "dtype": "f32", "shape": [700001], "init": {"kind": "zeros"}})");
  auto large = makeModel(manifest, {});
  std::vector<double> values(700001);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i);
  writeSafetensors(path.c_str(), {{"w", HD_F64, {700001}, values.data(), values.size() * 8}}, {});
  ASSERT_EQ(hd_model_load(large.get(), path.c_str()), HD_OK) << hd_error_message();
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(tensorData<float>(large, "w")[i], static_cast<float>(i));
}

TEST_F(Weights, SaysWhatDoesNotFit) {
  const std::vector<char> zeros(256);
  auto file = [&](std::vector<TensorToSave> tensors) {
    writeSafetensors(path.c_str(), std::move(tensors), {});
  };
  file({{"w", HD_F32, {3, 2}, zeros.data(), 24}});
  EXPECT_EQ(loadError(), "tensor 'w' has shape [3, 2], the model expects [2, 3]; was the file "
                         "saved from another model?");
  file({{"w", HD_I32, {2, 3}, zeros.data(), 24}});
  EXPECT_EQ(
      loadError(),
      "tensor 'w' is i32, the model expects f32; only floating-point types are converted to each "
      "other");
  file({{"w", HD_F32, {2, 3}, zeros.data(), 24}, {"w.bias", HD_F32, {1}, zeros.data(), 4}});
  EXPECT_EQ(
      loadError(),
      "does not fit model 'tiny': tensors that the model does not have: 'w.bias'; was the file "
      "saved from another model?");
  file({{"v", HD_F32, {1}, zeros.data(), 4}});
  EXPECT_EQ(
      loadError(),
      "does not fit model 'tiny': parameters that the file does not have: 'w'; tensors that the "
      "model does not have: 'v'; was the file saved from another model?");
  std::vector<TensorToSave> many = {{"w", HD_F32, {2, 3}, zeros.data(), 24}};
  for (char c = 'a'; c <= 'l'; ++c)
    many.push_back({std::string("x") + c, HD_F32, {1}, zeros.data(), 4});
  file(many);
  EXPECT_EQ(loadError(),
            "does not fit model 'tiny': tensors that the model does not have: 'xa', 'xb', 'xc', "
            "'xd', 'xe', 'xf', "
            "'xg', 'xh', 'xi', 'xj' and 2 more; was the file saved from another model?");
  // 'w' itself is good and comes first in the file: it must not have been taken.
  const std::vector<float> ones(6, 1.0F);
  const char booleans[] = {0, 1, 2, 1};
  file({{"w", HD_F32, {2, 3}, ones.data(), 24}, {"mask", HD_I1, {4}, booleans, 4}});
  EXPECT_EQ(loadError(), "tensor 'mask': element 2 is 2, expected a boolean, 0 or 1");
}

TEST_F(Weights, NullArguments) {
  EXPECT_EQ(hd_model_load(nullptr, "x"), HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(), "hd_model_load: 'model' is null");
  EXPECT_EQ(hd_model_save(model.get(), nullptr, HD_SAVE_PARAMETERS), HD_INVALID_ARGUMENT);
  EXPECT_STREQ(hd_error_message(), "hd_model_save: 'path' is null");
  EXPECT_EQ(hd_model_load(model.get(), "/nonexistent/w"), HD_IO_ERROR);
  EXPECT_STREQ(hd_error_message(), "/nonexistent/w: cannot open: No such file or directory");
}

} // namespace
} // namespace heddle::runtime
