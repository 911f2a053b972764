// The safetensors format: 8 bytes of little-endian header length, a JSON header, then the tensors'
// bytes. https://github.com/huggingface/safetensors (README, "Format")
#pragma once

#include "heddle/runtime.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heddle::runtime {

// What the reference implementation allows; a larger one is an attack or not this format.
constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// The texts by name that a file has beside its tensors.
using SafetensorsMetadata = std::vector<std::pair<std::string, std::string>>;

struct SafetensorsEntry {
  std::string name;
  hd_dtype dtype;
  std::vector<int64_t> shape;
  uint64_t offset; // in the file
  uint64_t bytes;
};

// An open file whose header has been checked in full. Errors are HD_FORMAT_ERROR (or HD_IO_ERROR)
// that name the file and the tensor. Read with read(2), not mapped: a file cut short under a
// mapping would kill the process.
class SafetensorsFile {
public:
  explicit SafetensorsFile(const char *path);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile &) = delete;
  SafetensorsFile &operator=(const SafetensorsFile &) = delete;

  const std::vector<SafetensorsEntry> &entries() const { return list; } // by offset
  const SafetensorsMetadata &metadata() const { return texts; }
  const std::string &path() const { return name; }
  // `size` bytes of the tensor from byte `from` on.
  void read(const SafetensorsEntry &entry, uint64_t from, void *target, size_t size) const;

private:
  void open();
  void readHeader(uint64_t fileSize);
  void readAt(uint64_t offset, void *target, size_t size) const;

  std::string name;
  int descriptor = -1;
  std::vector<SafetensorsEntry> list;
  SafetensorsMetadata texts;
};

struct TensorToSave {
  std::string name;
  hd_dtype dtype;
  std::vector<int64_t> shape;
  const void *data;
  size_t bytes;
};

// Whole or not at all (AtomicFile).
void writeSafetensors(const char *path, std::vector<TensorToSave> tensors,
                      const SafetensorsMetadata &metadata);

} // namespace heddle::runtime
