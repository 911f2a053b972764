//===- ElementEmitter.cpp - scalars and vectors inside a kernel's loops ----===//

#include "ElementEmitter.h"
#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

Value ElementEmitter::i64(int64_t value) { return arith::ConstantIntOp::create(b, loc, value, 64); }
Value ElementEmitter::add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
Value ElementEmitter::mul(Value x, int64_t factor) {
  return factor == 1 ? x : Value(arith::MulIOp::create(b, loc, x, i64(factor)));
}

Type ElementEmitter::registerType(Type element, int64_t width) {
  return width == 1 ? element : Type(VectorType::get({width}, element));
}
Value ElementEmitter::fill(TypedAttr value, int64_t width) {
  if (width == 1)
    return arith::ConstantOp::create(b, loc, value);
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(VectorType::get({width}, value.getType()), Attribute(value)));
}
Value ElementEmitter::splat(Value scalar, int64_t width) {
  return width == 1 ? scalar
                    : Value(vector::BroadcastOp::create(
                          b, loc, VectorType::get({width}, scalar.getType()), scalar));
}
Value ElementEmitter::mask(Value liveLanes, int64_t width) {
  Value live = arith::IndexCastOp::create(b, loc, b.getIndexType(), liveLanes);
  return vector::CreateMaskOp::create(b, loc, VectorType::get({width}, b.getI1Type()), live);
}
Value ElementEmitter::lanes(Value base, int64_t stride, int64_t width) {
  if (width == 1)
    return base;
  SmallVector<int64_t> steps;
  for (int64_t i = 0; i < width; ++i)
    steps.push_back(i * stride);
  auto type = VectorType::get({width}, b.getI64Type());
  Value step = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, ArrayRef(steps)));
  return arith::AddIOp::create(b, loc, splat(base, width), step);
}

Type ElementEmitter::memoryElement(Type element) {
  return element.isInteger(1) ? b.getI8Type() : element;
}
Value ElementEmitter::fromMemory(Value value, Type element, int64_t width) {
  if (!element.isInteger(1))
    return value;
  Value zero = fill(b.getI8IntegerAttr(0), width);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
}

Value ElementEmitter::address(Value pointer, Type element, Value offset) {
  auto ptr = LLVM::LLVMPointerType::get(b.getContext());
  return LLVM::GEPOp::create(b, loc, ptr, memoryElement(element), pointer,
                             ArrayRef<LLVM::GEPArg>{offset});
}

void ElementEmitter::prefetch(Value pointer, Type element, Value offset, Fetch fetch) {
  const int locality = fetch == Fetch::ReadLater ? 2 : 3;
  LLVM::Prefetch::create(b, loc, address(pointer, element, offset),
                         b.getI32IntegerAttr(fetch == Fetch::Write), b.getI32IntegerAttr(locality),
                         b.getI32IntegerAttr(/*data cache*/ 1));
}

static unsigned alignmentOf(Type memory) {
  return std::max(1u, memory.getIntOrFloatBitWidth() / 8);
}

Value ElementEmitter::gather(Value pointer, Type element, Value offsets, int64_t width,
                             Value mask) {
  if (width == 1)
    return load(pointer, element, offsets, 0, 1, {});
  Type memory = memoryElement(element);
  auto type = VectorType::get({width}, memory);
  auto pointers = VectorType::get({width}, LLVM::LLVMPointerType::get(b.getContext()));
  Value addresses =
      LLVM::GEPOp::create(b, loc, pointers, memory, pointer, ArrayRef<LLVM::GEPArg>{offsets});
  if (!mask)
    mask = fill(b.getBoolAttr(true), width);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  Value loaded = LLVM::masked_gather::create(b, loc, type, addresses, mask, ValueRange{zero},
                                             b.getI32IntegerAttr(alignmentOf(memory)));
  return fromMemory(loaded, element, width);
}

Value ElementEmitter::load(Value pointer, Type element, Value offset, int64_t stride, int64_t width,
                           Value mask) {
  Type memory = memoryElement(element);
  if (width > 1 && stride == 0)
    return splat(load(pointer, element, offset, 0, 1, {}), width);
  if (width > 1 && stride != 1)
    return gather(pointer, element, lanes(offset, stride, width), width, mask);
  Value at = address(pointer, element, offset);
  Type type = registerType(memory, width);
  Value loaded;
  if (mask) {
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
    loaded = LLVM::MaskedLoadOp::create(b, loc, type, at, mask, zero, alignmentOf(memory));
  } else {
    loaded = LLVM::LoadOp::create(b, loc, type, at, alignmentOf(memory));
  }
  return fromMemory(loaded, element, width);
}

void ElementEmitter::store(Value pointer, Type element, Value offset, int64_t stride, int64_t width,
                           Value mask, Value value) {
  Type memory = memoryElement(element);
  if (element.isInteger(1))
    value = arith::ExtUIOp::create(b, loc, registerType(memory, width), value);
  if (width > 1 && stride != 1) {
    auto pointers = VectorType::get({width}, LLVM::LLVMPointerType::get(b.getContext()));
    Value addresses = LLVM::GEPOp::create(b, loc, pointers, memory, pointer,
                                          ArrayRef<LLVM::GEPArg>{lanes(offset, stride, width)});
    if (!mask)
      mask = fill(b.getBoolAttr(true), width);
    LLVM::masked_scatter::create(b, loc, value, addresses, mask,
                                 b.getI32IntegerAttr(alignmentOf(memory)));
    return;
  }
  Value at = address(pointer, element, offset);
  if (mask)
    LLVM::MaskedStoreOp::create(b, loc, value, at, mask, alignmentOf(memory));
  else
    LLVM::StoreOp::create(b, loc, value, at, alignmentOf(memory));
}

Value ElementEmitter::apply(ir::ElementwiseOpInterface op, ValueRange operands, int64_t width) {
  if (width == 1)
    return op.buildScalar(b, loc, operands);
  // Build the scalar rule aside, then clone its ops on vectors: arith and math ops work on either.
  Block scalar;
  for (Value operand : operands)
    scalar.addArgument(getElementTypeOrSelf(operand.getType()), loc);
  OpBuilder aside(b.getContext());
  aside.setInsertionPointToStart(&scalar);
  Value result = op.buildScalar(aside, loc, scalar.getArguments());
  IRMapping mapping;
  for (auto [argument, operand] : llvm::zip(scalar.getArguments(), operands))
    mapping.map(argument, operand);
  for (Operation &inner : scalar) {
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      mapping.map(constant.getResult(), fill(cast<TypedAttr>(constant.getValue()), width));
      continue;
    }
    Operation *clone = b.clone(inner, mapping);
    for (auto [from, to] : llvm::zip(inner.getResults(), clone->getResults())) {
      to.setType(registerType(from.getType(), width));
      mapping.map(from, to);
    }
  }
  Value vectorResult = mapping.lookup(result);
  scalar.dropAllReferences();
  while (!scalar.empty())
    scalar.back().erase();
  return vectorResult;
}

Value ElementEmitter::clamp(Value index, int64_t size) {
  Type element = getElementTypeOrSelf(index.getType());
  auto vector = dyn_cast<VectorType>(index.getType());
  int64_t width = vector ? vector.getNumElements() : 1;
  if (element.isInteger(32))
    index = arith::ExtSIOp::create(b, loc, registerType(b.getI64Type(), width), index);
  Value last = fill(b.getI64IntegerAttr(std::max<int64_t>(size - 1, 0)), width);
  Value zero = fill(b.getI64IntegerAttr(0), width);
  return arith::MaxSIOp::create(b, loc, arith::MinSIOp::create(b, loc, index, last), zero);
}

Value ElementEmitter::uniform(Value keyPointer, int64_t stream, Value positions, int64_t width) {
  Type i32 = b.getI32Type(), word = registerType(i32, width);
  auto constant = [&](uint32_t value) {
    return fill(b.getI32IntegerAttr(static_cast<int32_t>(value)), width);
  };
  auto low = [&](Value wide, Type type) {
    return Value(arith::TruncIOp::create(b, loc, type, wide));
  };
  auto high = [&](Value wide, Type type, int64_t lanes) {
    Value shift = fill(b.getI64IntegerAttr(32), lanes);
    return low(arith::ShRUIOp::create(b, loc, wide, shift), type);
  };
  Value seed = load(keyPointer, b.getI64Type(), i64(0), 0, 1, {});
  Value step = load(keyPointer, b.getI64Type(), i64(1), 0, 1, {});
  Value c[4] = {low(positions, word), high(positions, word, width),
                constant(static_cast<uint32_t>(stream)), splat(low(step, i32), width)};
  Value k0 = low(seed, i32), k1 = high(seed, i32, 1);
  auto bump = [&](Value key, uint32_t by) -> Value {
    return arith::AddIOp::create(
        b, loc, key, arith::ConstantIntOp::create(b, loc, static_cast<int32_t>(by), 32));
  };
  for (int round = 0; round < 10; ++round) {
    auto p0 = arith::MulUIExtendedOp::create(b, loc, c[0], constant(0xD2511F53u));
    auto p1 = arith::MulUIExtendedOp::create(b, loc, c[2], constant(0xCD9E8D57u));
    Value x1 = arith::XOrIOp::create(b, loc, c[1], splat(k0, width));
    Value x3 = arith::XOrIOp::create(b, loc, c[3], splat(k1, width));
    c[0] = arith::XOrIOp::create(b, loc, p1.getHigh(), x1);
    c[1] = p1.getLow();
    c[2] = arith::XOrIOp::create(b, loc, p0.getHigh(), x3);
    c[3] = p0.getLow();
    k0 = bump(k0, 0x9E3779B9u);
    k1 = bump(k1, 0xBB67AE85u);
  }
  Value top = arith::ShRUIOp::create(b, loc, c[0], constant(8));
  Value asFloat = arith::SIToFPOp::create(b, loc, registerType(b.getF32Type(), width), top);
  return arith::MulFOp::create(b, loc, asFloat, fill(b.getF32FloatAttr(0x1p-24f), width));
}
