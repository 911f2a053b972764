//===- FreeMemory.h - what compiling leaves in memory ---------------------------===//
//
// It would count beside the memory of the model that runs now.
//
//===----------------------------------------------------------------------===//

#pragma once

namespace heddle::cpu {

/// Gives what the allocator keeps back to the system.
void returnFreeMemory();

/// Unmaps code and constants of LLVM and MLIR. They stay in the system's cache of their files and
/// are mapped again, page by page, where they are read next; so it is safe at any time. Where the
/// system does not say which pages are the files' (/proc/self/pagemap), nothing is unmapped.
void unmapCompiler();

} // namespace heddle::cpu
