#include "Remarks.h"

#include "GraphReader.h"
#include "Trace.h"

#include "mlir/IR/Remarks.h"

#include <algorithm>
#include <tuple>

using namespace mlir;

namespace heddle {
namespace {

Remark::Kind kindOf(const remark::detail::Remark &remark) {
  switch (remark.getRemarkType()) {
  case llvm::remarks::Type::Passed:
    return Remark::Kind::passed;
  case llvm::remarks::Type::Analysis:
    return Remark::Kind::analysis;
  default:
    return Remark::Kind::missed;
  }
}

std::string messageOf(const remark::detail::Remark &remark) {
  std::string message;
  for (const remark::detail::Remark::Arg &arg : remark.getArgs()) {
    if (!message.empty())
      message += arg.key == "Reason" ? ": " : arg.key == "Suggestion" ? "; " : "";
    message += arg.val;
  }
  return message;
}

auto identity(const Remark &remark) {
  return std::tie(remark.file, remark.line, remark.function, remark.pass, remark.kind, remark.name,
                  remark.message);
}

} // namespace

class RemarkCollector::Streamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Streamer(RemarkCollector &collector) : collector(collector) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    Remark made;
    made.kind = kindOf(remark);
    if (const std::vector<SourceLine> lines = sourceLines(remark.getLocation()); !lines.empty()) {
      made.file = lines.front().file;
      made.line = lines.front().line;
    }
    made.function = remark.getFunction().str();
    made.pass = remark.getCategoryName().str();
    made.name = remark.getRemarkName().str();
    made.message = messageOf(remark);
    const std::lock_guard lock(collector.mutex);
    collector.collected.push_back(std::move(made));
  }

private:
  RemarkCollector &collector;
};

RemarkCollector::RemarkCollector(MLIRContext *context, RemarkOptions given,
                                 std::source_location where)
    : context(context), options(std::move(given)) {
  if (!options.report)
    return;
  if (options.passes.empty())
    options.passes = ".";
  std::string error;
  if (!llvm::Regex(options.passes).isValid(error))
    fail(where, "the passes to remark on are '{}', which is no regular expression: {}",
         options.passes, error);
  // MLIR matches whole names, and hears of no kind that has no expression of its own.
  remark::RemarkCategories categories;
  categories.passed = categories.missed = categories.analysis = categories.failed =
      ".*(" + options.passes + ").*";
  if (failed(remark::enableOptimizationRemarks(*context, std::make_unique<Streamer>(*this),
                                               std::make_unique<remark::RemarkEmittingPolicyAll>(),
                                               categories)))
    fail(where, "this model is being compiled with remarks already");
}

RemarkCollector::~RemarkCollector() {
  if (options.report)
    context->setRemarkEngine(nullptr);
}

void RemarkCollector::report() {
  if (!options.report)
    return;
  // Of one function and line, what was said first comes first.
  std::ranges::stable_sort(collected, {}, [](const Remark &remark) {
    return std::tie(remark.file, remark.line, remark.function);
  });
  std::vector<Remark> folded;
  for (Remark &remark : collected) {
    const auto same = std::ranges::find_if(
        folded, [&](const Remark &known) { return identity(known) == identity(remark); });
    if (same == folded.end())
      folded.push_back(std::move(remark));
    else
      same->count += 1;
  }
  for (const Remark &remark : folded)
    options.report(remark);
}

std::string to_string(const Remark &remark) {
  static constexpr std::string_view kinds[] = {"passed", "missed", "analysis"};
  std::string text;
  if (!remark.file.empty())
    text = fmt::format("{}:{}: ", remark.file, remark.line);
  text += fmt::format("{}: {} [{}, {}]", kinds[static_cast<std::size_t>(remark.kind)],
                      remark.message, remark.pass, remark.function);
  if (remark.count > 1)
    text += fmt::format(" ({} times)", remark.count);
  return text;
}

} // namespace heddle
