//===- Indexing.cpp - elements by index -----------------------------------===//

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

using namespace mlir;
using namespace heddle::ir;

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

static RankedTensorType rowsOf(RankedTensorType table, RankedTensorType indices) {
  DimVector shape(indices.getShape());
  shape.append(table.getShape().begin() + 1, table.getShape().end());
  return RankedTensorType::get(shape, table.getElementType());
}
static int64_t rowSize(const HostTensor &table) {
  int64_t size = 1;
  for (int64_t dim : table.shape().drop_front())
    size *= dim;
  return size;
}
static LogicalResult checkIndices(Operation *op, const HostTensor &indices, int64_t rows) {
  for (auto [i, index] : llvm::enumerate(indices.values))
    if (index < 0 || index >= static_cast<double>(rows))
      return op->emitOpError("index ") << static_cast<int64_t>(index) << " at position " << i
                                       << " is out of range for a table of " << rows << " rows";
  return success();
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto table = operandTensor(location, "heddle.gather", adaptor.getTable());
  auto indices = operandTensor(location, "heddle.gather", adaptor.getIndices());
  if (!table || !indices)
    return failure();
  if (table.getRank() == 0)
    return emitOptionalError(
        location, "heddle.gather: expected a table of at least one dimension, got ", table);
  types.push_back(rowsOf(table, indices));
  return success();
}
LogicalResult GatherOp::evaluate(Operands operands, Results results) {
  const HostTensor &table = *operands[0], &indices = *operands[1];
  if (failed(checkIndices(*this, indices, table.shape()[0])))
    return failure();
  int64_t size = rowSize(table);
  auto out = results[0].values.begin();
  for (double index : indices.values)
    out = std::copy_n(table.values.begin() + static_cast<int64_t>(index) * size, size, out);
  return success();
}
LogicalResult GatherOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                 SmallVectorImpl<Value> &grads) {
  Value zeros = TensorBuilder(builder, getLoc()).constant(0.0, getTable().getType());
  grads[0] = ScatterAddOp::create(builder, getLoc(), zeros, getIndices(), cotangents[0]);
  return success();
}

LogicalResult ScatterAddOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto table = operandTensor(location, "heddle.scatter_add", adaptor.getTable());
  auto indices = operandTensor(location, "heddle.scatter_add", adaptor.getIndices());
  auto updates = operandTensor(location, "heddle.scatter_add", adaptor.getUpdates());
  if (!table || !indices || !updates)
    return failure();
  if (table.getRank() == 0)
    return emitOptionalError(
        location, "heddle.scatter_add: expected a table of at least one dimension, got ", table);
  auto expected = rowsOf(table, indices);
  if (!compatibleShapes(expected.getShape(), updates.getShape()) ||
      expected.getElementType() != updates.getElementType())
    return emitOptionalError(location, "heddle.scatter_add: expected updates of type ", expected,
                             " (a row of ", table, " for each index), got ", updates);
  types.push_back(table);
  return success();
}
LogicalResult ScatterAddOp::evaluate(Operands operands, Results results) {
  const HostTensor &table = *operands[0], &indices = *operands[1], &updates = *operands[2];
  if (failed(checkIndices(*this, indices, table.shape()[0])))
    return failure();
  int64_t size = rowSize(table);
  results[0].values = table.values;
  auto update = updates.values.begin();
  for (double index : indices.values)
    for (int64_t i = 0; i < size; ++i)
      results[0].values[static_cast<int64_t>(index) * size + i] += *update++;
  return success();
}
LogicalResult ScatterAddOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                     SmallVectorImpl<Value> &grads) {
  grads[0] = cotangents[0];
  grads[2] = GatherOp::create(builder, getLoc(), cotangents[0], getIndices());
  return success();
}
