#include "Safetensors.h"

#include "DType.h"
#include "Error.h"
#include "JsonReader.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace heddle::runtime {
namespace {

constexpr int kMaxDepth = 8;
constexpr size_t kMaxRead = size_t{1} << 30;
constexpr uint64_t kPrefix = 8;

SafetensorsEntry readEntry(const std::string &name, const JsonNode &node, uint64_t dataBytes) {
  SafetensorsEntry entry{.name = name, .dtype = HD_F32, .shape = {}, .offset = 0, .bytes = 0};
  const JsonNode dtype = node.field("dtype");
  const std::string dtypeName = dtype.string();
  auto known = dtypeFromSafetensorsName(dtypeName);
  if (!known)
    dtype.fail(fmt::format(
        "expected F32, F64, F16, BF16, I8, I32, I64 or BOOL, got '{}'; convert the file first",
        dtypeName));
  entry.dtype = *known;

  const JsonNode shape = node.field("shape");
  uint64_t bytes = hd_dtype_size(entry.dtype);
  bool overflow = false;
  for (const JsonNode &dimension : shape.items()) {
    entry.shape.push_back(dimension.integer(0));
    overflow |= __builtin_mul_overflow(bytes, static_cast<uint64_t>(entry.shape.back()), &bytes);
  }
  if (overflow)
    shape.fail(fmt::format("the size of shape {} overflows 64 bits", formatShape(entry.shape)));

  const JsonNode offsets = node.field("data_offsets");
  const auto pair = offsets.items();
  if (pair.size() != 2)
    offsets.fail(fmt::format("expected [begin, end], got {} numbers", pair.size()));
  const auto begin = static_cast<uint64_t>(pair[0].integer(0));
  const auto end = static_cast<uint64_t>(pair[1].integer(0));
  if (begin > end || end > dataBytes)
    offsets.fail(fmt::format(
        "expected begin <= end <= {}, the file's data bytes, got [{}, {}]; the file may be cut "
        "short",
        dataBytes, begin, end));
  if (end - begin != bytes)
    offsets.fail(fmt::format("shape {} of {} needs {} bytes, the offsets give {}",
                             formatShape(entry.shape), dtypeName, bytes, end - begin));
  entry.offset = begin;
  entry.bytes = bytes;
  return entry;
}

// Every byte belongs to one tensor: overlaps and holes are how a file is made to mean two things.
void checkTiling(const std::string &file, const std::vector<SafetensorsEntry> &entries,
                 uint64_t dataBytes) {
  uint64_t expected = 0;
  for (const SafetensorsEntry &entry : entries) {
    if (entry.offset != expected)
      fail(HD_FORMAT_ERROR, "{}: tensor '{}' begins at data byte {}, expected {}: {}", file,
           entry.name, entry.offset, expected,
           entry.offset < expected ? "it overlaps the tensor before it"
                                   : "there is a hole before it");
    expected += entry.bytes;
  }
  if (expected != dataBytes)
    fail(HD_FORMAT_ERROR, "{}: the tensors end at data byte {}, expected {}, the end of the file",
         file, expected, dataBytes);
}

} // namespace

SafetensorsFile::SafetensorsFile(const char *path) : name(path) {
  try {
    open();
  } catch (...) {
    if (descriptor >= 0)
      close(descriptor);
    throw;
  }
}

SafetensorsFile::~SafetensorsFile() { close(descriptor); }

void SafetensorsFile::open() {
  descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (descriptor < 0 || fstat(descriptor, &status) != 0)
    fail(HD_IO_ERROR, "{}: cannot open: {}", name, std::generic_category().message(errno));
  if (!S_ISREG(status.st_mode))
    fail(HD_IO_ERROR, "{}: cannot read: it is not a regular file", name);
  readHeader(static_cast<uint64_t>(status.st_size));
}

void SafetensorsFile::readHeader(uint64_t fileSize) {
  if (fileSize < kPrefix)
    fail(HD_FORMAT_ERROR,
         "{}: expected a safetensors file, got one of {} bytes, too short for its header length",
         name, fileSize);
  unsigned char prefix[kPrefix];
  readAt(0, prefix, sizeof prefix);
  uint64_t length = 0;
  for (size_t i = 0; i < kPrefix; ++i)
    length |= uint64_t{prefix[i]} << (8 * i);
  if (length > kMaxSafetensorsHeader)
    fail(HD_FORMAT_ERROR,
         "{}: the header length is {} bytes, expected at most {}; is it a safetensors file?", name,
         length, kMaxSafetensorsHeader);
  if (length > fileSize - kPrefix)
    fail(HD_FORMAT_ERROR,
         "{}: the header is {} bytes long, the file has {} after its length; the file is cut short",
         name, length, fileSize - kPrefix);
  std::string header(length, '\0');
  readAt(kPrefix, header.data(), header.size());
  if (header.empty() || header[0] != '{')
    fail(HD_FORMAT_ERROR, "{}: the header does not start with '{{'; is it a safetensors file?",
         name);

  const nlohmann::json document = parseJson(header, name, kMaxDepth);
  const uint64_t dataBytes = fileSize - kPrefix - length;
  for (const auto &[key, node] : JsonNode(document, name).members()) {
    if (key == "__metadata__") {
      for (const auto &[metadataKey, text] : node.members())
        texts.emplace_back(metadataKey, text.string());
      continue;
    }
    list.push_back(readEntry(key, node, dataBytes));
  }
  std::sort(list.begin(), list.end(), [](const SafetensorsEntry &x, const SafetensorsEntry &y) {
    return std::pair(x.offset, x.bytes) < std::pair(y.offset, y.bytes);
  });
  checkTiling(name, list, dataBytes);
  for (SafetensorsEntry &entry : list)
    entry.offset += kPrefix + length;
}

void SafetensorsFile::read(const SafetensorsEntry &entry, uint64_t from, void *target,
                           size_t size) const {
  readAt(entry.offset + from, target, size);
}

void SafetensorsFile::readAt(uint64_t offset, void *target, size_t size) const {
  char *next = static_cast<char *>(target);
  while (size > 0) {
    const ssize_t got =
        pread(descriptor, next, std::min(size, kMaxRead), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      fail(HD_IO_ERROR, "{}: cannot read: {}", name, std::generic_category().message(errno));
    if (got == 0)
      fail(HD_IO_ERROR,
           "{}: the file ended at byte {} while it was read; is another process writing it?", name,
           offset);
    next += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<size_t>(got);
  }
}

} // namespace heddle::runtime
