#include "OwnProcess.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <stdexcept>

using namespace bench;

namespace {

std::string message_of(const std::function<std::string()> &work) {
  try {
    in_own_process(work);
  } catch (const std::runtime_error &error) {
    return error.what();
  }
  return "";
}

TEST(OwnProcess, ReturnsTheText) {
  EXPECT_EQ(in_own_process([] { return std::string("done"); }).text, "done");
  // More than a pipe holds at a time.
  EXPECT_EQ(in_own_process([] { return std::string(1 << 20, 'x'); }).text.size(), 1U << 20);
}

TEST(OwnProcess, PeakIsThatOfTheWorkAlone) {
  constexpr std::size_t size = 200 << 20;
  const auto large = in_own_process([] {
    const std::string block(size, 'x');
    return std::string(1, block[size / 2]);
  });
  const auto small = in_own_process([] { return std::string(); });
  EXPECT_GT(large.peak_bytes, size);
  EXPECT_LT(small.peak_bytes, size);
}

TEST(OwnProcess, PassesErrorsOn) {
  EXPECT_EQ(message_of([]() -> std::string { throw std::runtime_error("no luck"); }), "no luck");
  EXPECT_EQ(message_of([]() -> std::string { _exit(3); }), "ended without a word");
  const std::string killed = message_of([]() -> std::string {
    std::raise(SIGKILL);
    return "";
  });
  EXPECT_NE(killed.find("ended by signal 9"), std::string::npos) << killed;
}

} // namespace
