#include "heddle/inspect.h"

#include "Compile.h"
#include "Diagnostics.h"
#include "GraphReader.h"

#include "heddle/cpu/PlanReport.h"

using namespace mlir;

namespace heddle {
namespace {

const NodeMark kTraced("heddle.traced"), kFused("heddle.fused");

InspectedFunction planned(const cpu::PlanReport &plan) {
  InspectedFunction function;
  function.name = plan.function;
  function.arena_bytes = plan.arenaBytes;
  for (const cpu::LaunchReport &launch : plan.launches) {
    const std::vector<SourceLine> lines = sourceLines(launch.loc);
    PlannedLaunch &made = function.launches.emplace_back();
    made.kernel = launch.kernel;
    made.where = lines.empty() ? SourceLine() : lines.front();
    made.bytes = launch.bytes;
    made.ops = launch.ops;
    made.nodes = kFused.read(launch.loc);
  }
  for (const cpu::BufferReport &buffer : plan.buffers)
    function.buffers.push_back(
        {buffer.offset, buffer.bytes, {buffer.launches.begin(), buffer.launches.end()}});
  return function;
}

} // namespace

std::vector<InspectedFunction> inspect(const Model &model, const CompileOptions &options,
                                       std::source_location where) {
  OwningOpRef<ModuleOp> module = prepare(model, where).clone();
  const cpu::CompileOptions compiling = cpuOptions(options, where);
  DiagnosticCollector diagnostics(module->getContext());
  auto run = [&](StringRef from, StringRef to) {
    if (failed(cpu::runPhases(*module, compiling, from, to)))
      diagnostics.raise(where, fmt::format("model '{}' cannot be compiled", model.name()));
  };
  auto read = [&](const NodeMark &mark, const NodeMark *before) {
    std::vector<Graph> graphs;
    for (auto function : module->getOps<func::FuncOp>())
      graphs.push_back(readGraph(function, mark, before));
    return graphs;
  };

  std::vector<Graph> traced = read(kTraced, nullptr);
  run("", "fuse");
  std::vector<Graph> fused = read(kFused, &kTraced);
  run("plan", "plan");
  std::vector<InspectedFunction> functions;
  for (const cpu::PlanReport &plan : cpu::reportPlan(*module)) {
    const std::size_t i = functions.size();
    functions.push_back(planned(plan));
    functions.back().traced = std::move(traced.at(i));
    functions.back().fused = std::move(fused.at(i));
  }
  return functions;
}

} // namespace heddle
