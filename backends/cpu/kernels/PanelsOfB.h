//===- PanelsOfB.h - a product's second operand, as its tiles read it --------===//

#pragma once

#include "TiledProduct.h"
#include "heddle/cpu/ContractionLayout.h"

namespace heddle::cpu {
struct PackedForm;

/// The panels of b [k, n], as wide as a tile. They are in memory, where b was packed in advance or
/// is a parameter that always lies so; or they are packed, from rows or columns, or from panels
/// along k, of which each gives a square.
class PanelsOfB {
public:
  /// `product` outlives it; c's columns are neighbours. `isPacked`: b is in its packed form.
  PanelsOfB(const ContractionLayout &product, const MatmulTiles &tiles, bool isPacked)
      : p(product), tiles(tiles), isPacked(isPacked) {}

  /// `matrix`: where b begins.
  void start(mlir::OpBuilder &builder, mlir::Location where, mlir::Value matrix);

  bool areInMemory() const { return isPacked || (p.b.panel > 0 && p.b.column == 1); }
  /// Where they are in memory: a block of depths, from position k and the panel of `column` on.
  TiledOperand inMemory(mlir::Value column, mlir::Value k) const;
  /// The share of one of `tileCount` tiles in fetching the panel after its own.
  LineFetch nextInMemory(const TiledOperand &block, int64_t tileCount) const;

  /// Else: packs `length` positions from k on, of `lanes` columns from `column` on, into panels of
  /// tiles.depth positions. From squares, k and `length` are multiples of their size.
  void pack(mlir::Value column, mlir::Value lanes, mlir::Value k, mlir::Value length,
            mlir::Value target) const;
  bool packsSquares() const { return p.b.panel > 0 && p.b.column != 1; }
  /// What `length` is best a multiple of.
  int64_t positionStep() const {
    return packsSquares() ? p.b.panel : std::max<int64_t>(8, tiles.columns / 2);
  }
  /// The lines from which `length` positions of a panel are packed, those from `at(row)` on.
  LineFetch sourceOf(int64_t length, std::function<mlir::Value(mlir::Value row)> at) const;
  /// Where the panel of `column` has its source at position k.
  mlir::Value source(mlir::Value column, mlir::Value k) const;

  static PackedForm packedForm(const ContractionLayout &product, const MatmulTiles &tiles);

private:
  mlir::Value pointerAt(mlir::Value offset) const;

  const ContractionLayout &p;
  const MatmulTiles &tiles;
  bool isPacked;
  mlir::OpBuilder *b = nullptr;
  std::optional<mlir::Location> loc;
  mlir::Value matrix;
};

} // namespace heddle::cpu
