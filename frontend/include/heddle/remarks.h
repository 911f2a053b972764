// What the compiler did with the model's ops, and what it did not and why, at the lines of the
// user's source.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace heddle {

/// One thing that a pass of the compiler has to say about a line.
struct Remark {
  enum class Kind {
    passed,   ///< an optimisation was made: ops became one kernel, state is written in place
    missed,   ///< one was not, and the message says why
    analysis, ///< what else explains the code that came out
  };
  Kind kind = Kind::passed;
  std::string file; ///< empty if the op has no line
  unsigned line = 0;
  std::string function; ///< of the model
  std::string pass;     ///< "heddle-fuse"; docs/reference describes them
  std::string name;     ///< of this sort of remark: "NotFused"
  std::string message;
  std::size_t count = 1; ///< how often it was said: layers that are made by one line
};

/// "model.cpp:42: missed: gelu does not share ... [heddle-fuse, train] (12 times)".
std::string to_string(const Remark &remark);

/// Asks a compile for remarks.
struct RemarkOptions {
  /// Is called once the model is compiled, with each remark, in the order of files and lines; null:
  /// none are made.
  std::function<void(const Remark &)> report = {};
  /// A regular expression: the passes to hear of, by part of their names ("fuse|plan"). Empty: all.
  std::string passes = {};
};

} // namespace heddle
