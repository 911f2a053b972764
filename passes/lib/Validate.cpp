//===- Validate.cpp - the same results before and after -------------------===//

#include "heddle/ir/Interpreter.h"
#include "heddle/ir/Ops.h"
#include "heddle/passes/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/Format.h"

#include <cmath>
#include <random>

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEVALIDATE
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;

namespace {

struct Validate : passes::impl::HeddleValidateBase<Validate> {
  using HeddleValidateBase::HeddleValidateBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    OpPassManager manager(ModuleOp::getOperationName());
    if (succeeded(parsePassPipeline(pipeline, manager, llvm::nulls())))
      manager.getDependentDialects(registry);
  }

  void runOnOperation() override {
    OpPassManager manager(ModuleOp::getOperationName());
    std::string message;
    llvm::raw_string_ostream stream(message);
    if (failed(parsePassPipeline(pipeline, manager, stream))) {
      getOperation().emitError() << "option 'pipeline': " << message;
      return signalPassFailure();
    }
    OwningOpRef<ModuleOp> before = getOperation().clone();
    if (failed(runPipeline(manager, getOperation())))
      return signalPassFailure();
    for (func::FuncOp function : before->getOps<func::FuncOp>()) {
      auto after = getOperation().lookupSymbol<func::FuncOp>(function.getSymName());
      if (!after || function.isDeclaration())
        continue;
      if (failed(compare(function, after)))
        return signalPassFailure();
      ++numCompared;
    }
  }

private:
  ir::HostTensor randomTensor(RankedTensorType type, std::mt19937_64 &engine) {
    ir::HostTensor tensor(type);
    bool isBool = type.getElementType().isInteger(1);
    std::uniform_int_distribution<int64_t> integers(
        0, isBool ? 1 : std::max<int64_t>(integerLimit - 1, 0));
    std::uniform_real_distribution<double> reals(-1.0, 1.0);
    for (double &value : tensor.values)
      value = isa<FloatType>(type.getElementType()) ? reals(engine)
                                                    : static_cast<double>(integers(engine));
    return tensor;
  }

  LogicalResult compare(func::FuncOp before, func::FuncOp after) {
    std::mt19937_64 engine(static_cast<uint64_t>(seed));
    SmallVector<ir::HostTensor> arguments;
    for (Type type : before.getArgumentTypes()) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || !tensor.hasStaticShape())
        return before.emitError() << "has an argument of type " << type
                                  << ", which random values cannot be made for";
      arguments.push_back(randomTensor(tensor, engine));
    }
    auto expected = ir::interpret(before, arguments), actual = ir::interpret(after, arguments);
    if (failed(expected) || failed(actual))
      return failure();
    for (auto [index, pair] : llvm::enumerate(llvm::zip_equal(*expected, *actual))) {
      auto &[x, y] = pair;
      double scale = 1.0, worst = 0.0;
      for (double value : x.values)
        if (std::isfinite(value))
          scale = std::max(scale, std::fabs(value));
      for (auto [a, b] : llvm::zip_equal(x.values, y.values)) {
        bool same = a == b || (std::isnan(a) && std::isnan(b));
        double difference = std::fabs(a - b) / scale;
        worst = same ? worst : std::isnan(difference) ? INFINITY : std::max(worst, difference);
      }
      if (worst > tolerance) {
        std::string shown;
        llvm::raw_string_ostream(shown) << llvm::format("%.3g", worst);
        return after.emitError() << "result " << index << " differs by " << shown << " after "
                                 << pipeline;
      }
    }
    return success();
  }
};

} // namespace
