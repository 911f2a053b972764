// Work in a process of its own: its memory is its own too, and no case leaves anything to the next.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace bench {

struct Finished {
  std::string text;       // what the work returned
  std::size_t peak_bytes; // most memory that the process held at one time
};

/// Runs `work` in a child and waits for it. Throws std::runtime_error with the message of what the
/// work threw, or the signal that ended it. The caller must have no other threads, nor OpenMP's,
/// since a child has only the one that calls.
Finished in_own_process(const std::function<std::string()> &work);

} // namespace bench
