// heddle run: one call of a function.
#include "Inputs.h"

#include <heddle/safetensors.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

namespace heddle::cli {
namespace {

constexpr std::int64_t kShown = 8; // elements of a result, at its start

std::string shown_values(const HostArray &array) {
  std::string text;
  for (std::int64_t i = 0; i < std::min(array.size(), kShown); ++i)
    text += fmt::format("{}{:.7g}", i ? ", " : "", array[i]);
  return text + (array.size() > kShown ? ", ..." : "");
}

} // namespace

ReadyModel make_ready(const ModelSource &source) {
  const Model model = Model::read_mlir(source.file);
  const std::vector<std::string> functions = model.functions();
  std::string function = source.function;
  if (function.empty()) {
    if (functions.size() != 1)
      throw Error(fmt::format("model '{}' has {} functions ({}); choose one with --function",
                              model.name(), functions.size(), fmt::join(functions, ", ")));
    function = functions.front();
  } else if (std::ranges::find(functions, function) == functions.end()) {
    throw Error(fmt::format("model '{}' has no function '{}'; it has {}", model.name(), function,
                            fmt::join(functions, ", ")));
  }
  CompileOptions options = source.options;
  if (options.remarks.report) // of the other functions, nobody asked
    options.remarks.report = [&](const Remark &remark) {
      if (remark.function == function)
        source.options.remarks.report(remark);
    };
  const auto start = std::chrono::steady_clock::now();
  Executable executable = compile(model, options);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  executable.initialize(source.seed);
  if (!source.weights.empty())
    executable.load(source.weights);
  return {std::move(executable), function, taken.count()};
}

void run(const ModelSource &source, const RunOptions &options) {
  ReadyModel model = make_ready(source);
  const std::vector<HostArray> inputs = make_inputs(model, options, source.seed);
  const std::vector<Argument> arguments(inputs.begin(), inputs.end());
  const Outputs outputs = model.executable.call(model.function, arguments);

  const std::vector<TensorInfo> infos = model.executable.outputs(model.function);
  for (std::size_t i = 0; i < infos.size(); ++i)
    fmt::print("{}: {}\n", describe(infos[i]), shown_values(outputs[i]));
  if (!options.output.empty()) {
    NamedArrays results;
    for (std::size_t i = 0; i < infos.size(); ++i)
      results.emplace(infos[i].name, outputs[i]);
    write_safetensors(options.output, results);
  }
  if (!options.save.empty())
    model.executable.save_checkpoint(options.save);
}

} // namespace heddle::cli
