// One HTML page that shows what became of a model: graphs, memory, kernels, and the lines of the
// user's source that they come from. It needs nothing but a browser.
#pragma once

#include <heddle/inspect.h>

namespace heddle::page {

/// Launches of one kernel from one line: the layers of a model.
struct KernelRow {
  std::string kernel, where;
  std::vector<std::size_t> launches;
  double seconds = 0;       ///< of all of them
  double least_seconds = 0; ///< that the machine's limits allow
  double bytes = 0, ops = 0;
};

/// What a measurement told of a function.
struct KernelTimes {
  double limit_flops = 0, limit_bytes = 0; ///< of the machine, a second
  int calls = 0;                           ///< that the times are medians of
};

struct State {
  std::string name, role, type;
  std::int64_t bytes = 0;
};

struct PageFunction {
  InspectedFunction inspected; ///< without graphs, launches and buffers where only a manifest told
  std::string signature;
  std::vector<KernelRow> kernels;
  std::optional<KernelTimes> times;
};

struct Contents {
  std::string model, compiler, file;
  std::string source_folder = "."; ///< where to look for files that are not where they were
  bool has_graphs = false; ///< else the page says that only the manifest is known, and what to do
  std::vector<State> state;
  std::vector<PageFunction> functions;
};

/// Throws Error if the graphs cannot be laid out.
std::string make_page(const Contents &contents);

} // namespace heddle::page
