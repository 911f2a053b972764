//===- PackedPanels.cpp - the operands of a matrix product, packed -----------===//

#include "PackedPanels.h"

#include "ElementEmitter.h"
#include "Loops.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace heddle::cpu;

static constexpr int64_t kSquare = 8; // positions packed at a time
static constexpr int64_t kLine = 16;  // elements of a cache line

namespace {
class PanelPacker {
public:
  PanelPacker(OpBuilder &b, Location loc, const PanelSource &source, const PanelShape &shape,
              Value target)
      : b(b), loc(loc), e(b, loc), f32(b.getF32Type()), source(source), width(shape.width),
        depth(shape.depth), target(target) {}

  /// Where lanes are neighbours in memory: some positions of all panels, then the next. The source
  /// is read along its rows, as the processor expects it to be.
  void packAcross(Value lanes, bool anyLanes, Value length, bool anyLength) {
    Value rest = arith::RemUIOp::create(b, loc, lanes, e.i64(width));
    Value whole = arith::SubIOp::create(b, loc, lanes, rest);
    Value mask = anyLanes ? e.mask(rest, width) : Value();
    forPositions(length, anyLength, [&](Value k, int64_t count) {
      auto copy = [&](Value lane, Value live) {
        Value panel = panelAt(lane);
        for (int64_t i = 0; i < count; ++i) {
          Value at = e.add(k, e.i64(i));
          Value elements = e.load(source.pointer, f32, e.add(lane, e.mul(at, source.depthStride)),
                                  1, width, live);
          e.store(panel, f32, e.mul(at, width), 1, width, {}, elements);
          if (count == kSquare)
            prefetch(e.add(lane, e.mul(e.add(at, e.i64(kSquare)), source.depthStride)));
        }
      };
      emitLoop(b, loc, e.i64(0), whole, width, [&](Value lane) { copy(lane, {}); });
      if (anyLanes)
        emitIf(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, rest, e.i64(0)),
               [&] { copy(whole, mask); });
    });
  }

  /// Otherwise: panel by panel.
  void packAlong(Value lanes, bool anyLanes, Value length, bool anyLength) {
    emitLoop(b, loc, e.i64(0), lanes, width, [&](Value lane) {
      if (!anyLanes)
        return packPanel(lane, {}, length, anyLength);
      Value live = arith::SubIOp::create(b, loc, lanes, lane);
      Value isWhole = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, live, e.i64(width));
      emitIfElse(
          b, loc, isWhole, [&] { packPanel(lane, {}, length, anyLength); },
          [&] { packPanel(lane, live, length, anyLength); });
    });
  }

private:
  /// `body(k, count)` for positions k to k + count.
  void forPositions(Value length, bool anyLength, function_ref<void(Value, int64_t)> body) {
    Value rest = arith::AndIOp::create(b, loc, length, e.i64(kSquare - 1));
    Value whole = arith::SubIOp::create(b, loc, length, rest);
    emitLoop(b, loc, e.i64(0), whole, kSquare, [&](Value k) { body(k, kSquare); });
    if (anyLength)
      emitLoop(b, loc, whole, length, 1, [&](Value k) { body(k, 1); });
  }

  /// Of the next positions. A whole block is packed in one go: its source comes from the memory, as
  /// a rule, and the processor sees each row only when it has begun.
  void prefetch(Value offset) {
    for (int64_t lane = 0; lane < width; lane += kLine)
      LLVM::Prefetch::create(b, loc, e.address(source.pointer, f32, e.add(offset, e.i64(lane))),
                             b.getI32IntegerAttr(0), b.getI32IntegerAttr(3),
                             b.getI32IntegerAttr(1));
  }

  /// From `first` on; of lanes after the first `live` of them (null: all are), zeros.
  void packPanel(Value first, Value live, Value length, bool anyLength) {
    Value from = e.address(source.pointer, f32, e.mul(first, source.laneStride));
    Value panel = panelAt(first);
    forPositions(length, anyLength, [&](Value k, int64_t count) {
      if (count == kSquare && source.depthStride == 1)
        return transpose(from, live, k, panel);
      emitLoop(b, loc, k, e.add(k, e.i64(count)), 1, [&](Value at) {
        emitLoop(b, loc, e.i64(0), e.i64(width), 1, [&](Value lane) {
          Value element = load(from, lane, live, at, 1);
          e.store(panel, f32, e.add(e.mul(at, width), lane), 0, 1, {}, element);
        });
      });
    });
  }

  Value panelAt(Value lane) { return e.address(target, f32, e.mul(lane, depth)); }
  Value zeros(int64_t count) { return e.fill(b.getF32FloatAttr(0), count); }
  Value shuffle(Value x, Value y, ArrayRef<int64_t> lanes) {
    return vector::ShuffleOp::create(b, loc, x, y, lanes);
  }

  /// `count` positions of a lane from k on; zeros, if it is not one of the first `live`.
  Value load(Value from, Value lane, Value live, Value k, int64_t count) {
    Value row = lane;
    if (live) // beyond, the last one is read
      row = arith::MinSIOp::create(b, loc, lane, arith::SubIOp::create(b, loc, live, e.i64(1)));
    Value at = e.add(e.mul(row, source.laneStride), e.mul(k, source.depthStride));
    Value elements = e.load(from, f32, at, source.depthStride, count, {});
    if (!live)
      return elements;
    Value isLive = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, lane, live);
    return arith::SelectOp::create(b, loc, isLive, elements, zeros(count));
  }

  /// Eight positions of each lane: the lanes are rows in memory.
  void transpose(Value from, Value live, Value k, Value panel) {
    for (int64_t first = 0; first < width; first += kSquare) {
      SmallVector<Value> rows;
      for (int64_t lane = first; lane < first + kSquare; ++lane)
        rows.push_back(lane < width ? load(from, e.i64(lane), live, k, kSquare) : zeros(kSquare));
      const int64_t stored = std::min(kSquare, width - first);
      SmallVector<int64_t> order;
      for (int64_t i = 0; i < stored; ++i)
        order.push_back(i);
      for (auto [q, column] : llvm::enumerate(transposed(rows))) {
        Value at = e.add(e.mul(k, width), e.i64(static_cast<int64_t>(q) * width + first));
        e.store(panel, f32, at, 1, stored, {},
                stored == kSquare ? column : shuffle(column, column, order));
      }
    }
  }

  /// Eight by eight, in the steps that AVX has instructions for: pairs of elements, pairs of pairs,
  /// halves.
  SmallVector<Value> transposed(ArrayRef<Value> r) {
    static constexpr int64_t low[] = {0, 8, 1, 9, 4, 12, 5, 13};
    static constexpr int64_t high[] = {2, 10, 3, 11, 6, 14, 7, 15};
    static constexpr int64_t lowPairs[] = {0, 1, 8, 9, 4, 5, 12, 13};
    static constexpr int64_t highPairs[] = {2, 3, 10, 11, 6, 7, 14, 15};
    static constexpr int64_t lowHalves[] = {0, 1, 2, 3, 8, 9, 10, 11};
    static constexpr int64_t highHalves[] = {4, 5, 6, 7, 12, 13, 14, 15};
    Value quads[2][4]; // of rows 0 to 3 and 4 to 7: columns 0 and 4, 1 and 5, 2 and 6, 3 and 7
    for (int64_t half = 0; half < 2; ++half) {
      ArrayRef<Value> rows = r.slice(half * 4, 4);
      Value lowFirst = shuffle(rows[0], rows[1], low), highFirst = shuffle(rows[0], rows[1], high);
      Value lowLast = shuffle(rows[2], rows[3], low), highLast = shuffle(rows[2], rows[3], high);
      quads[half][0] = shuffle(lowFirst, lowLast, lowPairs);
      quads[half][1] = shuffle(lowFirst, lowLast, highPairs);
      quads[half][2] = shuffle(highFirst, highLast, lowPairs);
      quads[half][3] = shuffle(highFirst, highLast, highPairs);
    }
    SmallVector<Value> columns;
    for (ArrayRef<int64_t> halves : {ArrayRef(lowHalves), ArrayRef(highHalves)})
      for (int64_t q = 0; q < 4; ++q)
        columns.push_back(shuffle(quads[0][q], quads[1][q], halves));
    return columns;
  }

  OpBuilder &b;
  Location loc;
  ElementEmitter e;
  Type f32;
  const PanelSource &source;
  int64_t width, depth;
  Value target;
};
} // namespace

void heddle::cpu::packPanels(OpBuilder &b, Location loc, const PanelSource &source,
                             const PanelShape &shape, Value lanes, bool anyLanes, Value length,
                             bool anyLength, Value target) {
  PanelPacker packer(b, loc, source, shape, target);
  if (source.laneStride == 1)
    packer.packAcross(lanes, anyLanes, length, anyLength);
  else
    packer.packAlong(lanes, anyLanes, length, anyLength);
}
