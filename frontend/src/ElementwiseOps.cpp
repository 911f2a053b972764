#include "OpBuilding.h"

using namespace mlir;

namespace heddle {
namespace {

template <class Op> Tensor unary(std::string_view op, const Operand &x) {
  OpMaker m(op, x.where);
  return m.wrap(Op::create(m.b, m.loc, m.value(m.floating(x))));
}

/// Numbers of one dtype and shape.
std::vector<Tensor> numbers(OpMaker &m, const Operand &x, const Operand &y) {
  std::vector<Tensor> both = m.sameType({&x, &y});
  if (both[0].dtype() == DType::i1)
    m.fail("expects numbers, got {}; convert it with cast(x, f32)", describe(both[0]));
  m.broadcast(both);
  return both;
}

template <class Op> Tensor binary(std::string_view op, const Operand &x, const Operand &y) {
  OpMaker m(op, x.where);
  const std::vector<Tensor> both = numbers(m, x, y);
  return m.wrap(Op::create(m.b, m.loc, m.value(both[0]), m.value(both[1])));
}

Tensor compare(std::string_view op, ir::ComparePredicate predicate, const Operand &x,
               const Operand &y) {
  OpMaker m(op, x.where);
  std::vector<Tensor> both = m.sameType({&x, &y});
  m.broadcast(both);
  return m.wrap(ir::CompareOp::create(m.b, m.loc, predicate, m.value(both[0]), m.value(both[1])));
}

std::vector<Tensor> booleans(OpMaker &m, llvm::ArrayRef<const Operand *> operands) {
  std::vector<Tensor> found;
  for (const Operand *operand : operands) {
    found.push_back(m.tensor(*operand));
    if (found.back().dtype() != DType::i1)
      m.fail("expects i1 tensors, got {}; make one with a comparison, as ne(x, 0)",
             describe(found.back()));
  }
  m.broadcast(found);
  return found;
}

} // namespace

Tensor operator+(Operand x, Operand y) { return binary<ir::AddOp>("add", x, y); }
Tensor operator-(Operand x, Operand y) { return binary<ir::SubOp>("sub", x, y); }
Tensor operator*(Operand x, Operand y) { return binary<ir::MulOp>("mul", x, y); }
Tensor operator/(Operand x, Operand y) { return binary<ir::DivOp>("div", x, y); }
Tensor operator-(Operand x) {
  OpMaker m("neg", x.where);
  return m.wrap(ir::NegOp::create(m.b, m.loc, m.value(m.number(x))));
}

Tensor eq(Operand x, Operand y) { return compare("eq", ir::ComparePredicate::eq, x, y); }
Tensor ne(Operand x, Operand y) { return compare("ne", ir::ComparePredicate::ne, x, y); }
Tensor lt(Operand x, Operand y) { return compare("lt", ir::ComparePredicate::lt, x, y); }
Tensor le(Operand x, Operand y) { return compare("le", ir::ComparePredicate::le, x, y); }
Tensor gt(Operand x, Operand y) { return compare("gt", ir::ComparePredicate::gt, x, y); }
Tensor ge(Operand x, Operand y) { return compare("ge", ir::ComparePredicate::ge, x, y); }

Tensor relu(Operand x) { return unary<ir::ReluOp>("relu", x); }
Tensor tanh(Operand x) { return unary<ir::TanhOp>("tanh", x); }
Tensor sigmoid(Operand x) { return unary<ir::SigmoidOp>("sigmoid", x); }
Tensor silu(Operand x) { return unary<ir::SiluOp>("silu", x); }
Tensor exp(Operand x) { return unary<ir::ExpOp>("exp", x); }
Tensor log(Operand x) { return unary<ir::LogOp>("log", x); }
Tensor sqrt(Operand x) { return unary<ir::SqrtOp>("sqrt", x); }
Tensor rsqrt(Operand x) { return unary<ir::RsqrtOp>("rsqrt", x); }
Tensor sin(Operand x) { return unary<ir::SinOp>("sin", x); }
Tensor cos(Operand x) { return unary<ir::CosOp>("cos", x); }
Tensor erf(Operand x) { return unary<ir::ErfOp>("erf", x); }
Tensor abs(Operand x) { return unary<ir::AbsOp>("abs", x); }
Tensor floor(Operand x) { return unary<ir::FloorOp>("floor", x); }

Tensor gelu(Operand x, Gelu approximate) {
  OpMaker m("gelu", x.where);
  return m.wrap(ir::GeluOp::create(m.b, m.loc,
                                   approximate == Gelu::tanh ? ir::GeluApproximation::tanh
                                                             : ir::GeluApproximation::none,
                                   m.value(m.floating(x))));
}

Tensor pow(Operand x, Operand y) {
  OpMaker m("pow", x.where);
  const std::vector<Tensor> both = numbers(m, x, y);
  if (!is_float(both[0].dtype()))
    m.fail("expects float tensors, got {}; convert it with cast(x, f32)", describe(both[0]));
  return m.wrap(ir::PowOp::create(m.b, m.loc, m.value(both[0]), m.value(both[1])));
}
Tensor maximum(Operand x, Operand y) { return binary<ir::MaximumOp>("maximum", x, y); }
Tensor minimum(Operand x, Operand y) { return binary<ir::MinimumOp>("minimum", x, y); }

Tensor where(Operand condition, Operand x, Operand y) {
  OpMaker m("where", condition.where);
  std::vector<Tensor> all = m.sameType({&x, &y});
  all.push_back(m.tensor(condition));
  if (all[2].dtype() != DType::i1)
    m.fail("expects an i1 condition, got {}; make one with a comparison, as ne(x, 0)",
           describe(all[2]));
  m.broadcast(all);
  return m.wrap(ir::SelectOp::create(m.b, m.loc, m.value(all[0]).getType(), m.value(all[2]),
                                     m.value(all[0]), m.value(all[1])));
}

Tensor logical_and(Operand x, Operand y) {
  OpMaker m("logical_and", x.where);
  const std::vector<Tensor> both = booleans(m, {&x, &y});
  return m.wrap(ir::AndOp::create(m.b, m.loc, m.value(both[0]), m.value(both[1])));
}
Tensor logical_or(Operand x, Operand y) {
  OpMaker m("logical_or", x.where);
  const std::vector<Tensor> both = booleans(m, {&x, &y});
  return m.wrap(ir::OrOp::create(m.b, m.loc, m.value(both[0]), m.value(both[1])));
}
Tensor logical_not(Operand x) {
  OpMaker m("logical_not", x.where);
  return m.wrap(ir::NotOp::create(m.b, m.loc, m.value(booleans(m, {&x})[0])));
}

Tensor cast(Operand x, DType dtype) {
  OpMaker m("cast", x.where);
  const Tensor t = m.tensor(x);
  if (t.dtype() == dtype)
    return t;
  return m.wrap(
      ir::CastOp::create(m.b, m.loc, tensorType(m.b.getContext(), dtype, t.shape()), m.value(t)));
}

Tensor stop_gradient(Operand x) {
  OpMaker m("stop_gradient", x.where);
  return m.wrap(ir::StopGradientOp::create(m.b, m.loc, m.value(m.tensor(x))));
}

} // namespace heddle
