//===- CheckGradients.cpp - gradients against central differences ---------===//

#include "CentralDifferences.h"

#include "heddle/ir/TensorBuilder.h"
#include "heddle/passes/Evaluation.h"
#include "heddle/passes/Passes.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <random>

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLECHECKGRADIENTS
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static std::string nameOf(Value value) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
    if (auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                          ir::HeddleDialect::kNameAttr))
      stream << "'" << name.getValue() << "'";
    else
      stream << "argument " << argument.getArgNumber();
  } else {
    stream << "a result of '" << value.getDefiningOp()->getName() << "'";
  }
  return text;
}

static std::string number(const char *format, double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(format, value);
  return text;
}
static std::string describe(const Slope &slope, StringRef changes) {
  return "along a random direction it gives the slope " + number("%.10g", slope.claimed) +
         ", but " + changes.str() + " by " + number("%.10g", slope.seen) +
         "; the step and rounding explain " + number("%.2g", slope.tolerance());
}

/// A function of the op's operands, and of weights: the sum of the op's weighted results, and its
/// gradient with respect to every operand that can have one.
static OwningOpRef<func::FuncOp> functionOfRule(Operation *op) {
  SmallVector<Type> inputs(op->getOperandTypes());
  for (Type type : op->getResultTypes())
    if (ir::isDifferentiableType(type))
      inputs.push_back(type);
  OpBuilder builder(op->getContext());
  OwningOpRef<func::FuncOp> function =
      func::FuncOp::create(op->getLoc(), "rule", builder.getFunctionType(inputs, {}));
  Block *block = function->addEntryBlock();
  builder.setInsertionPointToStart(block);
  auto operands = block->getArguments().take_front(op->getNumOperands());
  Operation *rule = builder.clone(*op);
  rule->setOperands(operands); // one that was there twice is two arguments
  SmallVector<Value> wrt;
  for (Value operand : operands)
    if (ir::isDifferentiableType(operand.getType()))
      wrt.push_back(operand);
  ir::TensorBuilder tensors(builder, op->getLoc());
  Value loss;
  unsigned weight = op->getNumOperands();
  for (Value result : rule->getResults()) {
    if (!ir::isDifferentiableType(result.getType()))
      continue;
    auto rank = cast<RankedTensorType>(result.getType()).getRank();
    Value term = tensors.sum(tensors.mul(result, block->getArgument(weight++)),
                             llvm::to_vector(llvm::seq<int64_t>(0, rank)));
    loss = loss ? tensors.add(loss, term) : term;
  }
  ir::GradientOp::create(builder, op->getLoc(), ValueRange(wrt).getTypes(), loss, wrt);
  func::ReturnOp::create(builder, op->getLoc());
  return function;
}

namespace {

struct CheckGradients : passes::impl::HeddleCheckGradientsBase<CheckGradients> {
  using Base::Base;

  void runOnOperation() override {
    OwningOpRef<func::FuncOp> copy = getOperation().clone();
    passes::widenFloats(*copy);
    SmallVector<uint64_t> all(seeds.begin(), seeds.end());
    if (all.empty())
      all.push_back(0);
    SmallVector<ir::GradientOp> gradients;
    copy->walk([&](ir::GradientOp gradient) { gradients.push_back(gradient); });
    for (ir::GradientOp gradient : gradients)
      for (uint64_t seed : all)
        if (failed(check(gradient, seed)))
          return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  LogicalResult check(ir::GradientOp gradient, uint64_t seed);
  LogicalResult reportWrong(CentralDifferences &differences, ir::GradientOp gradient, unsigned wrt,
                            const Slope &slope, uint64_t seed);
  LogicalResult skip(ir::GradientOp gradient, unsigned count, const Twine &why) {
    emitRemark(gradient.getLoc()) << "the gradient was not checked: " << why;
    numSkipped += count;
    return success();
  }
};

} // namespace

/// Numbers around zero first; where the loss is no number then, as of a logarithm, positive ones.
LogicalResult CheckGradients::check(ir::GradientOp gradient, uint64_t seed) {
  auto function = gradient->getParentOfType<func::FuncOp>();
  for (RealRange range : {RealRange{}, RealRange{0.5, 1.5}}) {
    auto arguments = passes::randomArguments(function, seed, range);
    if (failed(arguments))
      return failure();
    CentralDifferences differences(gradient, *arguments, seed);
    auto isNumber = differences.evaluate();
    if (failed(isNumber))
      return failure();
    if (!*isNumber)
      continue;
    for (unsigned wrt = 0; wrt < gradient.getWrt().size(); ++wrt) {
      auto slope = differences.slope(wrt);
      if (failed(slope))
        return failure();
      if (!slope->isConclusive()) {
        (void)skip(gradient, 1,
                   "the loss is not smooth in " + nameOf(gradient.getWrt()[wrt]) +
                       " on the arguments of seed " + std::to_string(seed));
        continue;
      }
      if (!slope->agrees())
        return reportWrong(differences, gradient, wrt, *slope, seed);
      ++numChecked;
    }
    return success();
  }
  return skip(gradient, gradient.getWrt().size(),
              "the loss or a derivative is not a number on the arguments of seed " + Twine(seed));
}

/// Names the first op of each kind whose rule is wrong; or else the gradient.
LogicalResult CheckGradients::reportWrong(CentralDifferences &differences, ir::GradientOp gradient,
                                          unsigned wrt, const Slope &slope, uint64_t seed) {
  ++numWrong;
  const std::string where = "the gradient of the loss with respect to " +
                            nameOf(gradient.getWrt()[wrt]),
                    point = " (on the arguments of seed " + std::to_string(seed) + ")";
  llvm::StringSet<> wrong;
  auto checkRule = [&](Operation *op, ArrayRef<ir::HostTensor> operands) {
    if (!isa<ir::DifferentiableOpInterface>(op) || isa<ir::StopGradientOp>(op) ||
        wrong.contains(op->getName().getStringRef()) ||
        llvm::none_of(op->getOperandTypes(), ir::isDifferentiableType) ||
        llvm::none_of(op->getResultTypes(), ir::isDifferentiableType))
      return;
    OwningOpRef<func::FuncOp> function = functionOfRule(op);
    auto rule = *function->getOps<ir::GradientOp>().begin();
    SmallVector<ir::HostTensor> arguments(operands);
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> weights(-1.0, 1.0);
    for (Type type : function->getArgumentTypes().drop_front(operands.size()))
      std::ranges::generate(arguments.emplace_back(cast<RankedTensorType>(type)).values,
                            [&] { return weights(engine); });
    CentralDifferences byItself(rule, arguments, seed);
    auto isNumber = byItself.evaluate();
    if (failed(isNumber) || !*isNumber)
      return;
    for (unsigned i = 0; i < rule.getWrt().size(); ++i) {
      auto found = byItself.slope(i);
      if (failed(found) || !found->isConclusive() || found->agrees())
        continue;
      wrong.insert(op->getName().getStringRef());
      InFlightDiagnostic error = emitError(op->getLoc())
                                 << "the derivative of '" << op->getName().getStringRef()
                                 << "' is wrong for operand "
                                 << cast<BlockArgument>(rule.getWrt()[i]).getArgNumber() << ": "
                                 << describe(*found, "its results change") << point;
      error.attachNote(gradient.getLoc()) << where << " is wrong";
      return;
    }
  };
  (void)differences.forEachOp(
      [&](Operation *op, MutableArrayRef<ir::HostTensor> operands) { checkRule(op, operands); });
  if (wrong.empty())
    return emitError(gradient.getLoc())
           << where << " is wrong: " << describe(slope, "the loss changes") << point;
  return failure();
}
