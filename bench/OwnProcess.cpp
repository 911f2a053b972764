#include "OwnProcess.h"

#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace bench {
namespace {

[[noreturn]] void fail(const char *what) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

// Never returns, and leaves the parent's buffers and temporary files alone.
[[noreturn]] void be_the_child(const std::function<std::string()> &work, int to_parent) {
  std::string text;
  int status = 0;
  try {
    text = work();
  } catch (const std::exception &error) {
    text = error.what();
    status = 1;
  }
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t count = write(to_parent, rest.data(), rest.size());
    if (count < 0 && errno != EINTR)
      _exit(1);
    rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  _exit(status);
}

std::string read_all(int from_child) {
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const ssize_t count = read(from_child, piece.data(), piece.size());
    if (count > 0)
      text.append(piece.data(), static_cast<std::size_t>(count));
    else if (count == 0 || errno != EINTR)
      return text;
  }
}

} // namespace

Finished in_own_process(const std::function<std::string()> &work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    fail("cannot make a pipe");
  std::fflush(nullptr); // what is buffered is this process's to print
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    fail("cannot make a process");
  }
  if (child == 0) {
    close(ends[0]);
    be_the_child(work, ends[1]);
  }
  close(ends[1]);
  std::string text = read_all(ends[0]);
  close(ends[0]);

  int status = 0;
  rusage usage{};
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR)
      fail("cannot wait for a process");
  if (WIFSIGNALED(status))
    throw std::runtime_error(
        fmt::format("ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status))));
  if (WEXITSTATUS(status) != 0)
    throw std::runtime_error(text.empty() ? "ended without a word" : text);
  return {std::move(text), static_cast<std::size_t>(usage.ru_maxrss) * 1024}; // it is in KiB
}

} // namespace bench
