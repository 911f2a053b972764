//===- PackedPanels.cpp - the operands of a matrix product, packed -----------===//

#include "PackedPanels.h"

#include "ElementEmitter.h"
#include "Loops.h"
#include "MatmulTiles.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace heddle::cpu;

/// Positions packed at a time; twice as many where vectors are as wide.
static constexpr int64_t kSquare = 8;

namespace {
class PanelPacker {
public:
  PanelPacker(OpBuilder &b, Location loc, const PanelSource &source, const PanelShape &shape,
              Value target)
      : b(b), loc(loc), e(b, loc), f32(b.getF32Type()), source(source), width(shape.width),
        depth(shape.depth), target(target) {}

  /// Where lanes are neighbours in memory: some positions of all panels, then the next. The source
  /// is read along its rows, as the processor expects it to be.
  void packAcross(Value lanes, bool anyLanes, Value length, int64_t lengthUnit) {
    Value rest = arith::RemUIOp::create(b, loc, lanes, e.i64(width));
    Value whole = arith::SubIOp::create(b, loc, lanes, rest);
    Value mask = anyLanes ? e.mask(rest, width) : Value();
    forPositions(length, lengthUnit, [&](Value k, int64_t count) {
      auto copy = [&](Value lane, Value live) {
        Value panel = panelAt(lane);
        for (int64_t i = 0; i < count; ++i) {
          Value at = e.add(k, e.i64(i));
          Value elements = e.load(source.pointer, f32, e.add(lane, e.mul(at, source.depthStride)),
                                  1, width, live);
          e.store(panel, f32, e.mul(at, width), 1, width, {}, elements);
          if (count > 1)
            prefetch(e.add(lane, e.mul(e.add(at, e.i64(count)), source.depthStride)));
        }
      };
      emitLoop(b, loc, e.i64(0), whole, width, [&](Value lane) { copy(lane, {}); });
      if (anyLanes)
        emitIf(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, rest, e.i64(0)),
               [&] { copy(whole, mask); });
    });
  }

  /// Otherwise: panel by panel.
  void packAlong(Value lanes, bool anyLanes, Value length, int64_t lengthUnit) {
    emitLoop(b, loc, e.i64(0), lanes, width, [&](Value lane) {
      if (!anyLanes)
        return packPanel(lane, {}, length, lengthUnit);
      Value live = arith::SubIOp::create(b, loc, lanes, lane);
      Value isWhole = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, live, e.i64(width));
      emitIfElse(
          b, loc, isWhole, [&] { packPanel(lane, {}, length, lengthUnit); },
          [&] { packPanel(lane, live, length, lengthUnit); });
    });
  }

private:
  /// `body(k, count)` for positions k to k + count.
  void forPositions(Value length, int64_t lengthUnit, function_ref<void(Value, int64_t)> body) {
    Value done = e.i64(0);
    auto steps = [&](int64_t size) {
      Value rest = arith::AndIOp::create(b, loc, length, e.i64(size - 1));
      Value whole = arith::SubIOp::create(b, loc, length, rest);
      emitLoop(b, loc, done, whole, size, [&](Value k) { body(k, size); });
      done = whole;
    };
    if (isWide())
      steps(2 * kSquare);
    if (!isWide() || lengthUnit < 2 * kSquare)
      steps(kSquare);
    if (lengthUnit < kSquare)
      steps(1);
  }

  /// Of the next positions. A whole block is packed in one go: its source comes from the memory, as
  /// a rule, and the processor sees each row only when it has begun.
  void prefetch(Value offset) {
    for (int64_t lane = 0; lane < width; lane += kLineElements)
      e.prefetch(source.pointer, f32, e.add(offset, e.i64(lane)));
  }

  /// From `first` on; of lanes after the first `live` of them (null: all are), zeros.
  void packPanel(Value first, Value live, Value length, int64_t lengthUnit) {
    Value from = e.address(source.pointer, f32, e.mul(first, source.laneStride));
    Value panel = panelAt(first);
    forPositions(length, lengthUnit, [&](Value k, int64_t count) {
      if (count > 1 && source.depthStride == 1)
        return transpose(from, live, k, count, panel);
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

  /// Whether panels are of whole vectors of AVX-512.
  bool isWide() const { return width % (4 * kSquare) == 0; }

  /// `size` positions of each lane: the lanes are rows in memory.
  void transpose(Value from, Value live, Value k, int64_t size, Value panel) {
    for (int64_t first = 0; first < width; first += size) {
      SmallVector<Value> rows;
      for (int64_t lane = first; lane < first + size; ++lane)
        rows.push_back(lane < width ? load(from, e.i64(lane), live, k, size) : zeros(size));
      const int64_t stored = std::min(size, width - first);
      SmallVector<int64_t> order;
      for (int64_t i = 0; i < stored; ++i)
        order.push_back(i);
      for (auto [q, column] :
           llvm::enumerate(size == kSquare ? transposed8(rows) : transposed16(rows))) {
        Value at = e.add(e.mul(k, width), e.i64(static_cast<int64_t>(q) * width + first));
        e.store(panel, f32, at, 1, stored, {},
                stored == size ? column : shuffle(column, column, order));
      }
    }
  }

  /// Sixteen by sixteen, in the steps that AVX-512 has instructions for: pairs of elements, pairs
  /// of pairs, within quarters of vectors; then quarters, twice.
  SmallVector<Value> transposed16(ArrayRef<Value> r) {
    // Of every quarter 4q of the first vector and of the second: elements at these places.
    auto quarters = [&](Value x, Value y, ArrayRef<int64_t> places) {
      SmallVector<int64_t> lanes;
      for (int64_t quarter = 0; quarter < 16; quarter += 4)
        for (int64_t place : places)
          lanes.push_back(quarter + (place < 4 ? place : place + 12));
      return shuffle(x, y, lanes);
    };
    // Quarters i and i + 2 of each.
    auto alternate = [&](Value x, Value y, int64_t i) {
      SmallVector<int64_t> lanes;
      for (int64_t quarter : {i, i + 2, i + 4, i + 6})
        for (int64_t place = 0; place < 4; ++place)
          lanes.push_back(quarter * 4 + place);
      return shuffle(x, y, lanes);
    };
    SmallVector<Value> columns(16);
    Value fours[4][4]; // of four rows each: columns q, q + 4, q + 8, q + 12
    for (int64_t g = 0; g < 4; ++g) {
      ArrayRef<Value> rows = r.slice(g * 4, 4);
      for (int64_t half = 0; half < 2; ++half) {
        const int64_t first = 2 * half;
        Value upper = quarters(rows[0], rows[1], {first, first + 4, first + 1, first + 5});
        Value lower = quarters(rows[2], rows[3], {first, first + 4, first + 1, first + 5});
        fours[g][first] = quarters(upper, lower, {0, 1, 4, 5});
        fours[g][first + 1] = quarters(upper, lower, {2, 3, 6, 7});
      }
    }
    for (int64_t q = 0; q < 4; ++q)
      for (int64_t odd = 0; odd < 2; ++odd) {
        Value upper = alternate(fours[0][q], fours[1][q], odd);
        Value lower = alternate(fours[2][q], fours[3][q], odd);
        columns[q + 4 * odd] = alternate(upper, lower, 0);
        columns[q + 4 * odd + 8] = alternate(upper, lower, 1);
      }
    return columns;
  }

  /// Eight by eight, in the steps that AVX has instructions for: pairs of elements, pairs of pairs,
  /// halves.
  SmallVector<Value> transposed8(ArrayRef<Value> r) {
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
                             int64_t lengthUnit, Value target) {
  PanelPacker packer(b, loc, source, shape, target);
  if (source.laneStride == 1)
    packer.packAcross(lanes, anyLanes, length, lengthUnit);
  else
    packer.packAlong(lanes, anyLanes, length, lengthUnit);
}

int64_t heddle::cpu::lengthUnitOf(int64_t extent) {
  return extent % (2 * kSquare) == 0 ? 2 * kSquare : extent % kSquare == 0 ? kSquare : 1;
}
