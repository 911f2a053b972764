// The one exception type of Heddle.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace heddle {

/// What went wrong, where in the user's source, what was expected and what to do about it:
/// `model.cpp:42: linear 'fc2' expects 512 features in the last dimension, got 784 (input [64,
/// 784]); ...`. Thrown by the DSL while a model is described, by compile(), and by Executable.
class Error : public std::runtime_error {
public:
  /// `what()` is "<file>:<line>: <message>".
  Error(std::source_location where, const std::string &message);
  /// `what()` is the message alone: the error has no place in the user's source.
  explicit Error(const std::string &message);
  Error(const std::string &file, unsigned line, const std::string &message);

  /// The user's source file; empty when the error has no place in it.
  const std::string &file() const { return file_; }
  /// The line in file(), from 1; 0 when the error has no place in the source.
  unsigned line() const { return line_; }
  /// The message without the "<file>:<line>: " before it.
  const std::string &message() const { return message_; }

private:
  std::string file_, message_;
  unsigned line_ = 0;
};

} // namespace heddle
