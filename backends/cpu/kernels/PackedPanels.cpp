//===- PackedPanels.cpp - the operands of a matrix product, packed -----------===//

#include "PackedPanels.h"

#include "ElementEmitter.h"
#include "Loops.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace heddle::cpu;

static constexpr int64_t kSquare = 8; // positions transposed at a time

namespace {
/// Packs one panel.
class PanelPacker {
public:
  PanelPacker(OpBuilder &b, Location loc, int64_t width)
      : b(b), loc(loc), e(b, loc), f32(b.getF32Type()), width(width) {}

  void packWhole(const PanelSource &source, Value length, bool anyLength, Value target) {
    if (source.laneStride == 1) {
      emitLoop(b, loc, e.i64(0), length, 1, [&](Value k) {
        Value lanes = e.load(source.pointer, f32, e.mul(k, source.depthStride), 1, width, {});
        e.store(target, f32, e.mul(k, width), 1, width, {}, lanes);
      });
      return;
    }
    Value from = e.i64(0);
    if (source.depthStride == 1) {
      Value rest = arith::AndIOp::create(b, loc, length, e.i64(kSquare - 1));
      Value whole = arith::SubIOp::create(b, loc, length, rest);
      emitLoop(b, loc, from, whole, kSquare, [&](Value k) { transpose(source, k, target); });
      if (!anyLength)
        return;
      from = whole;
    }
    emitLoop(b, loc, from, length, 1, [&](Value k) {
      emitLoop(b, loc, e.i64(0), e.i64(width), 1,
               [&](Value lane) { store(load(source, lane, k), lane, k, target); });
    });
  }

  /// The first `live` lanes, and zeros.
  void packCut(const PanelSource &source, Value live, Value length, Value target) {
    Value last = arith::SubIOp::create(b, loc, live, e.i64(1));
    emitLoop(b, loc, e.i64(0), length, 1, [&](Value k) {
      emitLoop(b, loc, e.i64(0), e.i64(width), 1, [&](Value lane) {
        Value isLive = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, lane, live);
        Value element = load(source, arith::MinSIOp::create(b, loc, lane, last), k);
        store(arith::SelectOp::create(b, loc, isLive, element, zeros(1)), lane, k, target);
      });
    });
  }

private:
  Value zeros(int64_t count) { return e.fill(b.getF32FloatAttr(0), count); }
  Value shuffle(Value x, Value y, ArrayRef<int64_t> lanes) {
    return vector::ShuffleOp::create(b, loc, x, y, lanes);
  }
  Value load(const PanelSource &source, Value lane, Value k) {
    Value at = e.add(e.mul(lane, source.laneStride), e.mul(k, source.depthStride));
    return e.load(source.pointer, f32, at, 0, 1, {});
  }
  void store(Value element, Value lane, Value k, Value target) {
    e.store(target, f32, e.add(e.mul(k, width), lane), 0, 1, {}, element);
  }

  /// Eight positions of each lane: the lanes are rows in memory.
  void transpose(const PanelSource &source, Value k, Value target) {
    for (int64_t first = 0; first < width; first += kSquare) {
      SmallVector<Value> rows;
      for (int64_t lane = first; lane < first + kSquare; ++lane)
        rows.push_back(lane < width
                           ? e.load(source.pointer, f32, e.add(k, e.i64(lane * source.laneStride)),
                                    1, kSquare, {})
                           : zeros(kSquare));
      const int64_t stored = std::min(kSquare, width - first);
      SmallVector<int64_t> order;
      for (int64_t i = 0; i < stored; ++i)
        order.push_back(i);
      for (auto [q, column] : llvm::enumerate(transposed(rows))) {
        Value at = e.add(e.mul(k, width), e.i64(static_cast<int64_t>(q) * width + first));
        e.store(target, f32, at, 1, stored, {},
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
  int64_t width;
};
} // namespace

void heddle::cpu::packPanels(OpBuilder &b, Location loc, const PanelSource &source,
                             const PanelShape &shape, Value lanes, bool anyLanes, Value length,
                             bool anyLength, Value target) {
  ElementEmitter e(b, loc);
  PanelPacker packer(b, loc, shape.width);
  emitLoop(b, loc, e.i64(0), lanes, shape.width, [&](Value lane) {
    PanelSource panel = source;
    panel.pointer = e.address(source.pointer, b.getF32Type(), e.mul(lane, source.laneStride));
    Value to = e.address(target, b.getF32Type(), e.mul(lane, shape.depth));
    if (!anyLanes)
      return packer.packWhole(panel, length, anyLength, to);
    Value live = arith::SubIOp::create(b, loc, lanes, lane);
    Value isWhole =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, live, e.i64(shape.width));
    emitIfElse(
        b, loc, isWhole, [&] { packer.packWhole(panel, length, anyLength, to); },
        [&] { packer.packCut(panel, live, length, to); });
  });
}
