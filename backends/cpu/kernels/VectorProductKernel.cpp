//===- VectorProductKernel.cpp - a matrix times a vector ---------------------===//
//
// y_j = sum over k of M_jk x_k, and the bias. Each element of M is used once, so the time is the
// memory's, and M is read in the order in which it lies:
//
//   its k are neighbours:  for some rows j at once, sums in registers over all k
//   its j are neighbours:  for some k at once, y_j += M_jk x_k over a block of y in the cache
//   so in panels:          some panels at once, sums in registers over all k
//
// An iteration is a panel of j.
//
//===----------------------------------------------------------------------===//

#include "ElementEmitter.h"
#include "Loops.h"
#include "MatmulTiles.h"
#include "ProductBatches.h"
#include "VectorDots.h"
#include "heddle/cpu/ContractionLayout.h"
#include "heddle/cpu/KernelLibrary.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace heddle::cpu;

/// Steps along k between a load and a store of y.
static constexpr int64_t kDepth = 8;
/// Of y, in the first-level cache.
static constexpr int64_t kBlock = 2048;
/// Columns of a panel: some lines of each row of M, one after the other.
static constexpr int64_t kPanelColumns = 64;
/// Places read at once, where M lies in panels.
static constexpr int64_t kStreams = 4;
/// Elements ahead of which each is fetched: by themselves, some processors fetch too little of four
/// streams to keep the memory busy.
static constexpr int64_t kAhead = 128;

namespace {

/// The product as a matrix with j along its rows.
struct VectorProduct {
  struct Strides {
    ArrayRef<int64_t> batch;
    int64_t j = 0, k = 0, panel = 0;
  };
  int64_t rows = 1, depth = 1;
  Strides matrix, vector, result;
  unsigned matrixArgument = 0, vectorArgument = 1;
  bool hasBiasARow = false; // or the same for all

  explicit VectorProduct(const ContractionLayout &p) : depth(p.k) {
    auto strides = [](const ContractionLayout::Operand &o, int64_t j, int64_t k) {
      return Strides{o.batch, j, k, o.panel};
    };
    if (p.m == 1) {
      rows = p.n;
      matrix = strides(p.b, p.b.column, p.b.row);
      vector = strides(p.a, 0, p.a.column);
      result = strides(p.c, p.c.column, 0);
      std::swap(matrixArgument, vectorArgument);
      hasBiasARow = true;
    } else {
      rows = p.m;
      matrix = strides(p.a, p.a.row, p.a.column);
      vector = strides(p.b, 0, p.b.row);
      result = strides(p.c, p.c.row, 0);
    }
  }

  /// A stride along one element is any that one likes.
  static bool isOne(int64_t stride, int64_t extent) { return stride == 1 || extent == 1; }
  bool isAlongDepth() const { return isOne(matrix.k, depth) && isOne(vector.k, depth); }
  bool isAlongRows() const { return isOne(matrix.j, rows) && isOne(result.j, rows); }
  bool isInPanels() const { return matrix.panel > 0; }
};

class VectorProductKernel {
public:
  VectorProductKernel(Location loc, const VectorUnit &unit, const ContractionLayout &product,
                      bool hasBias)
      : loc(loc), p(product), batches(product.batch), width(unit.vectorBits / 32),
        hasBias(hasBias) {}

  int64_t panelRows() const {
    if (p.isInPanels())
      return p.matrix.panel;
    return readsAlongDepth() ? kDotRows : kPanelColumns;
  }
  int64_t panels() const { return (p.rows + panelRows() - 1) / panelRows(); }
  int64_t panelsAtOnce() const { return p.isInPanels() ? kStreams : 1; }
  int64_t iterations() const { return batches.count() * panels(); }
  int64_t elementsAPanel() const { return panelRows() * p.depth; }

  void emit(OpBuilder &builder, const TaskFrame &frame) {
    b = &builder;
    ElementEmitter e(builder, loc);
    bias = hasBias ? frame.pointers[2] : Value();
    batches.forEach(builder, loc, frame.begin, frame.end, panels(),
                    [&](Value batch, Value from, Value to) {
                      auto pointer = [&](Value operand, const VectorProduct::Strides &strides) {
                        return batches.pointer(builder, loc, operand, strides.batch, batch);
                      };
                      matrix = pointer(frame.pointers[p.matrixArgument], p.matrix);
                      vector = pointer(frame.pointers[p.vectorArgument], p.vector);
                      result = pointer(frame.pointers.back(), p.result);
                      from = e.mul(from, panelRows());
                      to = minimum(e.mul(to, panelRows()), e.i64(p.rows));
                      if (p.isInPanels())
                        emitInPanels(from, to);
                      else if (readsAlongDepth())
                        emitAlongDepth(from, to);
                      else
                        emitAlongRows(from, to);
                    });
  }

private:
  bool readsAlongDepth() const {
    return p.isAlongDepth() && (p.depth >= width || !p.isAlongRows());
  }

  Value sub(Value x, Value y) { return arith::SubIOp::create(*b, loc, x, y); }
  Value minimum(Value x, Value y) { return arith::MinSIOp::create(*b, loc, x, y); }
  Type f32() { return b->getF32Type(); }
  Value pointerAt(Value pointer, Value offset) {
    return ElementEmitter(*b, loc).address(pointer, f32(), offset);
  }

  Value biasAt(Value row, int64_t count, Value mask = {}) {
    ElementEmitter e(*b, loc);
    return p.hasBiasARow ? e.load(bias, f32(), row, 1, count, mask)
                         : e.load(bias, f32(), e.i64(0), 0, count, mask);
  }

  //===--------------------------------------------------------------------===//
  // M's elements are neighbours along k.
  //===--------------------------------------------------------------------===//

  void emitAlongDepth(Value from, Value to) {
    ElementEmitter e(*b, loc);
    Value rest = from;
    if (p.rows >= kDotRows) {
      Value count = sub(to, from);
      rest = e.add(from, sub(count, arith::RemUIOp::create(*b, loc, count, e.i64(kDotRows))));
      emitLoop(*b, loc, from, rest, kDotRows, [&](Value row) { emitRows(row, kDotRows); });
    }
    if (p.rows % kDotRows != 0)
      emitLoop(*b, loc, rest, to, 1, [&](Value row) { emitRows(row, 1); });
  }

  void emitRows(Value row, int64_t count) {
    ElementEmitter e(*b, loc);
    SmallVector<Value> lines;
    for (int64_t i = 0; i < count; ++i)
      lines.push_back(pointerAt(matrix, e.mul(e.add(row, e.i64(i)), p.matrix.j)));
    SmallVector<Value> totals = emitDots(*b, loc, width, lines, 1, vector, p.depth);
    for (auto [i, total] : llvm::enumerate(totals)) {
      Value at = e.add(row, e.i64(static_cast<int64_t>(i)));
      if (bias)
        total = arith::AddFOp::create(*b, loc, total, biasAt(at, 1));
      e.store(result, f32(), e.mul(at, p.result.j), 1, 1, {}, total);
    }
  }

  //===--------------------------------------------------------------------===//
  // M's elements are neighbours along j.
  //===--------------------------------------------------------------------===//

  /// Calls `body` with the place and the mask of each vector of [from, to).
  template <typename Body> void forVectors(Value from, Value to, Body &&body) {
    ElementEmitter e(*b, loc);
    if (p.rows % width == 0 && kPanelColumns % width == 0)
      return emitLoop(*b, loc, from, to, width, [&](Value at) { body(at, Value()); });
    Value count = sub(to, from);
    Value rest = arith::RemUIOp::create(*b, loc, count, e.i64(width)), whole = sub(to, rest);
    emitLoop(*b, loc, from, whole, width, [&](Value at) { body(at, Value()); });
    Value isCut = arith::CmpIOp::create(*b, loc, arith::CmpIPredicate::ne, rest, e.i64(0));
    emitIf(*b, loc, isCut, [&] { body(whole, e.mask(rest, width)); });
  }

  void emitAlongRows(Value from, Value to) {
    emitLoop(*b, loc, from, to, kBlock, [&](Value block) {
      ElementEmitter e(*b, loc);
      emitBlock(block, minimum(e.add(block, e.i64(kBlock)), to));
    });
  }

  void emitBlock(Value from, Value to) {
    ElementEmitter e(*b, loc);
    forVectors(from, to, [&](Value at, Value mask) {
      Value start = bias ? biasAt(at, width, mask) : e.fill(b->getF32FloatAttr(0), width);
      e.store(result, f32(), at, 1, width, mask, start);
    });
    const int64_t whole = p.depth / kDepth * kDepth;
    if (whole > 0)
      emitLoop(*b, loc, e.i64(0), e.i64(whole), kDepth,
               [&](Value k) { emitSteps(from, to, k, kDepth); });
    if (whole < p.depth)
      emitLoop(*b, loc, e.i64(whole), e.i64(p.depth), 1,
               [&](Value k) { emitSteps(from, to, k, 1); });
  }

  void emitSteps(Value from, Value to, Value k, int64_t count) {
    ElementEmitter e(*b, loc);
    SmallVector<Value> factors, lines;
    for (int64_t i = 0; i < count; ++i) {
      Value at = e.add(k, e.i64(i));
      factors.push_back(e.load(vector, f32(), e.mul(at, p.vector.k), 0, width, {}));
      lines.push_back(pointerAt(matrix, e.mul(at, p.matrix.k)));
    }
    forVectors(from, to, [&](Value at, Value mask) {
      Value sum = e.load(result, f32(), at, 1, width, mask);
      for (auto [factor, line] : llvm::zip_equal(factors, lines))
        sum = math::FmaOp::create(*b, loc, factor, e.load(line, f32(), at, 1, width, mask), sum);
      e.store(result, f32(), at, 1, width, mask, sum);
    });
  }

  //===--------------------------------------------------------------------===//
  // M lies in panels of neighbours along j.
  //===--------------------------------------------------------------------===//

  /// Where a stream reads: a panel, from a position on.
  struct Stream {
    Value panel;
    int64_t position = 0;
  };

  void emitInPanels(Value from, Value to) {
    ElementEmitter e(*b, loc);
    const int64_t panel = p.matrix.panel, together = kStreams * panel;
    // Several places at once: the processor fetches ahead in each, where one alone would leave the
    // memory half idle. Panels side by side make the longest streams; of one that is left, parts.
    Value rest = from;
    if (p.rows >= together) {
      Value count = sub(to, from);
      rest = e.add(from, sub(count, arith::RemUIOp::create(*b, loc, count, e.i64(together))));
      emitLoop(*b, loc, from, rest, together, [&](Value row) {
        SmallVector<Stream> streams;
        for (int64_t s = 0; s < kStreams; ++s)
          streams.push_back({panelAt(e.add(row, e.i64(s * panel)))});
        SmallVector<Value> sums = zeroSums();
        addStreams(streams, e.i64(0), e.i64(p.depth), sums);
        for (int64_t s = 0; s < kStreams; ++s)
          storeSums(e.add(row, e.i64(s * panel)), sumsOf(sums, s));
      });
    }
    emitLoop(*b, loc, rest, to, panel, [&](Value row) {
      const int64_t length = p.depth / kStreams;
      SmallVector<Stream> streams;
      for (int64_t s = 0; s < kStreams; ++s)
        streams.push_back({panelAt(row), s * length});
      SmallVector<Value> sums = zeroSums();
      addStreams(streams, e.i64(0), e.i64(length), sums);
      if (kStreams * length < p.depth)
        addStreams(ArrayRef(streams).take_front(), e.i64(kStreams * length), e.i64(p.depth), sums);
      SmallVector<Value> total(sumsOf(sums, 0));
      for (int64_t s = 1; s < kStreams; ++s)
        for (auto [sum, other] : llvm::zip_equal(total, sumsOf(sums, s)))
          sum = arith::AddFOp::create(*b, loc, sum, other);
      storeSums(row, total);
    });
  }

  int64_t vectorsAPanel() const { return p.matrix.panel / width; }
  Value panelAt(Value row) { return pointerAt(matrix, ElementEmitter(*b, loc).mul(row, p.depth)); }
  /// Of each stream, of each vector of its panel.
  SmallVector<Value> zeroSums() {
    Value zeros = ElementEmitter(*b, loc).fill(b->getF32FloatAttr(0), width);
    return SmallVector<Value>(kStreams * vectorsAPanel(), zeros);
  }
  ArrayRef<Value> sumsOf(ArrayRef<Value> sums, int64_t stream) const {
    return sums.slice(stream * vectorsAPanel(), vectorsAPanel());
  }

  /// Adds to the sums of the streams what they read from `begin` to `end`, counted from where they
  /// start.
  void addStreams(ArrayRef<Stream> streams, Value begin, Value end, SmallVector<Value> &sums) {
    ElementEmitter e(*b, loc);
    auto loop = scf::ForOp::create(*b, loc, begin, end, e.i64(1), sums);
    OpBuilder::InsertionGuard guard(*b);
    b->setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next = llvm::to_vector(ValueRange(loop.getRegionIterArgs()));
    for (auto [s, stream] : llvm::enumerate(streams)) {
      Value k = e.add(loop.getInductionVar(), e.i64(stream.position));
      Value factor = e.load(vector, f32(), e.mul(k, p.vector.k), 0, width, {});
      for (int64_t v = 0; v < vectorsAPanel(); ++v) {
        Value at = e.add(e.mul(k, p.matrix.panel), e.i64(v * width));
        Value lanes = e.load(stream.panel, f32(), at, 1, width, {});
        if (v * width % kLineElements == 0)
          e.prefetch(stream.panel, f32(), e.add(at, e.i64(kAhead)));
        Value &sum = next[s * vectorsAPanel() + v];
        sum = math::FmaOp::create(*b, loc, factor, lanes, sum);
      }
    }
    scf::YieldOp::create(*b, loc, next);
    sums.assign(loop.getResults().begin(), loop.getResults().end());
  }

  void storeSums(Value row, ArrayRef<Value> sums) {
    ElementEmitter e(*b, loc);
    for (auto [v, sum] : llvm::enumerate(sums)) {
      Value at = e.add(row, e.i64(static_cast<int64_t>(v) * width));
      Value total = sum;
      if (bias)
        total = arith::AddFOp::create(*b, loc, total, biasAt(at, width));
      e.store(result, f32(), at, 1, width, {}, total);
    }
  }

  OpBuilder *b = nullptr;
  Location loc;
  VectorProduct p;
  ProductBatches batches;
  int64_t width;
  bool hasBias;
  Value matrix, vector, result, bias;
};
} // namespace

bool heddle::cpu::isVectorProduct(const ContractionLayout &product) {
  if (product.m != 1 && product.n != 1)
    return false;
  const VectorProduct p(product);
  if (p.isInPanels())
    return p.matrix.j == 1 && p.isOne(p.result.j, p.rows);
  return p.isAlongDepth() || p.isAlongRows();
}

Task KernelLibrary::vectorProduct(Location loc, const ContractionLayout &product, bool hasBias) {
  VectorProductKernel kernel(loc, unit, product, hasBias);
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, loc, hasBias ? 4 : 3);
  kernel.emit(builder, frame);
  Task task = finish(frame, kernel.iterations(), kernel.elementsAPanel(), "matmul");
  task.part = std::max(task.grain, kernel.panelsAtOnce());
  return task;
}
