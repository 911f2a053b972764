#include "Error.h"

namespace heddle::runtime {
namespace {

// The literal is for failures in which no string can be made.
struct LastError {
  std::string text;
  const char *literal = "";
};

LastError &lastError() {
  static thread_local LastError error;
  return error;
}

} // namespace

hd_status reportFailure(Failure &&failure) noexcept {
  LastError &last = lastError();
  last.text = std::move(failure.message);
  last.literal = nullptr;
  return failure.status;
}

hd_status reportOutOfMemory() noexcept {
  lastError().literal = "out of memory; free some, or use a smaller model or batch";
  return HD_OUT_OF_MEMORY;
}

hd_status reportException(const char *what) noexcept {
  LastError &last = lastError();
  try {
    last.text =
        fmt::format("internal error: {}; please report it with the call that gave it", what);
    last.literal = nullptr;
  } catch (...) {
    last.literal = "internal error, and no memory to describe it";
  }
  return HD_INTERNAL_ERROR;
}

} // namespace heddle::runtime

const char *hd_error_message(void) {
  const auto &last = heddle::runtime::lastError();
  return last.literal ? last.literal : last.text.c_str();
}
