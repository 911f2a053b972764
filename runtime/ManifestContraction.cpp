// The contractions of a manifest. Sizes and strides become pointer arithmetic later, so the address
// of every element must fit 64 bits.
#include "DType.h"
#include "JsonReader.h"
#include "Manifest.h"

#include <fmt/format.h>

namespace heddle::runtime {
namespace {

constexpr size_t kMaxBatchRank = 16;

MatrixStrides readStrides(const JsonNode &node, size_t batchRank) {
  MatrixStrides strides;
  const JsonNode batch = node.field("batch_strides");
  for (const JsonNode &stride : batch.items())
    strides.batch.push_back(stride.integer(0));
  if (strides.batch.size() != batchRank)
    batch.fail(fmt::format("expected {} strides, one for each batch dimension, got {}", batchRank,
                           strides.batch.size()));
  strides.row = node.field("row").integer(0);
  strides.col = node.field("col").integer(0);
  return strides;
}

// The bytes from the first element to the end of the last.
void checkExtent(const JsonNode &node, const ContractionSpec &spec, const MatrixStrides &strides,
                 int64_t rows, int64_t cols) {
  int64_t last = 0, bytes = 0;
  bool overflow = false;
  auto add = [&](int64_t size, int64_t stride) {
    int64_t reach = 0;
    overflow |= __builtin_mul_overflow(size > 0 ? size - 1 : 0, stride, &reach);
    overflow |= __builtin_add_overflow(last, reach, &last);
  };
  for (size_t d = 0; d < spec.batch.size(); ++d)
    add(spec.batch[d], strides.batch[d]);
  add(rows, strides.row);
  add(cols, strides.col);
  overflow |= __builtin_add_overflow(last, int64_t{1}, &last);
  overflow |= __builtin_mul_overflow(last, static_cast<int64_t>(hd_dtype_size(spec.dtype)), &bytes);
  if (overflow)
    node.fail("sizes and strides reach beyond 64-bit addresses");
}

} // namespace

ContractionSpec readContraction(const JsonNode &node) {
  ContractionSpec spec;
  spec.m = node.field("m").integer(0);
  spec.n = node.field("n").integer(0);
  spec.k = node.field("k").integer(0);
  const JsonNode batch = node.field("batch");
  for (const JsonNode &size : batch.items())
    spec.batch.push_back(size.integer(0));
  if (spec.batch.size() > kMaxBatchRank)
    batch.fail(fmt::format("expected at most {} batch dimensions, got {}", kMaxBatchRank,
                           spec.batch.size()));
  spec.dtype = readDType(node.field("dtype"));
  if (auto bias = node.find("bias"))
    spec.bias = bias->boolean();

  // The whole count of multiplications, zeros taken as ones, bounds every product made later.
  int64_t work = 1;
  bool overflow = false;
  for (int64_t size : {spec.m, spec.n, spec.k})
    overflow |= __builtin_mul_overflow(work, size ? size : 1, &work);
  for (int64_t size : spec.batch)
    overflow |= __builtin_mul_overflow(work, size ? size : 1, &work);
  if (overflow)
    node.fail("batch * m * n * k overflows 64 bits");

  spec.a = readStrides(node.field("a"), spec.batch.size());
  spec.b = readStrides(node.field("b"), spec.batch.size());
  spec.c = readStrides(node.field("c"), spec.batch.size());
  checkExtent(node.field("a"), spec, spec.a, spec.m, spec.k);
  checkExtent(node.field("b"), spec, spec.b, spec.k, spec.n);
  checkExtent(node.field("c"), spec, spec.c, spec.m, spec.n);
  return spec;
}

} // namespace heddle::runtime
