//===- Layout.cpp - how a tensor lies in its buffer ------------------------===//

#include "heddle/cpu/Layout.h"

using namespace mlir;
using namespace heddle::cpu;

static SmallVector<int64_t> denseStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

Layout Layout::dense(RankedTensorType type) {
  return {type.getElementType(), SmallVector<int64_t>(type.getShape()),
          denseStrides(type.getShape()), 0};
}

int64_t Layout::count() const {
  int64_t n = 1;
  for (int64_t size : shape)
    n *= size;
  return n;
}

bool Layout::isDense() const {
  SmallVector<int64_t> expected = denseStrides(shape);
  if (count() == 0)
    return true;
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1 && strides[i] != expected[i])
      return false;
  return true;
}

Layout Layout::transposed(ArrayRef<int64_t> permutation) const {
  Layout result{element, {}, {}, offset};
  for (int64_t d : permutation) {
    result.shape.push_back(shape[d]);
    result.strides.push_back(strides[d]);
  }
  return result;
}

Layout Layout::sliced(ArrayRef<int64_t> starts, ArrayRef<int64_t> limits,
                      ArrayRef<int64_t> steps) const {
  Layout result = *this;
  for (size_t d = 0; d < shape.size(); ++d) {
    result.offset += starts[d] * strides[d];
    result.shape[d] =
        limits[d] <= starts[d] ? 0 : (limits[d] - starts[d] + steps[d] - 1) / steps[d];
    result.strides[d] = strides[d] * steps[d];
  }
  return result;
}

std::optional<Layout> Layout::reshaped(ArrayRef<int64_t> newShape) const {
  Layout result{element, SmallVector<int64_t>(newShape), {}, offset};
  if (isDense()) {
    result.strides = denseStrides(newShape);
    return result;
  }
  // Match runs of old dimensions to runs of new ones with the same product; inside a run the old
  // dimensions must follow each other without gaps.
  SmallVector<int64_t> oldSizes, oldStrides;
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1) {
      oldSizes.push_back(shape[i]);
      oldStrides.push_back(strides[i]);
    }
  result.strides.assign(newShape.size(), 0);
  size_t o = 0;
  for (size_t n = 0; n < newShape.size();) {
    if (newShape[n] == 1) {
      ++n;
      continue;
    }
    if (o == oldSizes.size())
      return std::nullopt;
    size_t oEnd = o + 1, nEnd = n + 1;
    int64_t oldProduct = oldSizes[o], newProduct = newShape[n];
    while (oldProduct != newProduct) {
      if (oldProduct < newProduct) {
        if (oEnd == oldSizes.size() || oldStrides[oEnd - 1] != oldStrides[oEnd] * oldSizes[oEnd])
          return std::nullopt;
        oldProduct *= oldSizes[oEnd++];
      } else {
        if (nEnd == newShape.size())
          return std::nullopt;
        newProduct *= newShape[nEnd++];
      }
    }
    int64_t stride = oldStrides[oEnd - 1];
    for (size_t i = nEnd; i-- > n;) {
      result.strides[i] = stride;
      stride *= newShape[i];
    }
    o = oEnd;
    n = nEnd;
  }
  return result;
}

int64_t heddle::cpu::elementBytes(Type element) {
  return (element.getIntOrFloatBitWidth() + 7) / 8;
}
