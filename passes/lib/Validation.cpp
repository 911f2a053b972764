//===- Validation.cpp - every pass gives the same numbers before and after ===//

#include "heddle/passes/Validation.h"

#include "heddle/ir/Ops.h"
#include "heddle/passes/Evaluation.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Threading.h"

#include <cmath>
#include <map>

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

using Tensors = SmallVector<ir::HostTensor>;

/// How many times the spread of a few random runs, and the rounding of a result itself, a pass may
/// change it: the runs find the size of the error, not its bound.
static constexpr double kSlack = 8.0;

namespace {

/// What a model calls an argument or a result, or its position.
std::string labelOf(DictionaryAttr attributes, unsigned position) {
  if (attributes)
    for (StringRef key : {ir::HeddleDialect::kNameAttr, ir::HeddleDialect::kUpdatesAttr})
      if (auto name = attributes.getAs<StringAttr>(key))
        return (key == ir::HeddleDialect::kNameAttr ? "'" : "new '") + name.str() + "'";
  return std::to_string(position);
}
std::string argumentLabel(func::FuncOp function, unsigned position) {
  return labelOf(function.getArgAttrDict(position), position);
}
SmallVector<std::string> resultLabels(func::FuncOp function) {
  SmallVector<std::string> labels;
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    labels.push_back(labelOf(function.getResultAttrDict(i), i));
  return labels;
}

/// Keeps the text of the errors of this thread, instead of printing them, while it lives.
class ErrorText {
public:
  explicit ErrorText(MLIRContext *context)
      : handler(context, [this, thread = llvm::get_threadid()](Diagnostic &diagnostic) {
          if (llvm::get_threadid() != thread ||
              diagnostic.getSeverity() != DiagnosticSeverity::Error)
            return failure();
          text += (text.empty() ? "" : "; ") + diagnostic.str();
          return success();
        }) {}
  std::string text;

private:
  ScopedDiagnosticHandler handler;
};

/// One function as it was before a pass and as it is after.
class Comparison {
public:
  Comparison(StringRef pass, func::FuncOp before, func::FuncOp after, uint64_t seed)
      : pass(pass), before(before.clone()), after(after.clone()), original(after), seed(seed) {}

  enum class Outcome { same, skipped, different };

  Outcome run() {
    pairResults();
    if (pairs.empty())
      return skip("it has no result that the interpreter can evaluate both before and after it");
    if (!matchArguments())
      return skip(reason);
    ErrorText errors(before->getContext());
    if (!evaluateBefore())
      return skip("on the arguments of seed " + std::to_string(seed) + ", " + errors.text);
    auto got = ir::interpret(*after, pick(arguments, argumentOfAfter));
    if (failed(got)) {
      unable = errors.text;
      return Outcome::different;
    }
    actual = std::move(*got);
    return compareResults();
  }

  /// An error at the function where results differ.
  void report() {
    InFlightDiagnostic error = emitError(original.getLoc());
    if (!unable.empty()) {
      error << "'" << original.getSymName() << "' can no longer be evaluated after " << pass
            << ", on the arguments of seed " << seed << ": " << unable;
      return;
    }
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::interleaveComma(positionOf(first.element, first.type.getShape()), stream);
    stream << llvm::format(
        "] it was %.17g and is %.17g, which is more than rounding explains, %.2g", first.was,
        first.is, first.tolerance);
    error << pass << " changes result " << first.label << " of '" << original.getSymName()
          << "': at [" << text << " (on the arguments of seed " << seed << ")";
  }

  /// Why nothing was compared, or which results were not.
  std::string reason, partly;

private:
  static SmallVector<int64_t> positionOf(size_t element, ArrayRef<int64_t> shape) {
    SmallVector<int64_t> position;
    auto rest = static_cast<int64_t>(element);
    for (int64_t size : llvm::reverse(shape)) {
      position.push_back(rest % size);
      rest /= size;
    }
    std::reverse(position.begin(), position.end());
    return position;
  }

  static Tensors pick(ArrayRef<ir::HostTensor> tensors, ArrayRef<unsigned> positions) {
    return llvm::map_to_vector(positions, [&](unsigned position) { return tensors[position]; });
  }

  Outcome skip(std::string why) {
    reason = std::move(why);
    return Outcome::skipped;
  }

  /// Leaves the results of which the interpreter can tell the value; returns what they are called.
  static SmallVector<std::string> keepKnown(func::FuncOp function) {
    SmallVector<std::string> labels = resultLabels(function), left;
    const llvm::BitVector gone = keepInterpretable(function);
    for (auto [i, label] : llvm::enumerate(labels))
      if (!gone.test(i))
        left.push_back(label);
    return left;
  }

  /// Pairs the results of the same label and type that are known both before and after.
  void pairResults() {
    const SmallVector<std::string> all = resultLabels(*before), known = keepKnown(*before);
    llvm::StringMap<unsigned> positions;
    for (auto [i, label] : llvm::enumerate(keepKnown(*after)))
      positions.try_emplace(label, i);
    llvm::StringSet<> paired;
    for (auto [i, label] : llvm::enumerate(known)) {
      auto found = positions.find(label);
      if (found == positions.end() ||
          before->getResultTypes()[i] != after->getResultTypes()[found->second])
        continue;
      pairs.push_back({static_cast<unsigned>(i), found->second, label});
      paired.insert(label);
    }
    SmallVector<StringRef> unpaired;
    for (const std::string &label : all)
      if (!paired.contains(label))
        unpaired.push_back(label);
    constexpr size_t shown = 4;
    partly = llvm::join(ArrayRef(unpaired).take_front(shown), ", ");
    if (unpaired.size() > shown)
      partly += " and " + std::to_string(unpaired.size() - shown) + " more";
  }

  bool matchArguments() {
    llvm::StringMap<unsigned> positions;
    for (unsigned i = 0; i < before->getNumArguments(); ++i)
      positions.try_emplace(argumentLabel(*before, i), i);
    for (unsigned i = 0; i < after->getNumArguments(); ++i) {
      std::string label = argumentLabel(*after, i);
      auto found = positions.find(label);
      if (found == positions.end() ||
          before->getArgumentTypes()[found->second] != after->getArgumentTypes()[i]) {
        reason = "its argument " + label + " was not there before, or had another type";
        return false;
      }
      argumentOfAfter.push_back(found->second);
    }
    return true;
  }

  /// Numbers around zero first. Where some of the results are no numbers then, as of a logarithm,
  /// positive ones.
  bool evaluateBefore() {
    for (RealRange range : {RealRange{}, RealRange{0.5, 1.5}}) {
      auto drawn = randomArguments(*before, seed, range);
      if (failed(drawn))
        return false;
      arguments = std::move(*drawn);
      auto results = ir::interpret(*before, arguments);
      if (failed(results))
        return false;
      expected = std::move(*results);
      const bool allNumbers = llvm::all_of(expected, [](const ir::HostTensor &tensor) {
        return llvm::none_of(tensor.values, [](double value) { return std::isnan(value); });
      });
      if (allNumbers)
        break;
    }
    auto spread = roundingSpread(*before, arguments, expected);
    if (failed(spread))
      return false;
    for (auto [tensor, moved] : llvm::zip_equal(expected, *spread)) {
      double largest = 0.0;
      if (isa<FloatType>(tensor.type.getElementType()))
        for (double value : tensor.values)
          if (std::isfinite(value))
            largest = std::max(largest, std::fabs(value));
      tolerances.push_back(kSlack * (moved + 0x1p-53 * largest));
    }
    return true;
  }

  Outcome compareResults() {
    for (const Pair &pair : pairs) {
      const ir::HostTensor &x = expected[pair.before], &y = actual[pair.after];
      for (size_t i = 0; i < x.values.size(); ++i) {
        const double was = x.values[i], is = y.values[i];
        const bool same = was == is || (std::isnan(was) && std::isnan(is)) ||
                          std::fabs(was - is) <= tolerances[pair.before];
        if (same)
          continue;
        first = {x.type, pair.label, i, was, is, tolerances[pair.before]};
        return Outcome::different;
      }
    }
    return Outcome::same;
  }

  struct Pair {
    unsigned before, after;
    std::string label;
  };
  struct Difference {
    RankedTensorType type;
    std::string label;
    size_t element = 0;
    double was = 0, is = 0, tolerance = 0;
  };

  StringRef pass;
  OwningOpRef<func::FuncOp> before, after;
  func::FuncOp original;
  uint64_t seed;
  SmallVector<Pair> pairs;
  SmallVector<unsigned> argumentOfAfter; // positions among those before
  Tensors arguments, expected, actual;
  SmallVector<double> tolerances;
  Difference first;
  std::string unable;
};

class Validation : public PassInstrumentation {
public:
  Validation(ValidationReport &counts, ValidationOptions options)
      : counts(counts), options(std::move(options)) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (runsPasses(pass) || !isa<ModuleOp, func::FuncOp>(op))
      return;
    ++counts.passes;
    running.try_emplace({pass, op}, Before{op->clone(), OperationFingerPrint(op)});
  }

  void runAfterPassFailed(Pass *pass, Operation *op) override { running.erase({pass, op}); }

  void runAfterPass(Pass *pass, Operation *op) override {
    auto entry = running.find({pass, op});
    if (entry == running.end())
      return;
    Before before = std::move(entry->second);
    running.erase(entry);
    const bool isUnchanged = before.fingerPrint == OperationFingerPrint(op);
    for (auto function : functionsOf(before.clone.get())) {
      if (isUnchanged)
        ++counts.unchanged;
      else if (!check(pass, function, counterpart(op, function)))
        signalPassFailure(pass);
    }
  }

private:
  struct Before {
    OwningOpRef<Operation *> clone;
    OperationFingerPrint fingerPrint;
  };

  /// The pass manager's own pass, which runs others on what a module holds; they are seen one by
  /// one.
  static bool runsPasses(Pass *pass) { return pass->getName().ends_with("OpToOpPassAdaptor"); }

  static std::string nameOf(Pass *pass) {
    return (pass->getArgument().empty() ? pass->getName() : pass->getArgument()).str();
  }

  static SmallVector<func::FuncOp> functionsOf(Operation *op) {
    SmallVector<func::FuncOp> functions;
    if (auto function = dyn_cast<func::FuncOp>(op))
      functions.push_back(function);
    else
      llvm::append_range(functions, cast<ModuleOp>(op).getOps<func::FuncOp>());
    llvm::erase_if(functions, [](func::FuncOp function) {
      return function.isDeclaration() || !function.getBody().hasOneBlock();
    });
    return functions;
  }

  static func::FuncOp counterpart(Operation *op, func::FuncOp before) {
    for (func::FuncOp function : functionsOf(op))
      if (isa<func::FuncOp>(op) || function.getSymName() == before.getSymName())
        return function;
    return {};
  }

  /// What else there is for results that the interpreter cannot evaluate.
  static StringRef hintOf(func::FuncOp function) {
    const bool hasGradient =
        function.walk([](ir::GradientOp) { return WalkResult::interrupt(); }).wasInterrupted();
    return hasGradient ? "; heddle-check-gradients checks gradients" : "";
  }

  /// Whether the interpreter can tell the value of a result.
  static bool isKnown(func::FuncOp function) {
    OwningOpRef<func::FuncOp> part = function.clone();
    keepInterpretable(*part);
    return part->getNumResults() > 0;
  }

  /// Whether the function still gives the same results.
  bool check(Pass *pass, func::FuncOp before, func::FuncOp after) {
    const std::string name = nameOf(pass);
    if (!after || !isKnown(before)) {
      ++counts.skipped;
      // A pass after which nothing is known has been named; what it leaves need not be.
      if (isKnown(before) || said.empty())
        skip(before, name,
             after ? ("the interpreter can evaluate none of its results" + hintOf(before)).str()
                   : "there is no such function, of one block, after it");
      return true;
    }
    for (uint64_t seed : options.seeds) {
      Comparison comparison(name, before, after, seed);
      const Comparison::Outcome outcome = comparison.run();
      if (outcome == Comparison::Outcome::skipped) {
        ++counts.skipped;
        skip(before, name, comparison.reason);
        return true;
      }
      if (outcome == Comparison::Outcome::different) {
        ++counts.different;
        comparison.report();
        return false;
      }
      if (!comparison.partly.empty() && seed == options.seeds.front())
        emitRemark(after.getLoc())
            << name << " was not validated on results " << comparison.partly << " of '"
            << before.getSymName()
            << "': the interpreter cannot evaluate them both before and after it" << hintOf(before);
    }
    ++counts.compared;
    return true;
  }

  void skip(func::FuncOp function, StringRef pass, const std::string &why) {
    if (said.insert({function.getSymName().str()}).second)
      emitRemark(function.getLoc())
          << pass << " was not validated on '" << function.getSymName() << "': " << why;
  }

  ValidationReport &counts;
  ValidationOptions options;
  std::map<std::pair<Pass *, Operation *>, Before> running;
  llvm::StringSet<> said; // functions
};

} // namespace

void passes::enableValidation(PassManager &manager, ValidationReport &report,
                              ValidationOptions options) {
  manager.addInstrumentation(std::make_unique<Validation>(report, std::move(options)));
}
