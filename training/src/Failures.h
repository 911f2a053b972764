// Errors of this library are about files and names, which they tell: they have no place in a
// source.
#pragma once

#include <heddle/data/error.h>
#include <heddle/error.h>

#include <fmt/format.h>

namespace heddle::training {

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args &&...args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

/// Calls `body`. An Error that names a line, which would be one of this library, loses it.
template <class Body> auto withoutPlace(Body body) {
  try {
    return body();
  } catch (const Error &error) {
    throw Error(error.message());
  } catch (const data::Error &error) {
    throw Error(error.what());
  }
}

} // namespace heddle::training
