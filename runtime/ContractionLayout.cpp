#include "ContractionLayout.h"

#include "DType.h"
#include "Error.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace heddle::runtime {
namespace {

// m, n, k with their strides in each matrix.
struct Strided {
  int64_t m, n, k;
  int64_t aRow, aCol, bRow, bCol, cRow, cCol;
  std::vector<BatchDim> batch;
};

std::optional<GemmOperand> operandOf(int64_t rows, int64_t cols, int64_t rowStride,
                                     int64_t colStride) {
  // The stride along a dimension of size 1 is never used, so it is free.
  const int64_t rowMajorLd = rows == 1 ? cols : rowStride;
  if ((cols == 1 || colStride == 1) && rowMajorLd >= cols)
    return GemmOperand{false, rowMajorLd};
  const int64_t colMajorLd = cols == 1 ? rows : colStride;
  if ((rows == 1 || rowStride == 1) && colMajorLd >= rows)
    return GemmOperand{true, colMajorLd};
  return std::nullopt;
}

std::optional<GemmLayout> layoutOf(const Strided &s) {
  GemmLayout layout;
  layout.m = s.m;
  layout.n = s.n;
  layout.k = s.k;
  auto a = operandOf(s.m, s.k, s.aRow, s.aCol);
  auto b = operandOf(s.k, s.n, s.bRow, s.bCol);
  auto c = operandOf(s.m, s.n, s.cRow, s.cCol);
  if (!a || !b || !c)
    return std::nullopt;
  layout.a = *a;
  layout.b = *b;
  layout.ldc = c->ld;
  if (c->transposed) {
    // c^T = b^T a^T
    layout.swapped = true;
    std::swap(layout.m, layout.n);
    layout.a = {!b->transposed, b->ld};
    layout.b = {!a->transposed, a->ld};
  }
  return layout;
}

// Two loops are one when one steps where the other ends, in both matrices that they walk.
bool mergeLoops(int64_t &size, int64_t &stride1, int64_t &stride2, int64_t other, int64_t other1,
                int64_t other2) {
  const bool outer = size == 1 || (stride1 == other * other1 && stride2 == other * other2);
  if (!outer && !(other1 == size * stride1 && other2 == size * stride2))
    return false;
  if (outer) {
    stride1 = other1;
    stride2 = other2;
  }
  size *= other;
  return true;
}

// One large product beats a loop over small ones: a batch dimension along which b (or a) does not
// change is more rows (or columns) of the same product.
bool foldBatchDim(Strided &s, bool bias) {
  for (size_t d = s.batch.size(); d-- > 0;) {
    const BatchDim dim = s.batch[d];
    Strided folded = s;
    folded.batch.clear();
    for (size_t other = 0; other < s.batch.size(); ++other)
      if (other != d)
        folded.batch.push_back(s.batch[other]);
    const bool merged =
        (dim.b == 0 && mergeLoops(folded.m, folded.aRow, folded.cRow, dim.size, dim.a, dim.c)) ||
        // The bias has n elements, so n must stay what it is.
        (dim.a == 0 && !bias &&
         mergeLoops(folded.n, folded.bCol, folded.cCol, dim.size, dim.b, dim.c));
    if (merged && layoutOf(folded)) {
      s = folded;
      return true;
    }
  }
  return false;
}

// Writes through c must not meet. Sorted by stride, each dimension must step over all that the
// smaller ones reach.
bool overlaps(const Strided &s) {
  std::vector<std::pair<int64_t, int64_t>> dims = {{s.cRow, s.m}, {s.cCol, s.n}};
  for (const BatchDim &dim : s.batch)
    dims.emplace_back(dim.c, dim.size);
  std::erase_if(dims, [](auto &dim) { return dim.second == 1; });
  std::sort(dims.begin(), dims.end());
  int64_t reach = 0;
  for (auto [stride, size] : dims) {
    if (stride <= reach)
      return true;
    reach += (size - 1) * stride;
  }
  return false;
}

std::string describe(const char *name, const MatrixStrides &strides) {
  return fmt::format("{} (batch_strides {}, row {}, col {})", name, formatShape(strides.batch),
                     strides.row, strides.col);
}

} // namespace

GemmLayout layoutContraction(const ContractionSpec &spec, const std::string &where) {
  if (spec.dtype != HD_F32)
    fail(HD_FORMAT_ERROR, "{}: dtype {} has no provider; the runtime contracts f32", where,
         hd_dtype_name(spec.dtype));
  int64_t batchCount = 1;
  for (int64_t size : spec.batch)
    batchCount *= size;
  if (spec.m == 0 || spec.n == 0 || batchCount == 0) {
    GemmLayout nothing;
    nothing.batchCount = 0;
    return nothing;
  }

  Strided s{spec.m,     spec.n,     spec.k,     spec.a.row, spec.a.col,
            spec.b.row, spec.b.col, spec.c.row, spec.c.col, {}};
  // With k = 0 nothing is read from a and b.
  if (s.k == 0) {
    s.aRow = s.aCol = s.bCol = 1;
    s.bRow = s.n;
  }
  for (size_t d = 0; d < spec.batch.size(); ++d)
    if (spec.batch[d] != 1)
      s.batch.push_back(
          {spec.batch[d], s.k ? spec.a.batch[d] : 0, s.k ? spec.b.batch[d] : 0, spec.c.batch[d]});

  if (overlaps(s))
    fail(HD_FORMAT_ERROR, "{}: elements of {} overlap (batch {}, m {}, n {})", where,
         describe("c", spec.c), formatShape(spec.batch), spec.m, spec.n);
  if (!layoutOf(s))
    fail(HD_FORMAT_ERROR,
         "{}: {}, {}, {}: expected each to be contiguous along its rows or its columns (m {}, n "
         "{}, k {}); copy the "
         "operand that is not before the contraction",
         where, describe("a", spec.a), describe("b", spec.b), describe("c", spec.c), spec.m, spec.n,
         spec.k);
  while (foldBatchDim(s, spec.bias)) {
  }

  GemmLayout layout = *layoutOf(s);
  layout.bias = spec.bias;
  layout.batch = s.batch;
  for (BatchDim &dim : layout.batch) {
    layout.batchCount *= dim.size;
    if (layout.swapped)
      std::swap(dim.a, dim.b);
  }
  return layout;
}

} // namespace heddle::runtime
