//===- MatmulKernel.cpp - a matrix product of one's own ----------------------===//
//
// c is shared out in panels: `rows` rows of it, or `columns` columns, whichever c has more of. An
// iteration is a panel, or a cell of it, some of its tiles, so that any number of threads get about
// as much. A part of the iterations is whole panels, and what it has of those at its ends; each of
// these is a product of its own, which packs what it needs of a and b:
//
//   for a block of columns
//     for a block of the contracted dimension
//       pack b [depth, blockColumns]
//       for a block of rows
//         pack a [blockRows, depth]
//         for a panel of columns, for a panel of rows
//           c's tile, in registers, += a's panel . b's panel
//
// Rows of a whose elements are neighbours are read where they lie, with no packing. Where a is
// packed and all its rows make one block, the loop over the columns is inside, so that it is packed
// once. Where b was packed in advance, its panels are read from there. An epilogue follows a block
// of c with the last of its depths, or each panel of it where c lies in panels. A c in panels that
// has one depth, and that nothing else reads, is not in memory: a panel of a block is kept in
// scratch.
//
// A parameter may lie in panels at all times (StoredPanels.h), with all positions of a panel one
// after the other. As b it is read where it lies, where the panels run along the columns; along the
// contracted dimension, b is packed from squares. The gradient of it, c, is written so.
//
//===----------------------------------------------------------------------===//

#include "ElementEmitter.h"
#include "Epilogue.h"
#include "Loops.h"
#include "PackedPanels.h"
#include "PanelsOfB.h"
#include "ProductBatches.h"
#include "TiledProduct.h"
#include "heddle/cpu/ContractionLayout.h"
#include "heddle/cpu/KernelLibrary.h"

#include <numeric>

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

/// c's columns must be neighbours. If its rows are, it is computed as the transpose of c.
static bool computesTranspose(const ContractionLayout &product) {
  return product.c.column != 1 && product.n > 1;
}

/// The rows of a are read where they lie, if the rows of a tile find room in the first-level cache:
/// rows that are a multiple of a page apart all fall on the same few lines of it.
static bool mustPack(const ContractionLayout::Operand &a, int64_t tileRows) {
  constexpr int64_t page = 1024, most = 8; // in elements; of rows on the same lines
  if (a.column != 1)
    return true;
  const int64_t places = page / std::gcd(a.row, page);
  return tileRows > most * places;
}

class heddle::cpu::MatmulKernel {
public:
  MatmulKernel(Location loc, const VectorUnit &unit, const ContractionLayout &product, bool hasBias,
               bool isPacked, Epilogue *epilogue = nullptr)
      : loc(loc), p(product), batches(product.batch), hasBias(hasBias), epilogue(epilogue),
        panelsOfB(p, tiles, isPacked) {
    if (computesTranspose(product)) {
      std::swap(p.m, p.n);
      std::swap(p.a, p.b);
      for (ContractionLayout::Operand *o : {&p.a, &p.b, &p.c})
        std::swap(o->row, o->column);
      isTransposed = true;
    }
    tiles = matmulTiles(unit, p.m, p.n, p.k);
    if (panelsOfB.packsSquares())
      tiles.depth = llvm::alignTo(tiles.depth, p.b.panel);
    splitsRows = p.m >= p.n && !updatesWhatStaysInCaches();
    packsA = mustPack(p.a, tiles.rows);
    // Each block of columns packs a anew. Without a packed b, only c's block has to stay in a
    // cache.
    if (packsA && panelsOfB.areInMemory() && !tiles.rowsResident)
      tiles.blockColumns = llvm::alignTo(std::min<int64_t>(p.n, 1024), tiles.columns);
    // One panel takes several tiles, and a part several panels.
    packsAhead = tiles.rowsResident && !splitsRows && !panelsOfB.areInMemory() &&
                 tilesInAColumn() >= 3 && panels() >= 4;
    if (packsAhead)
      tiles.blockColumns = tiles.columns;
    cutPanels();
  }

  int64_t iterations() const { return batches.count() * panels() * cells; }
  /// Multiplications of one iteration.
  int64_t work() const {
    return (splitsRows ? tiles.rows * p.n : tiles.columns * p.m) * p.k / cells;
  }

  /// Each part packs or reads the whole of one operand anew: with this many iterations, that is
  /// little beside the multiplications.
  int64_t iterationsWorthAPart() const {
    return std::clamp<int64_t>((panels() + 5) / 6, 1, 192 / panelStep()) * cells;
  }

  void emit(OpBuilder &builder, const TaskFrame &frame) {
    b = &builder;
    ElementEmitter e(builder, loc);
    auto scratch = [&](int64_t elements) {
      return LLVM::AllocaOp::create(builder, loc, LLVM::LLVMPointerType::get(builder.getContext()),
                                    builder.getF32Type(), e.i64(elements), 64);
    };
    if (packsA)
      packedA = scratch(tiles.blockRows * tiles.depth);
    if (!panelsOfB.areInMemory())
      packedB = scratch((packsAhead ? 2 : 1) * tiles.blockColumns * tiles.depth);
    edge = scratch(tiles.rows * tiles.columns);
    if (isInScratch())
      panelOfC = scratch(tiles.blockRows * tiles.columns);
    bias = hasBias ? frame.pointers[2] : Value();
    const size_t result = hasBias ? 3 : 2;
    if (epilogue)
      epilogue->start(builder, ArrayRef(frame.pointers).drop_front(result + 1));
    batches.forEach(builder, loc, frame.begin, frame.end, panels() * cells,
                    [&](Value batch, Value from, Value to) {
                      auto matrix = [&](Value pointer, const ContractionLayout::Operand &operand) {
                        return batches.pointer(builder, loc, pointer, operand.batch, batch);
                      };
                      a = matrix(frame.pointers[isTransposed ? 1 : 0], p.a);
                      panelsOfB.start(builder, loc,
                                      matrix(frame.pointers[isTransposed ? 0 : 1], p.b));
                      c = matrix(frame.pointers[result], p.c);
                      emitCells(from, to);
                    });
  }

private:
  struct Range {
    Value from, to;
  };
  /// What the tiles of a panel do for the next one.
  struct Ahead {
    Value hasTiles;
    std::function<Value(Value row)> beforeTile;
    LineFetch fetch;
  };

  /// A parameter that an epilogue writes, so small that each thread finds its part in its own cache
  /// in the next call. It is then shared out along its panels, as the forward product, whose rows
  /// are this one's depth, shares it where that has fewer rows than columns: a line that another
  /// thread has read takes many times as long to write. Few panels could not be shared evenly.
  bool updatesWhatStaysInCaches() const {
    constexpr int64_t kMost = 1 << 19, kFewestPanels = 16;
    return epilogue && p.c.panel && p.m * p.n <= kMost && p.n / p.c.panel >= kFewestPanels &&
           p.k < p.n;
  }
  bool isInScratch() const { return epilogue && epilogue->readsScratch(); }
  int64_t tilesInAColumn() const { return tiles.blockRows / tiles.rows; }

  /// Across the panels, and along them: c's extent, and that of a tile.
  int64_t panelExtent() const { return splitsRows ? p.m : p.n; }
  int64_t panelStep() const { return splitsRows ? tiles.rows : tiles.columns; }
  int64_t cellExtent() const { return splitsRows ? p.n : p.m; }
  int64_t tileStep() const { return splitsRows ? tiles.columns : tiles.rows; }
  int64_t panels() const { return llvm::divideCeil(panelExtent(), panelStep()); }

  /// Cells of as many multiplications as keep a thread busy for some microseconds. Two threads that
  /// share a panel both pack the other operand: a panel is one cell where that is packed.
  void cutPanels() {
    const bool packsOther = splitsRows ? !panelsOfB.areInMemory() : packsA || packsAhead;
    constexpr int64_t worthACell = 1 << 19;
    const int64_t tilesAPanel = llvm::divideCeil(cellExtent(), tileStep());
    const int64_t most = llvm::divideCeil(worthACell, tiles.rows * tiles.columns * p.k);
    tilesACell = packsOther ? tilesAPanel
                            : llvm::divideCeil(tilesAPanel, llvm::divideCeil(tilesAPanel, most));
    cells = llvm::divideCeil(tilesAPanel, tilesACell);
  }

  Value sub(Value x, Value y) { return arith::SubIOp::create(*b, loc, x, y); }
  Value minimum(Value x, Value y) { return arith::MinSIOp::create(*b, loc, x, y); }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(*b, loc, predicate, x, y);
  }
  Value pointerAt(Value pointer, Value offset) {
    return ElementEmitter(*b, loc).address(pointer, b->getF32Type(), offset);
  }

  /// Cells [from, to): those of a panel that is not whole, or all whole panels that follow, and so
  /// on.
  void emitCells(Value from, Value to) {
    ElementEmitter e(*b, loc);
    auto emitPart = [&](Range part, Range along) {
      part = {e.mul(part.from, panelStep()),
              minimum(e.mul(part.to, panelStep()), e.i64(panelExtent()))};
      emitBlocks(splitsRows ? part : along, splitsRows ? along : part);
    };
    if (cells == 1)
      return emitPart({from, to}, {e.i64(0), e.i64(cellExtent())});
    emitLoopTo(*b, loc, from, to, [&](Value at) {
      Value count = e.i64(cells);
      Value panel = arith::DivUIOp::create(*b, loc, at, count);
      Value cell = arith::RemUIOp::create(*b, loc, at, count);
      Value left = sub(to, at);
      Value whole = arith::DivUIOp::create(*b, loc, left, count);
      Value isCut = arith::OrIOp::create(*b, loc, compare(arith::CmpIPredicate::ne, cell, e.i64(0)),
                                         compare(arith::CmpIPredicate::slt, left, count));
      auto choose = [&](Value cut, Value other) {
        return arith::SelectOp::create(*b, loc, isCut, cut, other);
      };
      Value lastCell = choose(minimum(e.add(cell, left), count), count);
      const int64_t step = tilesACell * tileStep();
      emitPart({panel, e.add(panel, choose(e.i64(1), whole))},
               {e.mul(cell, step), minimum(e.mul(lastCell, step), e.i64(cellExtent()))});
      return e.add(at, choose(sub(lastCell, cell), e.mul(whole, cells)));
    });
  }

  void emitBlocks(Range rows, Range columns) {
    ElementEmitter e(*b, loc);
    auto blocks = [&](Range range, int64_t size, auto &&body) {
      emitLoop(*b, loc, range.from, range.to, size,
               [&](Value at) { body(at, minimum(sub(range.to, at), e.i64(size))); });
    };
    auto depths = [&](auto &&body) {
      blocks({e.i64(0), e.i64(p.k)}, tiles.depth, [&](Value k, Value depth) {
        isFirst = compare(arith::CmpIPredicate::eq, k, e.i64(0));
        isLast = compare(arith::CmpIPredicate::eq, e.add(k, depth), e.i64(p.k));
        body(k, depth);
      });
    };
    auto packB = [&](Value column, Value columnCount, Value k, Value depth) {
      if (panelsOfB.areInMemory()) {
        blockOfB = panelsOfB.inMemory(column, k);
        return;
      }
      blockOfB = {packedB, tiles.depth, 1, tiles.columns};
      panelsOfB.pack(column, columnCount, k, depth, packedB);
    };
    auto packA = [&](Value row, Value rowCount, Value k, Value depth) {
      Value source = pointerAt(a, e.add(e.mul(row, p.a.row), e.mul(k, p.a.column)));
      if (!packsA) {
        blockOfA = {source, p.a.row, p.a.row, p.a.column};
        return;
      }
      blockOfA = {packedA, tiles.depth, 1, tiles.rows};
      packPanels(*b, loc, {source, p.a.row, p.a.column}, {tiles.rows, tiles.depth}, rowCount,
                 p.m % tiles.rows != 0, depth, lengthUnitOf(p.k), packedA);
    };
    if (tiles.rowsResident && (packsA || packsAhead)) {
      depths([&](Value k, Value depth) {
        blocks(rows, tiles.blockRows, [&](Value row, Value rowCount) {
          packA(row, rowCount, k, depth);
          if (packsAhead)
            return emitPackingAhead(row, rowCount, columns, k, depth);
          blocks(columns, tiles.blockColumns, [&](Value column, Value columnCount) {
            packB(column, columnCount, k, depth);
            emitPanels(row, rowCount, column, columnCount, depth);
          });
        });
      });
      return;
    }
    blocks(columns, tiles.blockColumns, [&](Value column, Value columnCount) {
      depths([&](Value k, Value depth) {
        packB(column, columnCount, k, depth);
        blocks(rows, tiles.blockRows, [&](Value row, Value rowCount) {
          packA(row, rowCount, k, depth);
          emitPanels(row, rowCount, column, columnCount, depth);
        });
      });
    });
  }

  /// Panel by panel, each packed while the one before it is multiplied.
  void emitPackingAhead(Value row, Value rowCount, Range columns, Value k, Value depth) {
    // Before the first panel is one of no tiles, in which that is packed.
    emitLoop(*b, loc, sub(columns.from, ElementEmitter(*b, loc).i64(tiles.columns)), columns.to,
             tiles.columns,
             [&](Value column) { emitPackingAhead(row, rowCount, columns, column, k, depth); });
  }

  /// A panel of columns. Each tile but the first packs a part of the next panel, whose source the
  /// tile before it has fetched: the memory works while the multipliers do.
  void emitPackingAhead(Value row, Value rowCount, Range columns, Value column, Value k,
                        Value depth) {
    ElementEmitter e(*b, loc);
    const int64_t part = llvm::alignTo(llvm::divideCeil(tiles.depth, tilesInAColumn() - 1),
                                       panelsOfB.positionStep());
    const int64_t lastPart = (llvm::divideCeil(tiles.depth, part) - 1) * part;
    // Two panels, in turn.
    Value next = e.add(column, e.i64(tiles.columns));
    Value number = arith::DivUIOp::create(*b, loc, sub(next, columns.from), e.i64(tiles.columns));
    Value turn =
        e.mul(arith::AndIOp::create(*b, loc, number, e.i64(1)), tiles.columns * tiles.depth);
    Value current = pointerAt(packedB, turn);
    Value other = pointerAt(packedB, sub(e.i64(tiles.columns * tiles.depth), turn));
    Value hasNext = compare(arith::CmpIPredicate::slt, next, columns.to);
    Value lanes = minimum(sub(columns.to, next), e.i64(tiles.columns));
    auto partOf = [&](Value tileRow) {
      return e.mul(arith::DivUIOp::create(*b, loc, tileRow, e.i64(tiles.rows)), part);
    };
    Ahead ahead;
    ahead.hasTiles = compare(arith::CmpIPredicate::sge, column, columns.from);
    ahead.beforeTile = [&](Value tileRow) {
      Value from = sub(partOf(tileRow), e.i64(part));
      Value isPart =
          arith::AndIOp::create(*b, loc, compare(arith::CmpIPredicate::sge, from, e.i64(0)),
                                compare(arith::CmpIPredicate::slt, from, depth));
      emitIf(*b, loc, arith::AndIOp::create(*b, loc, hasNext, isPart), [&] {
        panelsOfB.pack(next, lanes, e.add(k, from), minimum(sub(depth, from), e.i64(part)),
                       pointerAt(other, e.mul(from, tiles.columns)));
      });
      return ahead.hasTiles;
    };
    ahead.fetch = panelsOfB.sourceOf(part, [&](Value tileRow) {
      return panelsOfB.source(next, e.add(k, minimum(partOf(tileRow), e.i64(lastPart))));
    });
    blockOfB = {current, tiles.depth, 1, tiles.columns};
    emitPanels(row, rowCount, column, minimum(sub(columns.to, column), e.i64(tiles.columns)), depth,
               &ahead);
  }

  void emitPanels(Value row, Value rowCount, Value column, Value columnCount, Value depth,
                  const Ahead *ahead = nullptr) {
    ElementEmitter e(*b, loc);
    ProductBlock block;
    block.a = blockOfA;
    block.b = blockOfB;
    block.rows = {rowCount};
    block.lastRows = p.m % tiles.rows;
    block.columns = {columnCount, p.n % tiles.columns != 0};
    block.depth = depth;
    block.anyDepth = p.k % 8 != 0;
    block.rowStride = p.c.row;
    block.perColumn = p.c.panel ? p.m : 1;
    Value start = e.add(e.mul(row, block.rowStride), e.mul(column, block.perColumn));
    block.c = isInScratch() ? panelOfC : pointerAt(c, start);
    if (isInScratch())
      block.perColumn = 0; // one panel after the other
    block.prefetched = !isInScratch();
    if (panelsOfB.areInMemory())
      block.fetch = panelsOfB.nextInMemory(blockOfB, tilesInAColumn());
    if (ahead) {
      // The column in the block is 0, as the block is a panel.
      block.beforeTile = ahead->beforeTile;
      block.fetch = ahead->fetch;
    }
    block.edge = edge;
    auto before = [&](const ProductTile &tile) {
      SmallVector<Value> rows;
      for (Value place : tile.places)
        rows.push_back(e.load(place, b->getF32Type(), e.i64(0), 1, tiles.columns, /*mask=*/{}));
      return rows;
    };
    auto biases = [&](const ProductTile &tile) {
      return biasRows(tile, e.add(row, tile.row), e.add(column, tile.column));
    };
    Value isDone = isLast;
    if (ahead)
      isDone = arith::AndIOp::create(*b, loc, isLast, ahead->hasTiles);
    if (epilogue && p.c.panel)
      followPanels(block, start, rowCount, isDone);
    emitProduct(*b, loc, tiles, block, before, {isFirst, bias ? Addends(biases) : nullptr});
    if (epilogue && !p.c.panel)
      emitIf(*b, loc, isDone, [&] {
        epilogue->emit({row, rowCount}, {column, columnCount}, tiles.columns);
      });
  }

  /// The epilogue on each panel of c, as soon as its tiles are done. What it reads is fetched while
  /// they compute, which leaves the memory idle. `start`: where c's block is.
  void followPanels(ProductBlock &block, Value start, Value rowCount, Value isDone) {
    if (!block.fetch) {
      auto places = [this, start, isDone](Value row, Value column) {
        ElementEmitter e(*b, loc);
        Value at = e.add(start, e.add(e.mul(row, p.c.row), e.mul(column, p.m)));
        SmallVector<Value> result;
        for (Value stream : epilogue->streams()) // before the last depth, what is there anyhow
          result.push_back(arith::SelectOp::create(*b, loc, isDone, pointerAt(stream, at), edge));
        return result;
      };
      const int64_t lines = tiles.rows * tiles.columns / kLineElements;
      block.fetch = LineFetch{places, lines, lines, kLineElements, 0};
      block.prefetched = false; // c is among them, or in scratch
    }
    block.afterColumn = [this, start, rowCount, isDone](Value column) {
      ElementEmitter e(*b, loc);
      emitIf(*b, loc, isDone, [&] {
        Value at = e.add(start, e.mul(column, p.m));
        if (isInScratch())
          epilogue->setScratch(pointerAt(panelOfC, sub(e.i64(0), at)));
        epilogue->emit({e.i64(0), e.i64(1)}, {at, e.mul(rowCount, p.c.panel)}, p.c.panel);
      });
    };
  }

  SmallVector<Value> biasRows(const ProductTile &tile, Value row, Value column) {
    ElementEmitter e(*b, loc);
    Type f32 = b->getF32Type();
    if (!isTransposed)
      return SmallVector<Value>(tile.places.size(),
                                e.load(bias, f32, column, 1, tiles.columns, tile.liveColumns));
    SmallVector<Value> sums;
    for (size_t i = 0; i < tile.places.size(); ++i)
      sums.push_back(e.load(bias, f32, e.add(row, e.i64(static_cast<int64_t>(i))), 0, tiles.columns,
                            /*mask=*/{}));
    return sums;
  }

  OpBuilder *b = nullptr;
  Location loc;
  ContractionLayout p;
  ProductBatches batches;
  bool hasBias, isTransposed = false, splitsRows = true, packsA = true, packsAhead = false;
  Epilogue *epilogue;
  MatmulTiles tiles;
  int64_t cells = 1, tilesACell = 0; // of a panel
  PanelsOfB panelsOfB;
  TiledOperand blockOfA, blockOfB;
  Value packedA, packedB, edge, panelOfC, a, c, bias, isFirst, isLast;
};

std::optional<PackedForm> KernelLibrary::packedForm(const ContractionLayout &product) const {
  if (computesTranspose(product) ||
      llvm::any_of(product.b.batch, [](int64_t stride) { return stride != 0; }))
    return std::nullopt;
  return PanelsOfB::packedForm(product, matmulTiles(unit, product.m, product.n, product.k));
}

bool KernelLibrary::fitsInScratch(const ContractionLayout &product) const {
  // With more depths than one, a block of columns is there whole before any of it is finished.
  return product.c.panel > 0 &&
         matmulTiles(unit, product.m, product.n, product.k).depth >= product.k;
}

int64_t KernelLibrary::panelWidth() const { return registerTile(unit).columns; }

Task KernelLibrary::pack(Location loc, const PackedForm &form) {
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, loc, 2);
  ElementEmitter e(builder, loc);
  auto pointerAt = [&](Value pointer, Value offset) {
    return e.address(pointer, builder.getF32Type(), offset);
  };
  // An iteration is a panel, of all positions.
  Value column = e.mul(frame.begin, form.width);
  Value lanes = arith::SubIOp::create(builder, loc, e.mul(frame.end, form.width), column);
  lanes = arith::MinSIOp::create(builder, loc, lanes,
                                 arith::SubIOp::create(builder, loc, e.i64(form.n), column));
  emitLoop(builder, loc, e.i64(0), e.i64(form.k), form.depth, [&](Value k) {
    Value length = arith::SubIOp::create(builder, loc, e.i64(form.k), k);
    length = arith::MinSIOp::create(builder, loc, length, e.i64(form.depth));
    Value source =
        pointerAt(frame.pointers[0], e.add(e.mul(column, form.column), e.mul(k, form.row)));
    Value target = pointerAt(frame.pointers[1], e.add(e.mul(k, form.blockStride() / form.depth),
                                                      e.mul(column, form.depth)));
    packPanels(builder, loc, {source, form.column, form.row}, {form.width, form.depth}, lanes,
               form.n % form.width != 0, length, lengthUnitOf(form.k), target);
  });
  return finish(frame, (form.n + form.width - 1) / form.width, form.width * form.k, "pack");
}

Task KernelLibrary::matmul(MatmulKernel &kernel, Location loc, size_t argumentCount) {
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, loc, argumentCount);
  kernel.emit(builder, frame);
  // A multiplication takes a 16th of the time that the kernels of fusions take for an element.
  Task task = finish(frame, kernel.iterations(), kernel.work() / 16, "matmul");
  task.part = std::max(task.grain, kernel.iterationsWorthAPart());
  return task;
}

Task KernelLibrary::matmul(Location loc, const ContractionLayout &product, bool hasBias,
                           bool isPacked) {
  MatmulKernel kernel(loc, unit, product, hasBias, isPacked);
  return matmul(kernel, loc, hasBias ? 4 : 3);
}

Task KernelLibrary::matmul(Location loc, const ContractionLayout &product, bool hasBias,
                           bool isPacked, ir::FusionOp fusion, ArrayRef<Layout> inputs,
                           ArrayRef<Layout> outputs, ArrayRef<unsigned> inScratch) {
  Epilogue epilogue(fusion, inputs, outputs, product.c.panel > 0, inScratch);
  MatmulKernel kernel(loc, unit, product, hasBias, isPacked, &epilogue);
  return matmul(kernel, loc, (hasBias ? 4 : 3) + inputs.size() + outputs.size());
}
