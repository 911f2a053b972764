#include "heddle/error.h"

#include <fmt/format.h>

namespace heddle {

Error::Error(const std::string &file, unsigned line, const std::string &message)
    : std::runtime_error(fmt::format("{}:{}: {}", file, line, message)), file_(file),
      message_(message), line_(line) {}

Error::Error(std::source_location where, const std::string &message)
    : Error(where.file_name(), where.line(), message) {}

Error::Error(const std::string &message) : std::runtime_error(message), message_(message) {}

} // namespace heddle
