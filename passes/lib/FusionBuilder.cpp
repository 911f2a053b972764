//===- FusionBuilder.cpp - groups to fusion ops ---------------------------===//

#include "FusionBuilder.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

namespace {

/// At the end of a block that no op owns yet, so that the builder cannot ask it for the context.
OpBuilder atEnd(const FusionBody &body, MLIRContext *context) {
  OpBuilder builder(context);
  builder.setInsertionPointToEnd(body.block.get());
  return builder;
}

/// Copies into a block what a group's outputs need, operands first.
class BodyWriter {
public:
  BodyWriter(FusionGraph &graph, const FusionGroup &group, FusionBody &body)
      : graph(graph), group(group), body(body),
        builder(atEnd(body, group.ops.front()->getContext())) {}

  Value write(Value value) {
    if (Value known = computed.lookup(value))
      return known;
    Operation *op = value.getDefiningOp();
    if (!op || !isComputedHere(op))
      return argument(value);
    IRMapping operands;
    for (Value operand : op->getOperands())
      operands.map(operand, isReadFromMemory(op, operand) ? argument(operand) : write(operand));
    Operation *copy = builder.clone(*op, operands);
    for (NamedAttribute attribute : llvm::to_vector(copy->getDiscardableAttrs()))
      copy->removeDiscardableAttr(attribute.getName());
    body.locations.push_back(op->getLoc());
    return computed[value] = copy->getResult(0);
  }

private:
  bool isMember(Operation *op) const { return graph.groupOf(op) == &group; }
  bool isComputedHere(Operation *op) {
    if (fusionClass(op) == FusionClass::virtualOp || isMember(op))
      return true;
    return graph.groupOf(op) && !graph.isMaterialized(op->getResult(0));
  }
  /// A broadcast too reads memory, unless it is of one of the group's own rows.
  bool isReadFromMemory(Operation *op, Value operand) {
    Operation *producer = operand.getDefiningOp();
    return readsMemory(op) || (isa<ir::BroadcastOp>(op) && !(producer && isMember(producer)));
  }
  Value argument(Value value) {
    Value &argument = arguments[value];
    if (!argument) {
      argument = body.block->addArgument(value.getType(), value.getLoc());
      body.inputs.push_back(value);
    }
    return argument;
  }

  FusionGraph &graph;
  const FusionGroup &group;
  FusionBody &body;
  OpBuilder builder;
  /// A value may be both: an iota is counted anew where it is used, and is in memory for a gather.
  llvm::DenseMap<Value, Value> computed, arguments;
};

/// A body with no reduction and no row value is one of rows of the last dimension: a group may have
/// lost what needed other rows when values moved to the groups that use them.
bool needsRows(FusionBody &body) {
  for (Operation &op : *body.block)
    if (isReduction(&op) || llvm::any_of(op.getResults(), [&](Value value) {
          return cast<RankedTensorType>(value.getType()).getShape() !=
                 ArrayRef<int64_t>(body.domain);
        }))
      return true;
  return false;
}

} // namespace

FusionBody passes::buildGroupBody(FusionGraph &graph, const FusionGroup &group) {
  FusionBody body;
  body.kind = group.kind;
  body.domain = group.domain;
  for (Operation *op : group.ops)
    if (graph.isMaterialized(op->getResult(0)) && !op->use_empty())
      body.outputs.push_back(op->getResult(0));
  if (body.outputs.empty())
    return body;

  BodyWriter writer(graph, group, body);
  SmallVector<Value> yielded;
  for (Value output : body.outputs)
    yielded.push_back(writer.write(output));
  // Only row values may have been left of a group over rows.
  auto shapeOf = [](Value value) { return cast<RankedTensorType>(value.getType()).getShape(); };
  int64_t rank = body.domain.size();
  if (group.kind == FusionKind::rows && llvm::all_of(*body.block, [&](Operation &op) {
        return !isReduction(&op) && shapeOf(op.getResult(0)) == shapeOf(yielded.front());
      })) {
    body.domain.assign(shapeOf(yielded.front()).begin(), shapeOf(yielded.front()).end());
    rank = body.domain.size();
  }
  bool keepsRows = group.rowRank >= 0 && (group.kind == FusionKind::columns || needsRows(body));
  body.rowRank = keepsRows ? group.rowRank : std::max<int64_t>(rank - 1, 0);

  OpBuilder builder = atEnd(body, body.outputs.back().getContext());
  ir::YieldOp::create(builder, body.outputs.back().getLoc(), yielded);
  return body;
}

FusionBody passes::buildSingleBody(Operation *op) {
  FusionBody body;
  body.kind = FusionKind::single;
  IRMapping mapping;
  for (Value operand : op->getOperands()) {
    if (mapping.contains(operand))
      continue;
    mapping.map(operand, body.block->addArgument(operand.getType(), operand.getLoc()));
    body.inputs.push_back(operand);
  }
  OpBuilder builder = atEnd(body, op->getContext());
  Operation *copy = builder.clone(*op, mapping);
  ir::YieldOp::create(builder, op->getLoc(), copy->getResults());
  body.outputs.assign(op->result_begin(), op->result_end());
  body.locations.push_back(op->getLoc());
  return body;
}

ir::FusionOp passes::createFusion(OpBuilder &builder, FusionBody body, ValueRange inputs) {
  SmallVector<Type> types;
  for (Value output : body.outputs)
    types.push_back(output.getType());
  Location loc = builder.getFusedLoc(body.locations);
  OperationState state(loc, ir::FusionOp::getOperationName());
  state.addTypes(types);
  state.addOperands(inputs);
  static constexpr StringLiteral kinds[] = {"rows", "columns", "single"};
  state.addAttribute(kFusionKindAttr, builder.getStringAttr(kinds[static_cast<int>(body.kind)]));
  if (body.kind != FusionKind::single) {
    state.addAttribute(kFusionDomainAttr, builder.getDenseI64ArrayAttr(body.domain));
    state.addAttribute(kFusionRowRankAttr, builder.getI64IntegerAttr(body.rowRank));
  }
  state.addRegion()->push_back(body.block.release());
  return cast<ir::FusionOp>(builder.create(state));
}
