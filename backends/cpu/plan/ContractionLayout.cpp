//===- ContractionLayout.cpp - a contraction as the runtime knows it -------===//

#include "heddle/cpu/ContractionLayout.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

namespace {
/// A group of dimensions that two tensors share, in both tensors' strides.
struct Dimension {
  int64_t size, first, second;
};

/// Merges neighbours that both tensors walk as one; drops dimensions of size 1.
SmallVector<Dimension> merged(ArrayRef<Dimension> dimensions) {
  SmallVector<Dimension> result;
  for (const Dimension &d : dimensions) {
    if (d.size == 1)
      continue;
    if (!result.empty() && result.back().first == d.first * d.size &&
        result.back().second == d.second * d.size)
      result.back() = {result.back().size * d.size, d.first, d.second};
    else
      result.push_back(d);
  }
  return result;
}
} // namespace

static bool isPlain(int64_t rows, int64_t row, int64_t columns, int64_t column) {
  return row == 1 || column == 1 || rows <= 1 || columns <= 1;
}

std::optional<ContractionLayout> heddle::cpu::layoutContraction(ir::ContractionOp op,
                                                                const Layout &x, const Layout &y,
                                                                const Layout &result,
                                                                ContractionNeeds &needs) {
  ContractionLayout layout;
  SmallVector<Dimension> ms, ns, ks;
  int64_t out = 0;
  for (auto [xb, yb] : llvm::zip(op.getXBatch(), op.getYBatch())) {
    layout.batch.push_back(x.shape[xb]);
    layout.a.batch.push_back(x.strides[xb]);
    layout.b.batch.push_back(y.strides[yb]);
    layout.c.batch.push_back(result.strides[out++]);
  }
  auto isFree = [](ArrayRef<int64_t> batch, ArrayRef<int64_t> contract, int64_t d) {
    return !llvm::is_contained(batch, d) && !llvm::is_contained(contract, d);
  };
  for (int64_t d = 0; d < x.rank(); ++d)
    if (isFree(op.getXBatch(), op.getXContract(), d))
      ms.push_back({x.shape[d], x.strides[d], result.strides[out++]});
  for (int64_t d = 0; d < y.rank(); ++d)
    if (isFree(op.getYBatch(), op.getYContract(), d))
      ns.push_back({y.shape[d], y.strides[d], result.strides[out++]});
  for (auto [xc, yc] : llvm::zip(op.getXContract(), op.getYContract()))
    ks.push_back({x.shape[xc], x.strides[xc], y.strides[yc]});
  ms = merged(ms);
  ns = merged(ns);
  ks = merged(ks);
  if (ks.size() > 1) {
    needs.copyX = needs.copyY = true;
    return std::nullopt;
  }
  // Outer free dimensions that do not merge become batch dimensions, along which the other operand
  // stands still.
  auto peel = [&](SmallVector<Dimension> &dims, ContractionLayout::Operand &walks,
                  ContractionLayout::Operand &stands) {
    while (dims.size() > 1) {
      layout.batch.push_back(dims.front().size);
      walks.batch.push_back(dims.front().first);
      stands.batch.push_back(0);
      layout.c.batch.push_back(dims.front().second);
      dims.erase(dims.begin());
    }
  };
  peel(ms, layout.a, layout.b);
  peel(ns, layout.b, layout.a);
  if (!ks.empty())
    layout.k = ks[0].size, layout.a.column = ks[0].first, layout.b.row = ks[0].second;
  if (!ms.empty())
    layout.m = ms[0].size, layout.a.row = ms[0].first, layout.c.row = ms[0].second;
  if (!ns.empty())
    layout.n = ns[0].size, layout.b.column = ns[0].first, layout.c.column = ns[0].second;
  // A dimension of size 1 may take any stride: choose the one that makes the matrix plain.
  auto settle = [](int64_t rows, int64_t &row, int64_t columns, int64_t &column) {
    if (rows <= 1 && columns <= 1)
      row = column = 1;
    else if (columns <= 1)
      column = 1;
    else if (rows <= 1)
      column == 1 ? row = columns : row = 1;
  };
  settle(layout.m, layout.a.row, layout.k, layout.a.column);
  settle(layout.k, layout.b.row, layout.n, layout.b.column);
  settle(layout.m, layout.c.row, layout.n, layout.c.column);
  needs.copyX = !isPlain(layout.m, layout.a.row, layout.k, layout.a.column);
  needs.copyY = !isPlain(layout.k, layout.b.row, layout.n, layout.b.column);
  if (needs.copyX || needs.copyY)
    return std::nullopt;
  return layout;
}

std::string ContractionLayout::key(bool bias) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto withBatches = [&](ArrayRef<int64_t> batches) {
    llvm::interleave(batches, stream, ",");
    stream << (batches.empty() ? "" : ":");
  };
  withBatches(batch);
  stream << m << 'x' << n << 'x' << k;
  const std::pair<char, const Operand *> operands[] = {{'a', &a}, {'b', &b}, {'c', &c}};
  for (auto [name, operand] : operands) {
    stream << ' ' << name << '[';
    withBatches(operand->batch);
    stream << operand->row << ',' << operand->column << ']';
  }
  stream << (bias ? " bias" : "");
  return text;
}

DictionaryAttr ContractionLayout::attribute(MLIRContext *context, bool bias) const {
  Builder builder(context);
  auto i64 = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  auto operand = [&](StringRef name, const Operand &o) {
    SmallVector<NamedAttribute> fields{
        builder.getNamedAttr("batch_strides", builder.getDenseI64ArrayAttr(o.batch)),
        i64("row", o.row), i64("col", o.column)};
    if (o.panel)
      fields.push_back(i64("panel", o.panel));
    return builder.getNamedAttr(name, builder.getDictionaryAttr(fields));
  };
  SmallVector<NamedAttribute> fields{
      i64("m", m),
      i64("n", n),
      i64("k", k),
      builder.getNamedAttr("batch", builder.getDenseI64ArrayAttr(batch)),
      operand("a", a),
      operand("b", b),
      operand("c", c),
      builder.getNamedAttr("bias", builder.getBoolAttr(bias)),
      builder.getNamedAttr("dtype", builder.getStringAttr("f32"))};
  return builder.getDictionaryAttr(fields);
}
