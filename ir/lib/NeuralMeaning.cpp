//===- NeuralMeaning.cpp - composite ops in float64 -----------------------===//
//
// Written from the formulas, not from the decompositions, which are tested against it.
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

using namespace mlir;
using namespace heddle::ir;

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

LogicalResult GeluOp::evaluate(Operands operands, Results results) {
  bool tanh = getApproximate() == GeluApproximation::tanh;
  for (auto [x, y] : llvm::zip_equal(operands[0]->values, results[0].values)) {
    double inner = tanh ? std::tanh(std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x))
                        : std::erf(x / std::numbers::sqrt2);
    y = x / 2.0 * (1.0 + inner);
  }
  return success();
}
LogicalResult SiluOp::evaluate(Operands operands, Results results) {
  for (auto [x, y] : llvm::zip_equal(operands[0]->values, results[0].values))
    y = x / (1.0 + std::exp(-x));
  return success();
}

std::pair<double, double> heddle::ir::softmaxLine(double *line, int64_t size, int64_t stride) {
  double max = -std::numeric_limits<double>::infinity(), sum = 0.0;
  for (int64_t i = 0; i < size; ++i)
    max = std::isnan(max) || max > line[i * stride] ? max : line[i * stride];
  for (int64_t i = 0; i < size; ++i)
    sum += std::exp(line[i * stride] - max);
  for (int64_t i = 0; i < size; ++i)
    line[i * stride] = std::exp(line[i * stride] - max) / sum;
  return {std::log(sum), max};
}
template <typename Body> static void forEachLine(Dims shape, int64_t dimension, Body body) {
  DimVector outer(shape), strides = rowMajorStrides(shape);
  outer[dimension] = 1;
  if (shape[dimension] != 0)
    forEachIndex(outer, [&](Dims index) {
      body(offsetOf(index, strides), shape[dimension], strides[dimension]);
    });
}

LogicalResult SoftmaxOp::evaluate(Operands operands, Results results) {
  results[0].values = operands[0]->values;
  forEachLine(results[0].shape(), getDimension(), [&](int64_t base, int64_t size, int64_t stride) {
    softmaxLine(&results[0].values[base], size, stride);
  });
  return success();
}
LogicalResult LogSoftmaxOp::evaluate(Operands operands, Results results) {
  const std::vector<double> &x = operands[0]->values;
  results[0].values = x;
  forEachLine(results[0].shape(), getDimension(), [&](int64_t base, int64_t size, int64_t stride) {
    auto [logSum, max] = softmaxLine(&results[0].values[base], size, stride);
    for (int64_t i = 0; i < size; ++i)
      results[0].values[base + i * stride] = x[base + i * stride] - max - logSum;
  });
  return success();
}

LogicalResult LayerNormOp::evaluate(Operands operands, Results results) {
  const std::vector<double> &weight = operands[1]->values, &bias = operands[2]->values;
  size_t n = weight.size();
  double epsilon = getEpsilon().convertToDouble();
  for (size_t row = 0; row + n <= results[0].values.size() && n != 0; row += n) {
    const double *x = &operands[0]->values[row];
    double mean = 0.0, variance = 0.0;
    for (size_t i = 0; i < n; ++i)
      mean += x[i] / static_cast<double>(n);
    for (size_t i = 0; i < n; ++i)
      variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(n);
    for (size_t i = 0; i < n; ++i)
      results[0].values[row + i] =
          (x[i] - mean) / std::sqrt(variance + epsilon) * weight[i] + bias[i];
  }
  return success();
}

LogicalResult CrossEntropyOp::evaluate(Operands operands, Results results) {
  int64_t rows = operands[0]->shape()[0], classes = operands[0]->shape()[1];
  double loss = 0.0, count = 0.0;
  for (int64_t row = 0; row < rows; ++row) {
    auto label = static_cast<int64_t>(operands[1]->values[row]);
    if (label == static_cast<int64_t>(getIgnoreIndex()))
      continue;
    if (label < 0 || label >= classes)
      return emitOpError("label ")
             << label << " of row " << row << " is out of range for " << classes << " classes";
    std::vector<double> line(operands[0]->values.begin() + row * classes,
                             operands[0]->values.begin() + (row + 1) * classes);
    double logit = line[label];
    auto [logSum, max] = softmaxLine(line.data(), classes, 1);
    loss += logSum - (logit - max);
    count += 1.0;
  }
  results[0].values[0] = loss / count;
  return success();
}

LogicalResult DropoutOp::evaluate(Operands operands, Results results) {
  OpBuilder builder(getContext());
  HostTensor uniform(getType().clone(builder.getF32Type()));
  auto random = RandomUniformOp::create(builder, getLoc(), uniform.type, getKey(), getStream());
  LogicalResult drawn = random.evaluate(operands.drop_front(), uniform);
  random.erase();
  if (failed(drawn))
    return failure();
  // p as the f32 that u is compared with.
  double p = getP().convertToDouble();
  for (size_t i = 0; i < uniform.values.size(); ++i)
    results[0].values[i] = uniform.values[i] >= static_cast<double>(static_cast<float>(p))
                               ? operands[0]->values[i] / (1.0 - p)
                               : 0.0;
  return success();
}
