//===- VectorDots.cpp - rows of a matrix times one vector -------------------===//

#include "VectorDots.h"
#include "ElementEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace heddle::cpu;

/// Of a row: with as many rows as `kDotRows`, enough to hide what an addition takes.
static constexpr int64_t kSumsARow = 2;

SmallVector<Value> heddle::cpu::emitDots(OpBuilder &b, Location loc, int64_t width,
                                         ArrayRef<Value> rows, int64_t stride, Value vector,
                                         int64_t depth) {
  ElementEmitter e(b, loc);
  SmallVector<Value> sums(rows.size() * kSumsARow, e.fill(b.getF32FloatAttr(0), width));
  // sums += what the part of the rows from k on gives that holds `count` vectors, the last of
  // `live` elements.
  auto addVectors = [&](Value k, int64_t count, int64_t live) {
    for (int64_t i = 0; i < count; ++i) {
      Value at = e.add(k, e.i64(i * width)), rowAt = e.mul(at, stride);
      const bool isWhole = i + 1 < count || live == width;
      Value mask = isWhole ? Value() : e.mask(e.i64(live), width);
      Value x = e.load(vector, b.getF32Type(), at, 1, width, mask);
      for (auto [row, line] : llvm::enumerate(rows)) {
        Value &sum = sums[row * kSumsARow + i];
        Value y = e.load(line, b.getF32Type(), rowAt, stride, width, mask);
        sum = math::FmaOp::create(b, loc, y, x, sum);
      }
    }
  };
  const int64_t step = kSumsARow * width, whole = depth / step * step;
  if (whole > 0) {
    auto loop = scf::ForOp::create(b, loc, e.i64(0), e.i64(whole), e.i64(step), sums);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    sums.assign(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
    addVectors(loop.getInductionVar(), kSumsARow, width);
    scf::YieldOp::create(b, loc, sums);
    sums.assign(loop.getResults().begin(), loop.getResults().end());
  }
  if (const int64_t left = depth - whole) {
    const int64_t vectors = (left + width - 1) / width;
    addVectors(e.i64(whole), vectors, left - (vectors - 1) * width);
  }
  SmallVector<Value> totals;
  for (size_t row = 0; row < rows.size(); ++row) {
    Value sum = sums[row * kSumsARow];
    for (int64_t s = 1; s < kSumsARow; ++s)
      sum = arith::AddFOp::create(b, loc, sum, sums[row * kSumsARow + s]);
    totals.push_back(vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD, sum));
  }
  return totals;
}
