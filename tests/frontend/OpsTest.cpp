// Every op of the DSL against values worked out by hand.
#include "Testing.h"

#include <cmath>

namespace heddle::testing {
namespace {

const Given kVector{{4}, {-2, -0.5, 0, 3}};
const Given kMatrix{{2, 3}, {1, 2, 3, 4, 5, 6}};

std::vector<double> mapped(const std::vector<double> &x, double (*f)(double)) {
  std::vector<double> y;
  for (double v : x)
    y.push_back(f(v));
  return y;
}

TEST(Ops, Unary) {
  struct {
    Tensor (*op)(Operand);
    double (*reference)(double);
  } cases[] = {
      {relu, [](double x) { return std::max(x, 0.0); }},
      {tanh, [](double x) { return std::tanh(x); }},
      {sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
      {silu, [](double x) { return x / (1 + std::exp(-x)); }},
      {exp, [](double x) { return std::exp(x); }},
      {sin, [](double x) { return std::sin(x); }},
      {cos, [](double x) { return std::cos(x); }},
      {erf, [](double x) { return std::erf(x); }},
      {abs, [](double x) { return std::fabs(x); }},
      {floor, [](double x) { return std::floor(x); }},
      {stop_gradient, [](double x) { return x; }},
      {[](Operand x) { return -x; }, [](double x) { return -x; }},
      {[](Operand x) { return gelu(x); },
       [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {[](Operand x) { return gelu(x, Gelu::tanh); },
       [](double x) {
         return x / 2 * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
       }},
  };
  for (const auto &c : cases)
    expectValues(eval({kVector}, [&](Tensor x) { return c.op(x); }), {4},
                 mapped(kVector.values, c.reference));
}

TEST(Ops, UnaryOfPositives) {
  const Given x{{2}, {0.25, 4}};
  expectValues(eval({x}, [](Tensor t) { return sqrt(t); }), {2}, {0.5, 2});
  expectValues(eval({x}, [](Tensor t) { return rsqrt(t); }), {2}, {2, 0.5});
  expectValues(eval({x}, [](Tensor t) { return log(t); }), {2}, {std::log(0.25), std::log(4)});
}

TEST(Ops, ArithmeticBroadcastsAsNumPy) {
  const Given row{{3}, {10, 20, 30}}, column{{2, 1}, {1, 2}};
  expectValues(eval({kMatrix, row}, [](Tensor x, Tensor y) { return x + y; }), {2, 3},
               {11, 22, 33, 14, 25, 36});
  expectValues(eval({row, kMatrix}, [](Tensor x, Tensor y) { return x - y; }), {2, 3},
               {9, 18, 27, 6, 15, 24});
  expectValues(eval({row, column}, [](Tensor x, Tensor y) { return x * y; }), {2, 3},
               {10, 20, 30, 20, 40, 60});
  expectValues(eval({row, column}, [](Tensor x, Tensor y) { return x / y; }), {2, 3},
               {10, 20, 30, 5, 10, 15});
}

TEST(Ops, NumbersMixOnEitherSide) {
  expectValues(eval({kMatrix}, [](Tensor x) { return 2 * x + 1.5; }), {2, 3},
               {3.5, 5.5, 7.5, 9.5, 11.5, 13.5});
  expectValues(eval({kMatrix}, [](Tensor x) { return 12 / x; }), {2, 3}, {12, 6, 4, 3, 2.4, 2});
  expectValues(eval({Given{{2}, {7, -7}, i32}}, [](Tensor x) { return x / 2; }), {2}, {3, -3});
}

TEST(Ops, OfTwo) {
  const Given y{{4}, {1, -1, 0, 2}};
  expectValues(eval({kVector, y}, [](Tensor a, Tensor b) { return maximum(a, b); }), {4},
               {1, -0.5, 0, 3});
  expectValues(eval({kVector, y}, [](Tensor a, Tensor b) { return minimum(a, b); }), {4},
               {-2, -1, 0, 2});
  expectValues(eval({Given{{2}, {2, 9}}}, [](Tensor a) { return pow(a, 0.5); }), {2},
               {std::sqrt(2), 3});
  expectValues(eval({Given{{2}, {2, 3}}}, [](Tensor a) { return pow(2, a); }), {2}, {4, 8});
}

TEST(Ops, ComparisonsAndChoice) {
  auto both = [](auto f) { return eval({Given{{3}, {1, 2, 3}}}, f); };
  expectValues(both([](Tensor x) { return eq(x, 2); }), {3}, {0, 1, 0});
  expectValues(both([](Tensor x) { return ne(x, 2); }), {3}, {1, 0, 1});
  expectValues(both([](Tensor x) { return lt(x, 2); }), {3}, {1, 0, 0});
  expectValues(both([](Tensor x) { return le(x, 2); }), {3}, {1, 1, 0});
  expectValues(both([](Tensor x) { return gt(x, 2); }), {3}, {0, 0, 1});
  expectValues(both([](Tensor x) { return ge(x, 2); }), {3}, {0, 1, 1});
  expectValues(both([](Tensor x) { return where(gt(x, 1), x, -1); }), {3}, {-1, 2, 3});
  expectValues(both([](Tensor x) { return logical_and(gt(x, 1), lt(x, 3)); }), {3}, {0, 1, 0});
  expectValues(both([](Tensor x) { return logical_or(lt(x, 2), gt(x, 2)); }), {3}, {1, 0, 1});
  expectValues(both([](Tensor x) { return logical_not(lt(x, 2)); }), {3}, {0, 1, 1});
  expectValues(both([](Tensor x) {
                 return where(lt(x, 2), iota({2, 3}, 0, f32), 5.0);
               }),
               {2, 3}, {0, 5, 5, 1, 5, 5});
}

TEST(Ops, Cast) {
  expectValues(eval({kVector}, [](Tensor x) { return cast(x, i32); }), {4}, {-2, 0, 0, 3});
  expectValues(eval({kVector}, [](Tensor x) { return cast(ne(x, 0), f32); }), {4}, {1, 1, 0, 1});
}

TEST(Ops, Shapes) {
  expectValues(eval({kMatrix},
                    [](Tensor x) {
                      return reshape(x, {3, -1});
                    }),
               {3, 2}, {1, 2, 3, 4, 5, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return flatten(x); }), {6}, {1, 2, 3, 4, 5, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return transpose(x, 0, -1); }), {3, 2},
               {1, 4, 2, 5, 3, 6});
  expectValues(eval({kMatrix},
                    [](Tensor x) {
                      return permute(x, {1, 0});
                    }),
               {3, 2}, {1, 4, 2, 5, 3, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return slice(x, 1, 0, 3, 2); }), {2, 2},
               {1, 3, 4, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return slice(x, -1, -2, 3); }), {2, 2}, {2, 3, 5, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return narrow(x, 0, 1, 1); }), {1, 3}, {4, 5, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return select(x, 1, -1); }), {2}, {3, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return split(x, 2, 1)[1]; }), {2, 1}, {3, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return chunk(x, 3, 1)[1]; }), {2, 1}, {2, 5});
  expectValues(eval({kMatrix},
                    [](Tensor x) {
                      return concat({x, x}, -2);
                    }),
               {4, 3}, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
  expectValues(eval({Given{{2}, {1, 2}}},
                    [](Tensor x) {
                      return stack({x, x * 10}, -1);
                    }),
               {2, 2}, {1, 10, 2, 20});
  expectValues(eval({Given{{2}, {1, 2}}}, [](Tensor x) { return pad(x, {1}, {2}); }), {5},
               {0, 1, 2, 0, 0});
  expectValues(eval({Given{{2, 1}, {1, 2}}},
                    [](Tensor x) {
                      return broadcast_to(x, {2, 2});
                    }),
               {2, 2}, {1, 1, 2, 2});
  expectValues(eval({Given{{2, 1}, {1, 2}}}, [](Tensor x) { return squeeze(x, -1); }), {2}, {1, 2});
  expectValues(eval({Given{{2}, {1, 2}}}, [](Tensor x) { return unsqueeze(x, -1); }), {2, 1},
               {1, 2});
}

TEST(Ops, SizeZero) {
  const Given empty{{0, 3}, {}};
  expectValues(eval({empty}, [](Tensor x) { return sum(x, 0); }), {3}, {0, 0, 0});
  expectValues(eval({empty}, [](Tensor x) { return relu(x) + 1; }), {0, 3}, {});
  expectValues(eval({empty}, [](Tensor x) { return mean(x); }), {}, {NAN});
}

TEST(Ops, Reductions) {
  expectValues(eval({kMatrix}, [](Tensor x) { return sum(x); }), {}, {21});
  expectValues(eval({kMatrix}, [](Tensor x) { return sum(x, -1); }), {2}, {6, 15});
  expectValues(eval({kMatrix}, [](Tensor x) { return sum(x, {0, -1}, true); }), {1, 1}, {21});
  expectValues(eval({kMatrix}, [](Tensor x) { return mean(x, 0); }), {3}, {2.5, 3.5, 4.5});
  expectValues(eval({kMatrix}, [](Tensor x) { return amax(x, 1, true); }), {2, 1}, {3, 6});
  expectValues(eval({kMatrix}, [](Tensor x) { return amin(x, 1); }), {2}, {1, 4});
  expectValues(eval({kMatrix}, [](Tensor x) { return variance(x, 1); }), {2}, {2.0 / 3, 2.0 / 3});
  expectValues(eval({Given{{2, 3}, {1, 7, 7, 9, 2, 3}}}, [](Tensor x) { return argmax(x, -1); }),
               {2}, {1, 0});
  expectValues(eval({kMatrix}, [](Tensor x) { return argmax(x, 0, true); }), {1, 3}, {1, 1, 1});
}

TEST(Ops, Matmul) {
  const Given v2{{2}, {1, 10}}, v3{{3}, {1, 10, 100}};
  auto product = [](Tensor x, Tensor y) { return matmul(x, y); };
  expectValues(eval({v3, v3}, product), {}, {10101});
  expectValues(eval({kMatrix, v3}, product), {2}, {321, 654});
  expectValues(eval({v2, kMatrix}, product), {3}, {41, 52, 63});
  expectValues(eval({kMatrix, Given{{3, 2}, {1, 0, 0, 1, 1, 1}}}, product), {2, 2}, {4, 5, 10, 11});
  // [2, 1, 1, 2] x [3, 2, 1] -> [2, 3, 1, 1]
  expectValues(
      eval({Given{{2, 1, 1, 2}, {1, 2, 3, 4}}, Given{{3, 2, 1}, {1, 0, 0, 1, 1, 1}}}, product),
      {2, 3, 1, 1}, {1, 2, 3, 3, 4, 7});
  expectValues(eval({v2, Given{{2, 2, 1}, {1, 2, 3, 4}}}, product), {2, 1}, {21, 43});
  expectValues(eval({Given{{2, 1, 2}, {1, 2, 3, 4}}, v2}, product), {2, 1}, {21, 43});
  expectValues(eval({kMatrix, Given{{1, 3}, {1, 0, 1}}, Given{{1}, {5}}},
                    [](Tensor x, Tensor w, Tensor b) { return linear(x, w, b); }),
               {2, 1}, {9, 15});
}

TEST(Ops, Sources) {
  expectValues(eval({}, [] { return arange(3); }), {3}, {0, 1, 2});
  expectValues(eval({}, [] { return iota({2, 2}, -2, f32); }), {2, 2}, {0, 0, 1, 1});
  expectValues(eval({}, [] { return full({2}, 7, i64); }), {2}, {7, 7});
  expectValues(eval({}, [] { return zeros({2}) + ones({2}); }), {2}, {1, 1});
}

TEST(Ops, DynamicPositionsAreClamped) {
  const Given at{{}, {1}, i32}, far{{}, {9}, i64};
  auto box = [](Tensor x, Tensor p) { return dynamic_slice(x, {0, p}, {2, 2}); };
  expectValues(eval({kMatrix, at}, box), {2, 2}, {2, 3, 5, 6});
  expectValues(eval({kMatrix, far}, box), {2, 2}, {2, 3, 5, 6});
  expectValues(eval({kMatrix, at},
                    [](Tensor x, Tensor p) {
                      return dynamic_update_slice(x, full({1, 1}, -1), {p, 0});
                    }),
               {2, 3}, {1, 2, 3, -1, 5, 6});
}

} // namespace
} // namespace heddle::testing
