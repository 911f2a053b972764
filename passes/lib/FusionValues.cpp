//===- FusionValues.cpp - which ops share a kernel: values in memory ------===//

#include "FusionGraph.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
/// How often the value could be read from memory in the time that the op takes (measured: exp 2.5
/// Gelem/s against 20 GB/s on one core).
static double readsInTimeOf(Operation *op) {
  if (isa<ir::ExpOp, ir::LogOp, ir::TanhOp, ir::ErfOp, ir::SinOp, ir::CosOp, ir::SigmoidOp,
          ir::PowOp, ir::RandomUniformOp>(op))
    return 1.5;
  return 0.03;
}

bool FusionGraph::isMaterialized(Value value) {
  Operation *op = value.getDefiningOp();
  auto entry = op ? unitOf.find(op) : unitOf.end();
  if (entry == unitOf.end() || units[entry->second].opaque)
    return true;
  return inMemory.contains(value);
}

void FusionGraph::requireInMemory(Value value) {
  if (value && !isMaterialized(value))
    inMemory.insert(value);
}

/// Collects what computing `value` in another group would read. Stops at values in memory, and at
/// smaller ones (rows, scalars): they are cheap to keep, and a reduction is never done twice.
void FusionGraph::explore(Value value, Recomputation &work, llvm::DenseSet<Value> &seen) {
  if (!seen.insert(value).second)
    return;
  Operation *op = value.getDefiningOp();
  ++work.ops;
  work.transcendental += readsInTimeOf(op);
  for (OpOperand &operand : op->getOpOperands()) {
    Value source = sourceOf(operand);
    if (!source)
      continue;
    bool walkOn = source == operand.get() && !isMaterialized(source) &&
                  typeOf(source).getShape() == typeOf(value).getShape() &&
                  fusionClass(source.getDefiningOp()) == FusionClass::point;
    if (walkOn)
      explore(source, work, seen);
    else
      work.leaves.insert(source);
  }
}

/// Whether a group writes the value for others, or may yet have to.
bool FusionGraph::isOutput(Value value) {
  unsigned home = find(unitOf.lookup(value.getDefiningOp()));
  return inMemory.contains(value) || llvm::any_of(readersOf(value), [&](Operation *reader) {
           return find(unitOf.lookup(reader)) != home;
         });
}

/// A bound from above on a group's operands and results, as decided so far.
unsigned FusionGraph::valueCount(unsigned group) {
  return reads[group].size() + llvm::count_if(units[group].group.ops, [&](Operation *member) {
           return isOutput(member->getResult(0));
         });
}

/// Whether kernels keep within the limit when `users` do the work: they read its leaves, which
/// other groups may have to write for that.
bool FusionGraph::fitsLimit(const Recomputation &work, ArrayRef<unsigned> users) {
  llvm::SmallDenseMap<unsigned, unsigned> more;
  for (Value leaf : work.leaves) {
    for (unsigned user : users)
      more[user] += !reads[user].contains(leaf);
    if (!isMaterialized(leaf) && !isOutput(leaf))
      ++more[find(unitOf.lookup(leaf.getDefiningOp()))];
  }
  return llvm::all_of(more, [&](auto entry) {
    return entry.second == 0 || valueCount(entry.first) + entry.second < kFusionValueLimit;
  });
}

/// Weighs computing the op's value again in each of `users` against writing it once. Returns why
/// not, or null.
const char *FusionGraph::reasonToKeep(Operation *op, ArrayRef<unsigned> users) {
  constexpr unsigned longestChain = 40;
  Value value = op->getResult(0);
  Recomputation work;
  llvm::DenseSet<Value> seen;
  explore(value, work, seen);
  if (work.ops > longestChain)
    return "it is a long way from what is in memory";
  if (!fitsLimit(work, users))
    return "the kernels would have too many operands";
  double recompute = 0, unit = static_cast<double>(bytesOf(value));
  unsigned home = find(unitOf[op]);
  bool usedAtHome = llvm::any_of(
      readersOf(value), [&](Operation *reader) { return find(unitOf.lookup(reader)) == home; });
  for (unsigned user : users) {
    for (Value leaf : work.leaves)
      if (!reads[user].contains(leaf))
        recompute += static_cast<double>(bytesOf(leaf));
    recompute += work.transcendental * unit;
  }
  // Keeping: one write and a read each; and where nothing at home needs it, what it is computed
  // from is read for it alone. One more for the memory that it takes.
  double keep = unit * static_cast<double>(2 + users.size());
  if (!usedAtHome)
    for (Value leaf : work.leaves)
      keep += static_cast<double>(bytesOf(leaf));
  return recompute <= keep ? nullptr : "to compute it again would take longer than to read it";
}

void FusionGraph::decideValues() {
  for (auto &[op, id] : unitOf) {
    unsigned unit = find(id);
    if (units[unit].opaque) {
      for (Value operand : op->getOperands())
        requireInMemory(operand);
      continue;
    }
    if (readsMemory(op))
      for (Value operand : op->getOperands())
        requireInMemory(operand);
    for (OpOperand &operand : op->getOpOperands()) {
      Value source = sourceOf(operand);
      Operation *producer = source ? source.getDefiningOp() : nullptr;
      auto entry = producer ? unitOf.find(producer) : unitOf.end();
      if (source && (entry == unitOf.end() || find(entry->second) != unit))
        reads[unit].insert(source);
    }
  }

  // In program order: what a value is computed from has been decided before it.
  for (auto &[op, id] : unitOf) {
    unsigned home = find(id);
    if (units[home].opaque)
      continue;
    Value value = op->getResult(0);
    llvm::SetVector<unsigned> users;
    bool mustKeep = fusionClass(op) != FusionClass::point;
    for (Operation *reader : readersOf(value)) {
      unsigned user = find(unitOf.lookup(reader));
      if (user == home)
        continue;
      users.insert(user);
      // A broadcast in another group reads its operand from memory.
      mustKeep = mustKeep || isa<ir::BroadcastOp>(reader) ||
                 !llvm::is_contained(reader->getOperands(), value);
    }
    if (users.empty() || isMaterialized(value))
      continue;
    // Rows of another kernel's domain, and scalars, are cheap to keep.
    bool small = typeOf(value).getRank() == 0 || llvm::any_of(users, [&](unsigned user) {
                   return typeOf(value).getShape() != ArrayRef<int64_t>(units[user].group.domain);
                 });
    const char *reason = mustKeep || small ? "" : reasonToKeep(op, users.getArrayRef());
    if (!mustKeep && !small && remarks.wanted())
      sayWhetherKept(op, users.size(), reason);
    if (reason) {
      requireInMemory(value);
      continue;
    }
    Recomputation work;
    llvm::DenseSet<Value> seen;
    explore(value, work, seen);
    for (unsigned user : users) {
      reads[user].remove(value);
      for (Value leaf : work.leaves) {
        Operation *producer = leaf.getDefiningOp();
        auto entry = producer ? unitOf.find(producer) : unitOf.end();
        if (entry != unitOf.end() && find(entry->second) == user)
          continue;
        requireInMemory(leaf);
        reads[user].insert(leaf);
      }
    }
  }
}
