#include "ship.h"

#include "files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gpt {
namespace {

void run(const std::vector<std::string> &command) {
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  std::fflush(stdout);
  pid_t child = 0;
  if (const int error =
          posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ))
    throw std::runtime_error(fmt::format("cannot run {}: {}", command[0], std::strerror(error)));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error(fmt::format("this command failed: {}", fmt::join(command, " ")));
}

} // namespace

void ship(const Options &options) {
  const auto start = std::chrono::steady_clock::now();
  const std::filesystem::path &out = options.output;
  heddle::write_library(make_generator(options.model), out.string(), {.archive = false});
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("\nthe trained model as a C library, compiled in {:.1f} s: {} ({} KB), {}\n", seconds,
             (out / "libgpt.so").string(), std::filesystem::file_size(out / "libgpt.so") / 1024,
             (out / "gpt.h").string());

  write_file(out / "generate.c", read_file(HEDDLE_GPT_DIR "/generate.c"));
  const char *chosen = std::getenv("CC");
  const std::vector<std::string> build{chosen && *chosen ? chosen : "cc",
                                       "-std=c11",
                                       "-O2",
                                       "-o",
                                       (out / "generate").string(),
                                       (out / "generate.c").string(),
                                       "-I" + out.string(),
                                       "-L" + out.string(),
                                       "-lgpt",
                                       "-Wl,-rpath,$ORIGIN"};
  fmt::print("$ {}\n", fmt::join(build, " "));
  run(build);

  const std::vector<std::string> generate{(out / "generate").string(),
                                          "--length",
                                          std::to_string(options.length),
                                          "--temperature",
                                          "0.5",
                                          "--seed",
                                          std::to_string(options.seed),
                                          "--prompt",
                                          options.prompt};
  fmt::print("$ {} --length {} --temperature 0.5 --seed {} --prompt '{}'\n\n", generate[0],
             options.length, options.seed, options.prompt);
  run(generate);
}

} // namespace gpt
