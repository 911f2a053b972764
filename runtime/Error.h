// How failures travel inside the runtime: as one exception, turned into an hd_status at the C
// boundary.
#pragma once

#include "heddle/runtime.h"

#include <fmt/format.h>

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace heddle::runtime {

struct Failure {
  hd_status status;
  std::string message;
};

template <typename... Args>
[[noreturn]] void fail(hd_status status, fmt::format_string<Args...> format, Args &&...args) {
  throw Failure{status, fmt::format(format, std::forward<Args>(args)...)};
}

// Keeps the message for hd_error_message() on this thread and returns the status.
hd_status reportFailure(Failure &&failure) noexcept;
hd_status reportOutOfMemory() noexcept;
hd_status reportException(const char *what) noexcept;

// Every hd_ function that can fail is one call of this.
template <typename Body> hd_status guarded(Body &&body) noexcept {
  try {
    std::forward<Body>(body)();
    return HD_OK;
  } catch (Failure &failure) {
    return reportFailure(std::move(failure));
  } catch (const std::bad_alloc &) {
    return reportOutOfMemory();
  } catch (const std::exception &error) {
    return reportException(error.what());
  } catch (...) {
    return reportException("an exception of unknown type");
  }
}

} // namespace heddle::runtime
