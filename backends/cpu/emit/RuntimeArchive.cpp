#include "RuntimeArchive.h"

#ifndef __ELF__
#error "the runtime is put into the compiler by directives of ELF assemblers"
#endif

asm(".pushsection .rodata\n"
    ".globl heddle_runtime_archive_begin, heddle_runtime_archive_end\n"
    ".hidden heddle_runtime_archive_begin, heddle_runtime_archive_end\n"
    ".balign 16\n"
    "heddle_runtime_archive_begin:\n"
    ".incbin \"" HEDDLE_RUNTIME_ARCHIVE "\"\n"
    "heddle_runtime_archive_end:\n"
    ".popsection\n");

extern "C" {
__attribute__((visibility("hidden"))) extern const char heddle_runtime_archive_begin[];
__attribute__((visibility("hidden"))) extern const char heddle_runtime_archive_end[];
}

llvm::StringRef heddle::cpu::runtimeArchive() {
  return {heddle_runtime_archive_begin,
          static_cast<size_t>(heddle_runtime_archive_end - heddle_runtime_archive_begin)};
}
