// What the tests of the data library share.
#pragma once

#include "FolderTest.h"

#include <heddle/data.h>

#include <gtest/gtest.h>

#include <string>

namespace heddle::data::testing {

/// Runs `f`, which must throw Error, and gives its message.
template <class F> std::string messageOf(F f) {
  try {
    f();
  } catch (const Error &error) {
    return error.what();
  }
  return "no error";
}

using test::FolderTest;

} // namespace heddle::data::testing
