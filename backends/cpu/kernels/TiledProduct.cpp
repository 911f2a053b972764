//===- TiledProduct.cpp - a block of a matrix product, from cached operands --===//

#include "TiledProduct.h"

#include "ElementEmitter.h"
#include "Loops.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace heddle::cpu;

static constexpr int64_t kUnroll = 4;

namespace {
class ProductEmitter {
public:
  ProductEmitter(OpBuilder &b, Location loc, const MatmulTiles &tiles, const ProductBlock &block)
      : b(b), loc(loc), e(b, loc), f32(b.getF32Type()), tiles(tiles), block(block) {}

  void emit(Addends addends, OtherAddends other) {
    emitLoop(b, loc, e.i64(0), block.columns.count, tiles.columns, [&](Value column) {
      TiledRange rows =
          block.rowsAt ? block.rowsAt(column) : TiledRange{e.i64(0), block.rows.count};
      emitLoop(b, loc, rows.from, rows.to, tiles.rows, [&](Value row) {
        auto tile = [&](int64_t rowCount) { emitTile(row, rowCount, column, addends, other); };
        auto anyTile = [&] {
          if (block.lastRows == 0)
            return tile(tiles.rows);
          Value isWhole = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle,
                                                e.add(row, e.i64(tiles.rows)), block.rows.count);
          emitIfElse(
              b, loc, isWhole, [&] { tile(tiles.rows); }, [&] { tile(block.lastRows); });
        };
        if (!block.beforeTile)
          return anyTile();
        emitIf(b, loc, block.beforeTile(row), anyTile);
      });
      if (block.afterColumn)
        block.afterColumn(column);
    });
  }

private:
  struct Fetched {
    LineFetch fetch;
    SmallVector<Value> places;
  };

  Value startOf(Value row, Value column) {
    return e.address(block.c, f32,
                     e.add(e.mul(row, block.rowStride), e.mul(column, block.perColumn)));
  }

  /// All at once they would fill the buffers of the first-level cache, and the operands wait.
  LineFetch linesOfTile(const ProductTile &tile) const {
    const int64_t lines = llvm::divideCeil(tiles.columns, kLineElements);
    return {{},
            static_cast<int64_t>(tile.places.size()) * lines,
            lines,
            kLineElements,
            block.rowStride,
            Fetch::Write};
  }

  void emitTile(Value row, int64_t rowCount, Value column, Addends addends, OtherAddends other) {
    ProductTile tile{row, column, {}, {}};
    Value c = startOf(row, column);
    Value place = c, stride = e.i64(block.rowStride);
    auto left = [&](const TiledExtent &extent, Value at, int64_t most) {
      return arith::MinSIOp::create(b, loc, e.i64(most),
                                    arith::SubIOp::create(b, loc, extent.count, at));
    };
    // At the border the tile is done on a copy: one inner loop then serves all tiles.
    Value isCut;
    Value liveRows = e.i64(rowCount);
    auto cut = [&](Value live, int64_t whole) {
      Value less = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, live, e.i64(whole));
      isCut = isCut ? Value(arith::OrIOp::create(b, loc, isCut, less)) : less;
    };
    if (block.rows.exact) {
      liveRows = left(block.rows, row, tiles.rows);
      cut(liveRows, tiles.rows);
    }
    if (block.columns.exact) {
      Value live = left(block.columns, column, tiles.columns);
      tile.liveColumns = e.mask(live, tiles.columns);
      cut(live, tiles.columns);
    }
    auto copyRows = [&](Value from, Value fromStride, Value to, Value toStride) {
      emitIf(b, loc, isCut, [&] {
        emitLoop(b, loc, e.i64(0), liveRows, 1, [&](Value i) {
          auto at = [&](Value step) { return arith::MulIOp::create(b, loc, i, step); };
          Value values = e.load(from, f32, at(fromStride), 1, tiles.columns, tile.liveColumns);
          e.store(to, f32, at(toStride), 1, tiles.columns, tile.liveColumns, values);
        });
      });
    };
    if (isCut) {
      copyRows(c, e.i64(block.rowStride), block.edge, e.i64(tiles.columns));
      place = arith::SelectOp::create(b, loc, isCut, block.edge, c);
      stride = arith::SelectOp::create(b, loc, isCut, e.i64(tiles.columns), stride);
    }
    for (int64_t i = 0; i < rowCount; ++i)
      tile.places.push_back(e.address(place, f32, arith::MulIOp::create(b, loc, stride, e.i64(i))));
    SmallVector<Value> sums = add(multiply(tile), tile, addends, other);
    for (auto [line, sum] : llvm::zip_equal(tile.places, sums))
      e.store(line, f32, e.i64(0), 1, tiles.columns, /*mask=*/{}, sum);
    if (isCut)
      copyRows(block.edge, e.i64(tiles.columns), c, e.i64(block.rowStride));
  }

  /// Each branch adds by itself: addends that had to wait for a common addition would take as many
  /// registers as the sums do.
  SmallVector<Value> add(SmallVector<Value> sums, const ProductTile &tile, Addends addends,
                         OtherAddends other) {
    auto plus = [&](Addends terms) {
      SmallVector<Value> result = sums;
      if (terms)
        for (auto [sum, term] : llvm::zip_equal(result, terms(tile)))
          sum = arith::AddFOp::create(b, loc, sum, term);
      return result;
    };
    if (!other.condition)
      return plus(addends);
    auto branch = scf::IfOp::create(
        b, loc, other.condition,
        [&](OpBuilder &, Location) { scf::YieldOp::create(b, loc, plus(other.addends)); },
        [&](OpBuilder &, Location) { scf::YieldOp::create(b, loc, plus(addends)); });
    return llvm::to_vector(ValueRange(branch.getResults()));
  }

  /// The inner loop. The sums stay in registers.
  SmallVector<Value> multiply(const ProductTile &tile) {
    SmallVector<Value> sums(tile.places.size(), e.fill(b.getF32FloatAttr(0), tiles.columns));
    Value a = e.address(block.a.pointer, f32, e.mul(tile.row, block.a.perLane));
    Value bPanel = e.address(block.b.pointer, f32, e.mul(tile.column, block.b.perLane));
    SmallVector<Fetched> fetched;
    if (block.fetch)
      fetched.push_back({*block.fetch, block.fetch->from(tile.row, tile.column)});
    if (block.prefetched)
      fetched.push_back({linesOfTile(tile), {startOf(tile.row, tile.column)}});
    auto steps = [&](Value from, Value to, int64_t unroll) {
      auto loop = scf::ForOp::create(b, loc, from, to, e.i64(unroll), sums);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      SmallVector<Value> next = llvm::to_vector(ValueRange(loop.getRegionIterArgs()));
      Value aOffset = e.mul(loop.getInductionVar(), block.a.depthStride);
      Value bOffset = e.mul(loop.getInductionVar(), block.b.depthStride);
      if (unroll == kUnroll)
        for (const Fetched &lines : fetched)
          fetchLines(lines, loop.getInductionVar());
      for (int64_t u = 0; u < unroll; ++u) {
        Value lanes = e.load(bPanel, f32, e.add(bOffset, e.i64(u * block.b.depthStride)), 1,
                             tiles.columns, /*mask=*/{});
        for (auto [i, sum] : llvm::enumerate(next)) {
          Value at = e.add(aOffset, e.i64(u * block.a.depthStride +
                                          static_cast<int64_t>(i) * block.a.laneStride));
          Value factor = e.splat(e.load(a, f32, at, 0, 1, {}), tiles.columns);
          sum = math::FmaOp::create(b, loc, factor, lanes, sum);
        }
      }
      scf::YieldOp::create(b, loc, next);
      sums.assign(loop.getResults().begin(), loop.getResults().end());
    };
    TiledRange depth = block.depthAt ? block.depthAt(tile.row) : TiledRange{e.i64(0), block.depth};
    if (!block.anyDepth) {
      steps(depth.from, depth.to, kUnroll);
      return sums;
    }
    Value length = arith::SubIOp::create(b, loc, depth.to, depth.from);
    Value rest = arith::AndIOp::create(b, loc, length, e.i64(kUnroll - 1));
    Value whole = arith::SubIOp::create(b, loc, depth.to, rest);
    steps(depth.from, whole, kUnroll);
    steps(whole, depth.to, 1);
    return sums;
  }

  /// The share of the unrolled step at position k.
  void fetchLines(const Fetched &fetched, Value k) {
    const LineFetch &fetch = fetched.fetch;
    const int64_t lines = llvm::divideCeil(fetch.count, fetchSteps(tiles));
    Value step = arith::DivUIOp::create(b, loc, k, e.i64(kUnroll));
    for (int64_t i = 0; i < lines; ++i) {
      Value line = e.add(e.mul(step, lines), e.i64(i));
      // Where the last steps find no line left, they fetch the last one again.
      if (fetch.count % fetchSteps(tiles) != 0)
        line = arith::MinUIOp::create(b, loc, line, e.i64(fetch.count - 1));
      Value at = e.mul(line, fetch.innerStride);
      if (fetch.inner < fetch.count) {
        Value inner = e.i64(fetch.inner);
        at = e.add(e.mul(arith::RemUIOp::create(b, loc, line, inner), fetch.innerStride),
                   e.mul(arith::DivUIOp::create(b, loc, line, inner), fetch.outerStride));
      }
      for (Value place : fetched.places)
        e.prefetch(place, f32, at, fetch.what);
    }
  }

  OpBuilder &b;
  Location loc;
  ElementEmitter e;
  Type f32;
  const MatmulTiles &tiles;
  const ProductBlock &block;
};
} // namespace

int64_t heddle::cpu::fetchSteps(const MatmulTiles &tiles) {
  return (tiles.depth + kUnroll - 1) / kUnroll;
}

void heddle::cpu::emitProduct(OpBuilder &b, Location loc, const MatmulTiles &tiles,
                              const ProductBlock &block, Addends addends, OtherAddends other) {
  ProductEmitter(b, loc, tiles, block).emit(addends, other);
}
