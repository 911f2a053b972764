// Shared by the runtime's tests: temporary folders, models from a manifest, and failures as text.
#pragma once

#include "Error.h"

#include "heddle/runtime.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace heddle::runtime::testing {

class TempDir {
public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "heddle-test-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  ~TempDir() { std::filesystem::remove_all(folder); }
  std::string file(const std::string &name) const { return folder + "/" + name; }
  // Names in the folder.
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
    return names;
  }

private:
  std::string folder;
};

inline std::string readText(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void writeText(const std::string &path, const std::string &text) {
  std::ofstream(path, std::ios::binary) << text;
}

// The message that `body` fails with, "" if it does not.
template <typename Body> std::string failureOf(Body &&body, hd_status expected = HD_FORMAT_ERROR) {
  try {
    body();
  } catch (const Failure &failure) {
    EXPECT_EQ(failure.status, expected);
    return failure.message;
  }
  return "";
}

struct Destroy {
  void operator()(hd_model *model) const { hd_model_destroy(model); }
};
using ModelPtr = std::unique_ptr<hd_model, Destroy>;

// `manifest`, `entries` and `packers` must outlive it.
inline hd_program programOf(const std::string &manifest, const std::vector<hd_entry> &entries = {},
                            const std::vector<hd_packer> &packers = {}) {
  return {sizeof(hd_program), manifest.c_str(), entries.data(),
          entries.size(),     packers.data(),   packers.size()};
}

// `manifest`, `entries` and `packers` must outlive the model.
inline ModelPtr makeModel(const std::string &manifest, const std::vector<hd_entry> &entries,
                          const std::vector<hd_packer> &packers = {}) {
  const hd_program program = programOf(manifest, entries, packers);
  hd_model *model = nullptr;
  EXPECT_EQ(hd_model_create(&program, &model), HD_OK) << hd_error_message();
  return ModelPtr(model);
}

// A model of tensors only; `tensors` is the manifest's list.
inline std::string tensorsManifest(const std::string &tensors, const std::string &name = "test") {
  return R"({"format": 2, "model": ")" + name + R"(", "compiler": "heddle test", "tensors": [)" +
         tensors + R"(], "functions": []})";
}

template <typename T> T *tensorData(const ModelPtr &model, const char *name) {
  void *data = nullptr;
  EXPECT_EQ(hd_model_find_tensor(model.get(), name, nullptr, &data), HD_OK) << hd_error_message();
  return static_cast<T *>(data);
}

} // namespace heddle::runtime::testing
