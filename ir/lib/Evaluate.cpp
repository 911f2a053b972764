//===- Evaluate.cpp - indices, and checks of dimension lists --------------===//

#include "Evaluate.h"

#include "heddle/ir/Ops.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace heddle::ir {

std::string shapeText(Dims shape) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << '[';
  llvm::interleaveComma(shape, out, [&](int64_t size) {
    if (ShapedType::isDynamic(size))
      out << '?';
    else
      out << size;
  });
  out << ']';
  return text;
}

bool compatibleSizes(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}
bool compatibleShapes(Dims a, Dims b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto sizes) {
           return compatibleSizes(std::get<0>(sizes), std::get<1>(sizes));
         });
}

DimVector rowMajorStrides(Dims shape) {
  DimVector strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}
int64_t offsetOf(Dims index, Dims strides) {
  int64_t offset = 0;
  for (auto [i, stride] : llvm::zip_equal(index, strides))
    offset += i * stride;
  return offset;
}
DimVector otherDims(int64_t rank, Dims dimensions) {
  DimVector others;
  for (int64_t i = 0; i < rank; ++i)
    if (!llvm::is_contained(dimensions, i))
      others.push_back(i);
  return others;
}
DimVector pick(Dims list, Dims positions) {
  return llvm::map_to_vector(positions, [&](int64_t position) { return list[position]; });
}

RankedTensorType operandTensor(std::optional<Location> location, StringRef op, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    (void)emitOptionalError(location, op, ": operands must be ranked tensors, got ",
                            value.getType());
  return type;
}

LogicalResult checkIncreasing(std::optional<Location> location, StringRef op, Dims dimensions,
                              int64_t rank) {
  int64_t previous = -1;
  for (int64_t dimension : dimensions) {
    if (dimension < 0 || dimension >= rank)
      return emitOptionalError(location, op, ": dimension ", dimension,
                               " is out of range for rank ", rank);
    if (dimension <= previous)
      return emitOptionalError(location, op, ": dimensions must be strictly increasing, got ",
                               shapeText(dimensions));
    previous = dimension;
  }
  return success();
}
LogicalResult checkDimension(std::optional<Location> location, StringRef op, int64_t dimension,
                             int64_t rank) {
  if (dimension < 0 || dimension >= rank)
    return emitOptionalError(location, op, ": dimension ", dimension, " is out of range for rank ",
                             rank);
  return success();
}

} // namespace heddle::ir
