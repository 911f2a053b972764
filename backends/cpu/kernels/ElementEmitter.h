//===- ElementEmitter.h - scalars and vectors inside a kernel's loops ------===//

#pragma once

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

namespace heddle::ir {
class ElementwiseOpInterface;
}

namespace heddle::cpu {

/// What a line is fetched for: read soon, read later (into the second-level cache), or written.
enum class Fetch { Read, ReadLater, Write };

/// Loads, stores and arithmetic on `width` neighbouring elements (1: a scalar). Booleans are i1 in
/// registers and one byte in memory.
class ElementEmitter {
public:
  using Value = mlir::Value;
  ElementEmitter(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  Value i64(int64_t value);
  Value add(Value x, Value y);
  Value mul(Value x, int64_t factor);

  mlir::Type registerType(mlir::Type element, int64_t width);
  /// A value of `element`'s type filled with `value`.
  Value fill(mlir::TypedAttr value, int64_t width);
  Value splat(Value scalar, int64_t width);
  Value mask(Value liveLanes, int64_t width);
  /// base, base + stride, base + 2 stride ... as i64.
  Value lanes(Value base, int64_t stride, int64_t width);

  /// Elements at `pointer[offset + lane * stride]`; lanes outside `mask` (null: all are inside) are
  /// not touched.
  Value load(Value pointer, mlir::Type element, Value offset, int64_t stride, int64_t width,
             Value mask);
  void store(Value pointer, mlir::Type element, Value offset, int64_t stride, int64_t width,
             Value mask, Value value);
  /// Elements at `pointer[offsets[lane]]`.
  Value gather(Value pointer, mlir::Type element, Value offsets, int64_t width, Value mask);

  /// The op on `width` elements, from its scalar rule.
  Value apply(ir::ElementwiseOpInterface op, mlir::ValueRange operands, int64_t width);

  /// `index` clamped to [0, size).
  Value clamp(Value index, int64_t size);

  /// Word 0 of Philox4x32-10 at counter (position lo, position hi, stream, step lo), key seed, as a
  /// float in [0, 1).
  Value uniform(Value keyPointer, int64_t stream, Value positions, int64_t width);

  Value address(Value pointer, mlir::Type element, Value offset);
  /// Has the processor fetch the cache line of `pointer[offset]`, which need not be the model's.
  void prefetch(Value pointer, mlir::Type element, Value offset, Fetch fetch = Fetch::Read);

private:
  mlir::Type memoryElement(mlir::Type element);
  Value fromMemory(Value value, mlir::Type element, int64_t width);

  mlir::OpBuilder &b;
  mlir::Location loc;
};

} // namespace heddle::cpu
