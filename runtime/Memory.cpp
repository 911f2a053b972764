#include "Memory.h"

#include "Error.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace heddle::runtime {
namespace {

// From this size on memory comes from mmap: its pages are zero until touched, and on huge pages a
// TLB entry covers 512 times as much.
constexpr size_t kHugePage = size_t{2} << 20;

[[noreturn]] void failOutOfMemory(size_t bytes, const char *what) {
  fail(HD_OUT_OF_MEMORY,
       "cannot allocate {} bytes for {}; free memory, or use a smaller model or batch", bytes,
       what);
}

} // namespace

bool alignUp(size_t bytes, size_t &result) {
  if (__builtin_add_overflow(bytes, kAlignment - 1, &result))
    return false;
  result &= ~(kAlignment - 1);
  return true;
}

AlignedBuffer::AlignedBuffer(size_t bytes, const char *what) {
  if (bytes == 0)
    return;
  size_t rounded = 0;
  if (!alignUp(bytes, rounded) || rounded > PTRDIFF_MAX - kHugePage)
    failOutOfMemory(bytes, what);
  if (rounded < kHugePage) {
    aligned = static_cast<char *>(std::aligned_alloc(kAlignment, rounded));
    if (!aligned)
      failOutOfMemory(bytes, what);
    std::memset(aligned, 0, rounded);
  } else {
    mappedLength = rounded + kHugePage;
    void *mapped =
        mmap(nullptr, mappedLength, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
      failOutOfMemory(bytes, what);
    mapping = mapped;
    const auto address = reinterpret_cast<uintptr_t>(mapped);
    aligned =
        static_cast<char *>(mapped) + (((address + kHugePage - 1) & ~(kHugePage - 1)) - address);
    // Only advice: without huge pages the memory works all the same.
    madvise(aligned, rounded, MADV_HUGEPAGE);
  }
  length = bytes;
}

AlignedBuffer::~AlignedBuffer() {
  if (mapping)
    munmap(mapping, mappedLength);
  else
    std::free(aligned);
}

} // namespace heddle::runtime
