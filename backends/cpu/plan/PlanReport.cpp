//===- PlanReport.cpp - launches and buffers of a planned function ----------===//

#include "heddle/cpu/PlanReport.h"
#include "heddle/cpu/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

std::vector<PlanReport> cpu::reportPlan(ModuleOp planned) {
  std::vector<PlanReport> reports;
  for (auto function : planned.getOps<func::FuncOp>()) {
    auto name = function->getAttrOfType<StringAttr>(kEntryAttr);
    if (!name)
      continue;
    PlanReport &report = reports.emplace_back();
    report.function = name.str();
    report.arenaBytes = function->getAttrOfType<IntegerAttr>("heddle.arena_bytes").getInt();
    auto number = [](DictionaryAttr from, StringRef key) {
      return from.getAs<IntegerAttr>(key).getInt();
    };
    // The calls of a planned function are its launches.
    auto calls = function.getBody().front().getOps<LLVM::CallOp>();
    auto launches = function->getAttrOfType<ArrayAttr>(kLaunchesAttr);
    for (auto [call, launch] : llvm::zip_equal(calls, launches.getAsRange<DictionaryAttr>()))
      report.launches.push_back({launch.getAs<StringAttr>("kernel").str(), call.getLoc(),
                                 number(launch, "bytes"), number(launch, "ops")});
    auto buffers = function->getAttrOfType<ArrayAttr>(kBuffersAttr);
    for (auto buffer : buffers.getAsRange<DictionaryAttr>()) {
      auto uses = buffer.getAs<DenseI64ArrayAttr>("launches").asArrayRef();
      report.buffers.push_back(
          {number(buffer, "offset"), number(buffer, "bytes"), SmallVector<int64_t>(uses)});
    }
  }
  return reports;
}
