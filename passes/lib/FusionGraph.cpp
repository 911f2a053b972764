//===- FusionGraph.cpp - which ops share a kernel: grouping ---------------===//

#include "FusionGraph.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

FusionClass passes::fusionClass(Operation *op) {
  if (isSplatConstant(op) || isa<ir::IotaOp>(op))
    return FusionClass::virtualOp;
  // Broadcasts of virtual ops are folded by simplify; one that is left is computed by itself.
  if (auto broadcast = dyn_cast<ir::BroadcastOp>(op)) {
    Operation *source = broadcast.getX().getDefiningOp();
    bool ofVirtual =
        source && (isSplatConstant(source) || isa<ir::IotaOp, ir::BroadcastOp>(source));
    return ofVirtual ? FusionClass::opaque : FusionClass::virtualOp;
  }
  if (isa<ir::ElementwiseOpInterface, ir::GatherOp, ir::RandomUniformOp>(op) &&
      op->getNumResults() == 1)
    return FusionClass::point;
  if (isReduction(op)) {
    if (reducesTrailing(op))
      return FusionClass::rows;
    if (reducesLeading(op))
      return FusionClass::columns;
  }
  return FusionClass::opaque;
}

/// Whether the op reads its operands from memory, whatever they are.
static bool needsMemory(Operation *op) {
  return readsMemory(op) || fusionClass(op) == FusionClass::opaque;
}

Value passes::sourceOf(OpOperand &use) {
  Value value = use.get();
  Operation *op = value.getDefiningOp();
  if (!op || fusionClass(op) != FusionClass::virtualOp || needsMemory(use.getOwner()))
    return value;
  if (auto broadcast = dyn_cast<ir::BroadcastOp>(op))
    return broadcast.getX();
  return {};
}

FusionGraph::FusionGraph(func::FuncOp function, unsigned maxOperands, const Remarks &remarks)
    : function(function), maxOperands(maxOperands), remarks(remarks) {}

void FusionGraph::run() {
  build();
  mergeAlongUses();
  mergeSiblings();
  mergeColumns();
  mergeAlongUses();
  if (remarks.wanted())
    sayWhatIsSeparate();
  decideValues();
}

unsigned FusionGraph::find(unsigned unit) {
  while (parents[unit] != unit)
    unit = parents[unit] = parents[parents[unit]];
  return unit;
}

FusionGroup *FusionGraph::groupOf(Operation *op) {
  auto entry = unitOf.find(op);
  if (entry == unitOf.end())
    return nullptr;
  Unit &unit = units[find(entry->second)];
  return unit.opaque ? nullptr : &unit.group;
}

void FusionGraph::build() {
  for (Operation &op : function.getBody().front()) {
    FusionClass kind = fusionClass(&op);
    // A broadcast or an iota that is read from memory has to be there: an op like any other then.
    // Constants may stay where they are.
    bool computed = kind == FusionClass::virtualOp && !isa<ir::ConstantOp>(op) &&
                    llvm::any_of(op.getUsers(), needsMemory);
    if (kind == FusionClass::virtualOp && !computed)
      continue;
    unsigned id = units.size();
    unitOf[&op] = id;
    Unit &unit = units.emplace_back();
    unit.opaque = kind == FusionClass::opaque;
    if (unit.opaque)
      continue;
    FusionGroup &group = unit.group;
    group.ops.push_back(&op);
    Value shaped = isReduction(&op) ? op.getOperand(0) : op.getResult(0);
    group.domain.assign(typeOf(shaped).getShape().begin(), typeOf(shaped).getShape().end());
    group.needsFullShape = isa<ir::GatherOp>(op);
    if (kind == FusionClass::rows)
      group.rowRank = typeOf(op.getResult(0)).getRank();
    if (kind == FusionClass::columns) {
      group.kind = FusionKind::columns;
      group.rowRank = reducedDimensions(&op).size();
    }
  }

  unsigned count = units.size();
  parents.resize(count);
  for (unsigned i = 0; i < count; ++i)
    parents[i] = i;
  reach.assign(count, llvm::BitVector(count));
  for (auto &[op, id] : unitOf) {
    llvm::SmallDenseSet<unsigned> seen;
    for (OpOperand &operand : op->getOpOperands()) {
      Value source = sourceOf(operand);
      Operation *producer = source ? source.getDefiningOp() : nullptr;
      auto entry = producer ? unitOf.find(producer) : unitOf.end();
      if (entry == unitOf.end() || !seen.insert(entry->second).second)
        continue;
      units[entry->second].successors.push_back(id);
      units[id].predecessors.push_back(entry->second);
    }
  }
  // Units are in program order, so successors have higher numbers.
  for (unsigned id = count; id-- > 0;)
    for (unsigned successor : units[id].successors) {
      reach[id].set(successor);
      reach[id] |= reach[successor];
    }
}

bool FusionGraph::hasPathOutside(unsigned from, unsigned to) {
  if (!reaches(from, to))
    return false;
  for (unsigned successor : units[from].successors) {
    unsigned unit = find(successor);
    if (unit != from && unit != to && reaches(unit, to))
      return true;
  }
  return false;
}

/// Finds the domain and row rank that suit both. A group over D[0..P) whose members are all
/// elementwise may be the row values of a group over D.
bool FusionGraph::unify(const FusionGroup &a, const FusionGroup &b, FusionGroup &merged) {
  auto isRowsOf = [](const FusionGroup &row, const FusionGroup &full) {
    return row.rowRank < 0 && full.rowRank >= 0 && !row.needsFullShape &&
           full.rowRank < static_cast<int64_t>(full.domain.size()) &&
           ArrayRef<int64_t>(row.domain) == ArrayRef<int64_t>(full.domain).take_front(full.rowRank);
  };
  if (a.kind != b.kind)
    return false;
  if (a.domain == b.domain) {
    if (a.rowRank >= 0 && b.rowRank >= 0 && a.rowRank != b.rowRank)
      return false;
    merged.domain = a.domain;
    merged.rowRank = std::max(a.rowRank, b.rowRank);
  } else if (isRowsOf(a, b)) {
    merged.domain = b.domain;
    merged.rowRank = b.rowRank;
  } else if (isRowsOf(b, a)) {
    merged.domain = a.domain;
    merged.rowRank = a.rowRank;
  } else {
    return false;
  }
  merged.kind = a.kind;
  merged.needsFullShape = a.needsFullShape || b.needsFullShape;
  return true;
}

/// Whether the values that pass from one group to the other can stay inside a kernel of the merged
/// form.
bool FusionGraph::edgesFit(unsigned first, unsigned second, const FusionGroup &merged) {
  auto row = ArrayRef<int64_t>(merged.domain).take_front(std::max<int64_t>(merged.rowRank, 0));
  auto check = [&](unsigned producer, unsigned consumer) {
    for (Operation *op : units[consumer].group.ops) {
      for (OpOperand &operand : op->getOpOperands()) {
        Value source = sourceOf(operand);
        Operation *from = source ? source.getDefiningOp() : nullptr;
        auto entry = from ? unitOf.find(from) : unitOf.end();
        if (entry == unitOf.end() || find(entry->second) != producer)
          continue;
        // These read memory at computed places.
        if (readsMemory(op))
          return false;
        auto broadcast = dyn_cast<ir::BroadcastOp>(op);
        if (!broadcast && source != operand.get())
          broadcast = operand.get().getDefiningOp<ir::BroadcastOp>();
        if (!broadcast)
          continue;
        if (merged.rowRank < 0 || typeOf(source).getShape() != row ||
            broadcast.getType().getShape() != ArrayRef<int64_t>(merged.domain))
          return false;
        for (auto [i, dimension] : llvm::enumerate(broadcast.getDimensions()))
          if (dimension != static_cast<int64_t>(i))
            return false;
      }
    }
    return true;
  };
  return check(first, second) && check(second, first);
}

/// The ops that read a value, those that read it through a virtual broadcast among them.
SmallVector<Operation *> FusionGraph::readersOf(Value value) {
  SmallVector<Operation *> readers;
  for (Operation *user : value.getUsers()) {
    if (unitOf.contains(user))
      readers.push_back(user);
    if (isa<ir::BroadcastOp>(user))
      for (OpOperand &use : user->getUses())
        if (sourceOf(use) == value)
          readers.push_back(use.getOwner());
  }
  return readers;
}

/// A bound from above on the operands and results of the merged kernel.
bool FusionGraph::withinLimit(unsigned first, unsigned second) {
  llvm::SmallDenseSet<Value> inputs, outputs;
  auto isInside = [&](Operation *op) {
    auto entry = op ? unitOf.find(op) : unitOf.end();
    if (entry == unitOf.end())
      return false;
    unsigned unit = find(entry->second);
    return unit == first || unit == second;
  };
  for (unsigned unit : {first, second})
    for (Operation *op : units[unit].group.ops) {
      for (OpOperand &operand : op->getOpOperands())
        if (Value source = sourceOf(operand); source && !isInside(source.getDefiningOp()))
          inputs.insert(source);
      if (!llvm::all_of(readersOf(op->getResult(0)), isInside))
        outputs.insert(op->getResult(0));
    }
  return inputs.size() + outputs.size() <= maxOperands;
}

FusionGraph::Obstacle FusionGraph::findObstacle(unsigned first, unsigned second,
                                                FusionGroup &merged) {
  if (units[first].opaque || units[second].opaque)
    return Obstacle::opaque;
  if (!unify(units[first].group, units[second].group, merged))
    return Obstacle::shapes;
  if (!edgesFit(first, second, merged))
    return Obstacle::edges;
  if (hasPathOutside(first, second) || hasPathOutside(second, first))
    return Obstacle::path;
  return withinLimit(first, second) ? Obstacle::none : Obstacle::limit;
}

bool FusionGraph::tryMerge(unsigned first, unsigned second) {
  first = find(first), second = find(second);
  if (first == second)
    return true;
  FusionGroup merged;
  if (findObstacle(first, second, merged) != Obstacle::none)
    return false;

  Unit &a = units[first], &b = units[second];
  for (Operation *op : b.group.ops)
    a.group.ops.push_back(op);
  llvm::sort(a.group.ops, [](Operation *x, Operation *y) { return x->isBeforeInBlock(y); });
  a.group.domain = merged.domain;
  a.group.rowRank = merged.rowRank;
  a.group.needsFullShape = merged.needsFullShape;
  b.group.ops.clear();
  parents[second] = first;
  a.successors.append(b.successors);
  a.predecessors.append(b.predecessors);
  reach[first] |= reach[second];
  reach[first].reset(first);
  reach[first].reset(second);
  for (unsigned unit = 0; unit < units.size(); ++unit) {
    if (parents[unit] != unit || unit == first)
      continue;
    if (reach[unit].test(first) || reach[unit].test(second)) {
      reach[unit] |= reach[first];
      reach[unit].set(first);
    }
  }
  return true;
}

void FusionGraph::mergeAlongUses() {
  for (auto &[op, id] : unitOf) {
    if (units[find(id)].opaque)
      continue;
    // The nearest producer first: the farther ones are more likely to lie across an opaque op.
    SmallVector<Operation *> producers;
    for (OpOperand &operand : op->getOpOperands())
      if (Value source = sourceOf(operand))
        if (Operation *producer = source.getDefiningOp(); producer && unitOf.contains(producer))
          producers.push_back(producer);
    llvm::sort(producers, [](Operation *x, Operation *y) { return y->isBeforeInBlock(x); });
    for (Operation *producer : producers)
      tryMerge(unitOf[producer], id);
  }
}

/// Groups that read the same large value, over the same domain, read it once.
void FusionGraph::mergeSiblings() {
  llvm::MapVector<Value, llvm::SetVector<unsigned>> readers;
  for (auto &[op, id] : unitOf) {
    if (units[id].opaque)
      continue;
    unsigned unit = find(id);
    for (OpOperand &operand : op->getOpOperands()) {
      Value source = sourceOf(operand);
      if (source && source == operand.get() &&
          typeOf(source).getShape() == ArrayRef<int64_t>(units[unit].group.domain))
        readers[source].insert(unit);
    }
  }
  for (auto &[value, groups] : readers)
    for (unsigned i = 1; i < groups.size(); ++i)
      if (units[find(groups[i])].group.kind == FusionKind::rows)
        for (unsigned j = 0; j < i; ++j)
          if (tryMerge(groups[j], groups[i]))
            break;
}

/// Reductions over the same columns share a kernel when what they reduce comes from a common value.
void FusionGraph::mergeColumns() {
  SmallVector<std::pair<unsigned, llvm::DenseSet<Value>>> columns;
  for (auto &[op, id] : unitOf) {
    if (units[id].opaque || units[id].group.kind != FusionKind::columns)
      continue;
    // Values of the domain's shape within reach of the reduction.
    llvm::DenseSet<Value> near;
    SmallVector<Value> worklist{op->getOperand(0)};
    while (!worklist.empty() && near.size() < 64) {
      Value value = worklist.pop_back_val();
      if (typeOf(value).getShape() != typeOf(op->getOperand(0)).getShape() ||
          !near.insert(value).second)
        continue;
      Operation *producer = value.getDefiningOp();
      if (producer && isa<ir::ElementwiseOpInterface>(producer))
        worklist.append(producer->operand_begin(), producer->operand_end());
    }
    for (auto &[other, values] : columns)
      if (llvm::any_of(near,
                       [&](Value value) {
                         return values.contains(value) && !isSplatConstant(value.getDefiningOp());
                       }) &&
          tryMerge(other, id))
        break;
    columns.emplace_back(id, std::move(near));
  }
}
