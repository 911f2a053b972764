//===- Elementwise.cpp - elementwise ops ----------------------------------===//

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace heddle::ir;

//===----------------------------------------------------------------------===//
// The op on one element
//===----------------------------------------------------------------------===//

static bool isFloatValue(Value x) { return isa<FloatType>(getElementTypeOrSelf(x.getType())); }
static Value scalarConstant(OpBuilder &b, Location loc, Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}
static Value buildNeg(OpBuilder &b, Location loc, Value x) {
  if (isFloatValue(x))
    return arith::NegFOp::create(b, loc, x);
  return arith::SubIOp::create(b, loc, scalarConstant(b, loc, x.getType(), 0), x);
}
static Value buildRsqrt(OpBuilder &b, Location loc, Value x) {
  // 1/sqrt, not the hardware estimate, which is good to 12 bits only.
  return arith::DivFOp::create(b, loc, scalarConstant(b, loc, x.getType(), 1.0),
                               math::SqrtOp::create(b, loc, x));
}
static Value buildSigmoid(OpBuilder &b, Location loc, Value x) {
  Value one = scalarConstant(b, loc, x.getType(), 1.0);
  Value e = math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, x));
  return arith::DivFOp::create(b, loc, one, arith::AddFOp::create(b, loc, one, e));
}
static Value buildRelu(OpBuilder &b, Location loc, Value x) {
  return arith::MaximumFOp::create(b, loc, x, scalarConstant(b, loc, x.getType(), 0.0));
}
#define HEDDLE_BINARY(NAME, FLOAT, INT)                                                            \
  static Value build##NAME(OpBuilder &b, Location loc, Value x, Value y) {                         \
    return isFloatValue(x) ? Value(arith::FLOAT::create(b, loc, x, y))                             \
                           : Value(arith::INT::create(b, loc, x, y));                              \
  }
HEDDLE_BINARY(Add, AddFOp, AddIOp)
HEDDLE_BINARY(Sub, SubFOp, SubIOp)
HEDDLE_BINARY(Mul, MulFOp, MulIOp)
HEDDLE_BINARY(Maximum, MaximumFOp, MaxSIOp)
HEDDLE_BINARY(Minimum, MinimumFOp, MinSIOp)
#undef HEDDLE_BINARY
static Value buildDiv(OpBuilder &b, Location loc, Value x, Value y) {
  if (isFloatValue(x))
    return arith::DivFOp::create(b, loc, x, y);
  // Integer division by zero, and the smallest integer by -1, would trap.
  Value zero = scalarConstant(b, loc, x.getType(), 0), one = scalarConstant(b, loc, x.getType(), 1);
  Value minusOne = scalarConstant(b, loc, x.getType(), -1);
  Value byZero = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, y, zero);
  Value byMinusOne = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, y, minusOne);
  Value unsafe = arith::OrIOp::create(b, loc, byZero, byMinusOne);
  Value safe = arith::SelectOp::create(b, loc, unsafe, one, y);
  Value quotient = arith::DivSIOp::create(b, loc, x, safe);
  Value negated = arith::SubIOp::create(b, loc, zero, x);
  quotient = arith::SelectOp::create(b, loc, byMinusOne, negated, quotient);
  return arith::SelectOp::create(b, loc, byZero, zero, quotient);
}

Value FloorOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  return math::FloorOp::create(b, loc, operands[0]);
}
Value NotOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  return arith::XOrIOp::create(b, loc, operands[0],
                               scalarConstant(b, loc, operands[0].getType(), 1));
}
Value CompareOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  static constexpr F floats[] = {F::OEQ, F::UNE, F::OLT, F::OLE, F::OGT, F::OGE};
  static constexpr I signedInts[] = {I::eq, I::ne, I::slt, I::sle, I::sgt, I::sge};
  static constexpr I booleans[] = {I::eq, I::ne, I::ult, I::ule, I::ugt, I::uge};
  auto index = static_cast<size_t>(getPredicate());
  if (isFloatValue(operands[0]))
    return arith::CmpFOp::create(b, loc, floats[index], operands[0], operands[1]);
  bool isBool = getElementTypeOrSelf(operands[0].getType()).isInteger(1);
  return arith::CmpIOp::create(b, loc, isBool ? booleans[index] : signedInts[index], operands[0],
                               operands[1]);
}
Value SelectOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  return arith::SelectOp::create(b, loc, operands[0], operands[1], operands[2]);
}
Value StopGradientOp::buildScalar(OpBuilder &, Location, ValueRange operands) {
  return operands[0];
}
Value CastOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Value x = operands[0];
  Type from = x.getType(), to = getType().getElementType();
  if (from == to)
    return x;
  unsigned fromBits = from.getIntOrFloatBitWidth(), toBits = to.getIntOrFloatBitWidth();
  if (to.isInteger(1)) {
    Value zero = scalarConstant(b, loc, from, 0);
    if (isa<FloatType>(from))
      return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, x, zero);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, x, zero);
  }
  if (isa<FloatType>(from) && isa<FloatType>(to)) {
    if (fromBits < toBits)
      return arith::ExtFOp::create(b, loc, to, x);
    if (fromBits > toBits)
      return arith::TruncFOp::create(b, loc, to, x);
    Value wide = arith::ExtFOp::create(b, loc, b.getF32Type(), x);
    return arith::TruncFOp::create(b, loc, to, wide);
  }
  if (isa<FloatType>(from))
    return arith::FPToSIOp::create(b, loc, to, x);
  if (isa<FloatType>(to))
    return from.isInteger(1) ? Value(arith::UIToFPOp::create(b, loc, to, x))
                             : Value(arith::SIToFPOp::create(b, loc, to, x));
  if (fromBits > toBits)
    return arith::TruncIOp::create(b, loc, to, x);
  return from.isInteger(1) ? Value(arith::ExtUIOp::create(b, loc, to, x))
                           : Value(arith::ExtSIOp::create(b, loc, to, x));
}

//===----------------------------------------------------------------------===//
// Meaning
//===----------------------------------------------------------------------===//

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

LogicalResult FloorOp::evaluate(Operands operands, Results results) {
  for (auto [in, out] : llvm::zip(operands[0]->values, results[0].values))
    out = std::floor(in);
  return success();
}
LogicalResult NotOp::evaluate(Operands operands, Results results) {
  for (auto [in, out] : llvm::zip(operands[0]->values, results[0].values))
    out = in == 0.0 ? 1.0 : 0.0;
  return success();
}
template <typename Number> static bool holds(ComparePredicate predicate, Number x, Number y) {
  switch (predicate) {
  case ComparePredicate::eq:
    return x == y;
  case ComparePredicate::ne:
    return x != y;
  case ComparePredicate::lt:
    return x < y;
  case ComparePredicate::le:
    return x <= y;
  case ComparePredicate::gt:
    return x > y;
  case ComparePredicate::ge:
    return x >= y;
  }
  return false;
}
LogicalResult CompareOp::evaluate(Operands operands, Results results) {
  for (auto [x, y, out] : llvm::zip(operands[0]->values, operands[1]->values, results[0].values))
    out = holds(getPredicate(), x, y) ? 1.0 : 0.0;
  return success();
}
LogicalResult SelectOp::evaluate(Operands operands, Results results) {
  for (size_t i = 0; i < results[0].values.size(); ++i)
    results[0].values[i] = operands[operands[0]->values[i] != 0.0 ? 1 : 2]->values[i];
  return success();
}
LogicalResult CastOp::evaluate(Operands operands, Results results) {
  Type to = getType().getElementType();
  bool fromFloat = isa<FloatType>(getX().getType().getElementType());
  for (auto [in, out] : llvm::zip(operands[0]->values, results[0].values)) {
    out = to.isInteger(1) ? (in != 0.0) : isa<IntegerType>(to) && fromFloat ? std::trunc(in) : in;
    if (!fromFloat || !isa<IntegerType>(to) || to.isInteger(1))
      continue;
    double end = std::ldexp(1.0, static_cast<int>(to.getIntOrFloatBitWidth()) - 1);
    if (!(out >= -end && out < end))
      return emitOpError("value ") << in << " does not fit in " << to;
  }
  return success();
}
LogicalResult StopGradientOp::evaluate(Operands operands, Results results) {
  results[0].values = operands[0]->values;
  return success();
}

//===----------------------------------------------------------------------===//
// Derivatives
//===----------------------------------------------------------------------===//

LogicalResult SelectOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                 SmallVectorImpl<Value> &grads) {
  TensorBuilder t(builder, getLoc(), getType());
  Value zero = t.constant(0.0);
  grads[1] = t.select(getCondition(), cotangents[0], zero);
  grads[2] = t.select(getCondition(), zero, cotangents[0]);
  return success();
}
LogicalResult CastOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                               SmallVectorImpl<Value> &grads) {
  if (isDifferentiableType(getX().getType()))
    grads[0] =
        TensorBuilder(builder, getLoc()).cast(cotangents[0], getX().getType().getElementType());
  return success();
}
LogicalResult StopGradientOp::buildVJP(OpBuilder &, ValueRange, SmallVectorImpl<Value> &) {
  return success();
}

//===----------------------------------------------------------------------===//
// Types, syntax, folders
//===----------------------------------------------------------------------===//

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.compare", adaptor.getX());
  if (!x)
    return failure();
  types.push_back(x.clone(IntegerType::get(context, 1)));
  return success();
}

ParseResult SelectOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::UnresolvedOperand, 3> operands;
  RankedTensorType type;
  if (parser.parseOperandList(operands, 3) || parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColonType(type))
    return failure();
  Type condition = type.clone(parser.getBuilder().getI1Type());
  result.addTypes(type);
  return parser.resolveOperands(operands, {condition, type, type}, parser.getNameLoc(),
                                result.operands);
}
void SelectOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getOperands();
  printer.printOptionalAttrDict((*this)->getAttrs());
  printer << " : " << getType();
}

/// The value of a splat float constant, if `value` is one.
static std::optional<double> splatOf(Attribute attribute) {
  auto splat = dyn_cast_if_present<SplatElementsAttr>(attribute);
  if (!splat)
    return std::nullopt;
  if (isa<FloatType>(splat.getElementType()))
    return splat.getSplatValue<APFloat>().convertToDouble();
  return static_cast<double>(splat.getSplatValue<APInt>().getSExtValue());
}
/// A float splat computed in the element type, so that folding rounds as the machine does.
static OpFoldResult splatResult(Type type, double value) {
  auto tensor = cast<RankedTensorType>(type);
  auto element = dyn_cast<FloatType>(tensor.getElementType());
  if (!element)
    return {};
  return SplatElementsAttr::get(tensor, FloatAttr::get(element, value));
}
static OpFoldResult foldSplats(Type type, Attribute x, Attribute y, double (*f)(double, double)) {
  auto a = splatOf(x), b = splatOf(y);
  return a && b ? splatResult(type, f(*a, *b)) : OpFoldResult();
}

OpFoldResult NegOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getX().getDefiningOp<NegOp>())
    return inner.getX();
  auto x = splatOf(adaptor.getX());
  return x ? splatResult(getType(), -*x) : OpFoldResult();
}
OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  if (splatOf(adaptor.getY()) == 0.0)
    return getX();
  if (splatOf(adaptor.getX()) == 0.0)
    return getY();
  return foldSplats(getType(), adaptor.getX(), adaptor.getY(),
                    [](double a, double b) { return a + b; });
}
OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  if (splatOf(adaptor.getY()) == 0.0)
    return getX();
  return foldSplats(getType(), adaptor.getX(), adaptor.getY(),
                    [](double a, double b) { return a - b; });
}
OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  // x * 0 stays: it is NaN where x is infinite or NaN.
  if (splatOf(adaptor.getY()) == 1.0)
    return getX();
  if (splatOf(adaptor.getX()) == 1.0)
    return getY();
  return foldSplats(getType(), adaptor.getX(), adaptor.getY(),
                    [](double a, double b) { return a * b; });
}
OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  if (splatOf(adaptor.getY()) == 1.0)
    return getX();
  return foldSplats(getType(), adaptor.getX(), adaptor.getY(),
                    [](double a, double b) { return a / b; });
}
OpFoldResult CompareOp::fold(FoldAdaptor adaptor) {
  auto x = dyn_cast_if_present<SplatElementsAttr>(adaptor.getX());
  auto y = dyn_cast_if_present<SplatElementsAttr>(adaptor.getY());
  Type element = getX().getType().getElementType();
  if (!x || !y || element.isInteger(1))
    return {};
  // Integers beyond 2^53 would not be told apart as doubles.
  bool result = isa<FloatType>(element)
                    ? holds(getPredicate(), *splatOf(x), *splatOf(y))
                    : holds(getPredicate(), x.getSplatValue<APInt>().getSExtValue(),
                            y.getSplatValue<APInt>().getSExtValue());
  return SplatElementsAttr::get(getType(), BoolAttr::get(getContext(), result));
}
OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (getX() == getY())
    return getX();
  if (auto condition = splatOf(adaptor.getCondition()))
    return *condition != 0.0 ? getX() : getY();
  return {};
}
OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  auto x = splatOf(adaptor.getX());
  return x && isa<FloatType>(getX().getType().getElementType()) ? splatResult(getType(), *x)
                                                                : OpFoldResult();
}

// The generated definitions of these ops call the builders above.
#define GET_OP_CLASSES
#include "heddle/ir/HeddleOps.cpp.inc"
