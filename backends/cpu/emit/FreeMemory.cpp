#include "FreeMemory.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cstdint>

#ifdef __GLIBC__
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

using namespace llvm;

namespace heddle::cpu {

#ifdef __GLIBC__
namespace {

/// Of each page of this process, whether its memory is the file's (pagemap(5)). Only such pages are
/// given back: a debugger's breakpoint, say, is in one that was copied for it.
class PageMap {
public:
  PageMap() : file(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}
  ~PageMap() {
    if (file >= 0)
      close(file);
  }
  PageMap(const PageMap &) = delete;

  /// Unmaps those of the pages that lie within [begin, end) that are the file's. They stay in the
  /// system's cache of the file, and are mapped again where they are read next.
  void unmap(uintptr_t begin, uintptr_t end) const {
    constexpr uintptr_t kInMemory = 1ull << 63, kOfFile = 1ull << 61;
    uint64_t entries[512];
    for (uintptr_t first = alignTo(begin, page); first + page <= end;) {
      const size_t wanted = std::min<uintptr_t>(std::size(entries), (end - first) / page);
      const ssize_t got =
          pread(file, entries, wanted * sizeof(uint64_t), first / page * sizeof(uint64_t));
      const size_t count = got > 0 ? got / sizeof(uint64_t) : 0;
      if (count == 0)
        return; // no such file, or it may not be read here
      for (size_t i = 0, run; i < count; i += run + 1) {
        for (run = 0;
             i + run < count && (entries[i + run] & kInMemory) && (entries[i + run] & kOfFile);)
          ++run;
        if (run > 0)
          (void)madvise(reinterpret_cast<void *>(first + i * page), run * page, MADV_DONTNEED);
      }
      first += count * page;
    }
  }

private:
  int file;
  uintptr_t page = getpagesize();
};

int unmapIfCompiler(dl_phdr_info *library, size_t, void *pages) {
  const StringRef name = sys::path::filename(library->dlpi_name);
  if (!name.starts_with("libLLVM") && !name.starts_with("libMLIR"))
    return 0;
  for (const ElfW(Phdr) & segment : ArrayRef<ElfW(Phdr)>(library->dlpi_phdr, library->dlpi_phnum))
    if (const uintptr_t begin = library->dlpi_addr + segment.p_vaddr;
        segment.p_type == PT_LOAD && !(segment.p_flags & PF_W))
      static_cast<const PageMap *>(pages)->unmap(begin, begin + segment.p_memsz);
  return 0;
}

} // namespace
#endif

void returnFreeMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

void unmapCompiler() {
#ifdef __GLIBC__
  PageMap pages;
  dl_iterate_phdr(unmapIfCompiler, &pages);
#endif
}

} // namespace heddle::cpu
