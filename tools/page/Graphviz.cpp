#include "Graphviz.h"

#include <heddle/error.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

extern char **environ;

namespace heddle::page {
namespace {

namespace fs = std::filesystem;

constexpr double kInch = 72; // pixels here, points there

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "heddle-XXXXXX").string();
    if (!mkdtemp(name.data()))
      throw Error(
          fmt::format("cannot make a temporary folder '{}': {}", name, std::strerror(errno)));
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  fs::path path;
};

// Boxes are named by their numbers, and labels are only as long as the real ones, so nothing needs
// quoting.
std::string dot_text(const View &view) {
  std::string text = "digraph {\nnodesep=0.2; ranksep=0.3; nslimit=4; nslimit1=4;\n"
                     "node [shape=box, fixedsize=true, label=\"\"];\n"
                     "edge [fontname=Courier, fontsize=9, arrowsize=0.6];\n";
  for (std::size_t i = 0; i < view.boxes.size(); ++i)
    text += fmt::format("n{} [width={:.3f}, height={:.3f}];\n", i, view.boxes[i].width / kInch,
                        view.boxes[i].height / kInch);
  for (const Arrow &arrow : view.arrows)
    text += arrow.label.empty() ? fmt::format("n{} -> n{};\n", arrow.from, arrow.to)
                                : fmt::format("n{} -> n{} [label={:x<{}}];\n", arrow.from, arrow.to,
                                              "", arrow.label.size());
  return text + "}\n";
}

void run_dot(const fs::path &input, const fs::path &output) {
  // Of several graphs in a file, the option -o would get the first only.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::string name = "dot", format = "-Tplain";
  char *const arguments[] = {name.data(), format.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, "dot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error)
    throw Error(fmt::format("the graphs are laid out by Graphviz's program 'dot', which cannot be "
                            "run: {}; install graphviz",
                            std::strerror(error)));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Error("Graphviz's program 'dot' failed to lay out the graphs");
}

std::size_t number_of(const std::string &name, std::size_t limit) {
  const std::size_t number = name.size() > 1 ? std::stoul(name.substr(1)) : limit;
  if (number >= limit)
    throw Error(fmt::format("Graphviz's program 'dot' placed '{}', which it was not given", name));
  return number;
}

// https://graphviz.org/docs/outputs/plain; y grows upwards there.
void read_view(std::istream &plain, View &view) {
  std::string line, word;
  std::vector<std::vector<std::size_t>> arrows(view.boxes.size());
  for (std::size_t i = 0; i < view.arrows.size(); ++i)
    arrows[view.arrows[i].from].push_back(i);
  while (std::getline(plain, line)) {
    std::istringstream words(line);
    words >> word;
    if (word == "stop")
      return;
    if (word == "graph") {
      double scale = 1;
      words >> scale >> view.width >> view.height;
      view.width *= kInch;
      view.height *= kInch;
    } else if (word == "node") {
      words >> word;
      Box &box = view.boxes[number_of(word, view.boxes.size())];
      words >> box.x >> box.y;
      box.x *= kInch;
      box.y = view.height - box.y * kInch;
    } else if (word == "edge") {
      std::string from, to;
      std::size_t count = 0;
      words >> from >> to >> count;
      const std::size_t target = number_of(to, view.boxes.size());
      for (const std::size_t i : arrows[number_of(from, view.boxes.size())]) {
        Arrow &arrow = view.arrows[i];
        if (arrow.to != target)
          continue;
        double x = 0, y = 0;
        for (std::size_t point = 0; point < count && words >> x >> y; ++point)
          arrow.points.insert(arrow.points.end(), {x * kInch, view.height - y * kInch});
        if (!arrow.label.empty() && words >> word >> x >> y) {
          arrow.label_x = x * kInch;
          arrow.label_y = view.height - y * kInch;
        }
      }
    }
  }
  throw Error("Graphviz's program 'dot' wrote less than it was asked for");
}

} // namespace

void lay_out(const std::vector<View *> &views) {
  const TemporaryFolder folder;
  const fs::path input = folder.path / "views.dot", output = folder.path / "views.plain";
  {
    std::ofstream file(input);
    for (const View *view : views)
      file << dot_text(*view);
    file.close();
    if (!file)
      throw Error(fmt::format("cannot write '{}'; is the disk full?", input.string()));
  }
  run_dot(input, output);
  std::ifstream plain(output);
  for (View *view : views)
    read_view(plain, *view);
}

} // namespace heddle::page
