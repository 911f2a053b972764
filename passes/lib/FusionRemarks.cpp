//===- FusionRemarks.cpp - which ops share a kernel: what users are told --===//
//
// Asked once the groups are as they stay, of every value that goes from one kernel to another, and
// of the same predicates that decided.
//
//===----------------------------------------------------------------------===//

#include "FusionGraph.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static std::string shapeForUser(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(shape, stream << '[');
  stream << ']';
  return text;
}

/// What has the value's elements in memory: the value itself, or what views of it look at. The last
/// view is the one that the reader sees.
static Value behindViews(Value value, Operation *&view) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isView(op))
      break;
    view = view ? view : op;
    value = op->getOperand(0);
  }
  return value;
}

void FusionGraph::sayWhetherKept(Operation *op, size_t users, const char *reason) {
  const std::string name = nameForUser(op), size = sizeForUser(op->getResult(0)),
                    readers = users == 1 ? "another kernel that reads it"
                                         : std::to_string(users) + " kernels that read it";
  if (reason)
    remarks.analysis(op->getLoc(), "Written")
        << remark::add("{0} ({1}) is written to memory, for {2}", name, size, readers)
        << remark::reason("{0}", reason);
  else
    remarks.passed(op->getLoc(), "ComputedByReaders") << remark::add(
        "{0} ({1}) is not written to memory, but computed by {2}", name, size, readers);
}

void FusionGraph::sayWhatIsSeparate() {
  for (auto &[op, id] : unitOf) {
    // A view does nothing, and products read memory as a matter of course.
    if (isView(op) || isa<func::ReturnOp, ir::ContractionOp>(op))
      continue;
    llvm::SmallDenseSet<Operation *> seen;
    for (OpOperand &operand : op->getOpOperands()) {
      Value source = sourceOf(operand);
      Operation *view = nullptr;
      if (source)
        source = behindViews(source, view);
      Operation *producer = source ? source.getDefiningOp() : nullptr;
      auto entry = producer ? unitOf.find(producer) : unitOf.end();
      // A single number costs nothing to read, and two kernels of single ops could never be one.
      if (entry == unitOf.end() || find(entry->second) == find(id) ||
          typeOf(source).getNumElements() <= 1 || !seen.insert(producer).second ||
          isa<ir::ContractionOp>(producer) || // backends say what products take along
          (units[entry->second].opaque && units[id].opaque))
        continue;
      saySeparate(producer, op, view);
    }
  }
}

void FusionGraph::saySeparate(Operation *producer, Operation *consumer, Operation *view) {
  const Location loc = consumer->getLoc();
  const unsigned from = find(unitOf.lookup(producer)), to = find(unitOf.lookup(consumer));
  FusionGroup unused;
  const bool isViewed = view && !units[from].opaque && !units[to].opaque;
  remarks.missed(loc, "NotFused")
      << remark::add("{0} does not share a kernel with the {1} that it reads",
                     nameForUser(consumer), nameSeenFrom(loc, producer))
      << remark::reason("{0}",
                        isViewed ? nameSeenFrom(loc, view) + " lies between them, a view of memory"
                                 : reasonOf(findObstacle(from, to, unused), producer, consumer));
}

std::string FusionGraph::reasonOf(Obstacle obstacle, Operation *producer, Operation *consumer) {
  const Location loc = consumer->getLoc();
  const unsigned from = find(unitOf.lookup(producer)), to = find(unitOf.lookup(consumer));
  switch (obstacle) {
  case Obstacle::none:
    llvm_unreachable("would have been merged");
  case Obstacle::opaque:
    return detailedName(units[from].opaque ? producer : consumer) + " is a kernel of its own";
  case Obstacle::shapes:
    return shapesReason(producer, consumer);
  case Obstacle::edges:
    if (readsMemory(consumer))
      return nameForUser(consumer) + " reads it at places that it computes";
    return "a value between them is broadcast along other dimensions than those of a row";
  case Obstacle::path:
    for (auto &[op, id] : unitOf)
      if (unsigned unit = find(id); unit != from && unit != to &&
                                    ((reaches(from, unit) && reaches(unit, to)) ||
                                     (reaches(to, unit) && reaches(unit, from))))
        return nameSeenFrom(loc, op) + " lies between them, and is in neither kernel";
    llvm_unreachable("has a path outside");
  case Obstacle::limit:
    return "together they would have more than " + std::to_string(maxOperands) +
           " operands and results";
  }
  llvm_unreachable("all obstacles are above");
}

std::string FusionGraph::shapesReason(Operation *producer, Operation *consumer) {
  const FusionGroup &from = *groupOf(producer), &to = *groupOf(consumer);
  if (from.kind != to.kind)
    return from.kind == FusionKind::columns
               ? "it is reduced over its first dimensions, which is done a column at a time"
               : nameForUser(consumer) +
                     " reduces over the first dimensions, which is done a column at a time";
  if (from.domain == to.domain)
    return "one reduces the last " + std::to_string(from.domain.size() - from.rowRank) +
           " dimensions, the other the last " + std::to_string(to.domain.size() - to.rowRank);
  return "their kernels go over other shapes, " + shapeForUser(from.domain) + " and " +
         shapeForUser(to.domain);
}
