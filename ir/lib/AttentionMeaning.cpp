//===- AttentionMeaning.cpp - attention and its gradient in float64 --------===//
//
// Written from the formulas, not from the decompositions, which are tested against it.
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace heddle::ir;

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

namespace {
/// Sizes, and what a row of queries has to do with the keys of its head.
struct Heads {
  const std::vector<double> &q, &k;
  int64_t rows, T, S, D, E; // rows of all heads
  int64_t headCount;
  bool causal;
  int64_t position;            // of the first query among the keys
  const HostTensor *mask;      // may be null
  int64_t maskStrides[4] = {}; // 0 where it has size 1
  double scale;

  template <typename Op>
  Heads(Op op, Operands operands, const HostTensor *mask)
      : q(operands[0]->values), k(operands[1]->values),
        rows(operands[0]->shape()[0] * operands[0]->shape()[1] * operands[0]->shape()[2]),
        T(operands[0]->shape()[2]), S(operands[1]->shape()[2]), D(operands[0]->shape()[3]),
        E(operands[2]->shape()[3]), headCount(operands[0]->shape()[1]), causal(op.getCausal()),
        position(S - T), mask(mask), scale(op.getScale().convertToDouble()) {
    if (op.getPosition())
      position = static_cast<int64_t>(
          std::clamp(operands.back()->values[0], 0.0, static_cast<double>(S - T)));
    int64_t stride = 1;
    for (int64_t d = 3; mask && d >= 0; --d) {
      maskStrides[d] = mask->shape()[d] == 1 ? 0 : stride;
      stride *= mask->shape()[d];
    }
  }

  /// The row of k and v in which the key j of `row`'s head lies.
  int64_t keyRow(int64_t row, int64_t j) const { return row / T * S + j; }
  bool sees(int64_t row, int64_t j) const {
    const int64_t i = row % T, head = row / T;
    if (causal && j > position + i)
      return false;
    return !mask ||
           mask->values[head / headCount * maskStrides[0] + head % headCount * maskStrides[1] +
                        i * maskStrides[2] + j * maskStrides[3]] != 0.0;
  }
  double score(int64_t row, int64_t j) const {
    return scale * dot(q.data() + row * D, k.data() + keyRow(row, j) * D, D);
  }
  static double dot(const double *x, const double *y, int64_t size) {
    double sum = 0.0;
    for (int64_t i = 0; i < size; ++i)
      sum += x[i] * y[i];
    return sum;
  }
};
} // namespace

LogicalResult AttentionOp::evaluate(Operands operands, Results results) {
  Heads heads(*this, operands, getMask() ? operands[3] : nullptr);
  const std::vector<double> &v = operands[2]->values;
  std::vector<double> line(heads.S);
  for (int64_t row = 0; row < heads.rows; ++row) {
    bool seesAny = false;
    for (int64_t j = 0; j < heads.S; ++j) {
      const bool sees = heads.sees(row, j);
      line[j] = sees ? heads.score(row, j) : -std::numeric_limits<double>::infinity();
      seesAny |= sees;
    }
    if (!seesAny) {
      results[1].values[row] = -std::numeric_limits<double>::infinity();
      continue;
    }
    auto [logSum, max] = softmaxLine(line.data(), heads.S, 1);
    for (int64_t e = 0; e < heads.E; ++e)
      for (int64_t j = 0; j < heads.S; ++j)
        results[0].values[row * heads.E + e] += line[j] * v[heads.keyRow(row, j) * heads.E + e];
    results[1].values[row] = max + logSum;
  }
  return success();
}

LogicalResult AttentionGradientOp::evaluate(Operands operands, Results results) {
  Heads heads(*this, operands, getMask() ? operands[6] : nullptr);
  const std::vector<double> &v = operands[2]->values, &logsumexp = operands[3]->values,
                            &delta = operands[4]->values, &dy = operands[5]->values;
  std::vector<double> &dq = results[0].values, &dk = results[1].values, &dv = results[2].values;
  const int64_t D = heads.D, E = heads.E;
  for (int64_t row = 0; row < heads.rows; ++row)
    for (int64_t j = 0; j < heads.S; ++j) {
      if (!heads.sees(row, j))
        continue;
      int64_t key = heads.keyRow(row, j);
      double p = std::exp(heads.score(row, j) - logsumexp[row]);
      double ds = p * (Heads::dot(dy.data() + row * E, v.data() + key * E, E) - delta[row]);
      for (int64_t d = 0; d < D; ++d) {
        dq[row * D + d] += heads.scale * ds * heads.k[key * D + d];
        dk[key * D + d] += heads.scale * ds * heads.q[row * D + d];
      }
      for (int64_t e = 0; e < E; ++e)
        dv[key * E + e] += p * dy[row * E + e];
    }
  return success();
}
