// Zeroed, aligned memory for tensors and the arena.
#pragma once

#include <cstddef>
#include <utility>

namespace heddle::runtime {

constexpr size_t kAlignment = 64; // a cache line, and the widest vector

class AlignedBuffer {
public:
  AlignedBuffer() = default;
  // Zeroed. Failure is HD_OUT_OF_MEMORY naming `what` and the size.
  AlignedBuffer(size_t bytes, const char *what);
  ~AlignedBuffer();
  AlignedBuffer(AlignedBuffer &&other) noexcept { swap(other); }
  AlignedBuffer &operator=(AlignedBuffer &&other) noexcept {
    swap(other);
    return *this;
  }

  // Null when empty.
  char *data() const { return aligned; }
  size_t size() const { return length; }

private:
  void swap(AlignedBuffer &other) noexcept {
    std::swap(aligned, other.aligned);
    std::swap(length, other.length);
    std::swap(mapping, other.mapping);
    std::swap(mappedLength, other.mappedLength);
  }

  char *aligned = nullptr;
  size_t length = 0;
  void *mapping = nullptr; // null when the memory is from the heap
  size_t mappedLength = 0;
};

// The next multiple of kAlignment; false on overflow.
bool alignUp(size_t bytes, size_t &result);

} // namespace heddle::runtime
