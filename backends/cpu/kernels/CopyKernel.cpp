//===- CopyKernel.cpp - from one layout to another, and constants ----------===//

#include "AccessPattern.h"
#include "ElementEmitter.h"
#include "heddle/cpu/KernelLibrary.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace heddle::cpu;

static constexpr int64_t kWidth = 16;

/// Loops over `shape`, the innermost by vectors, for patterns that walk it; calls `element` at each
/// position with the offset of every pattern.
namespace {
struct PlainLoops {
  LoopNest nest;
  SmallVector<Strides> patterns;

  PlainLoops(ArrayRef<int64_t> shape, SmallVector<Strides> given) : patterns(std::move(given)) {
    nest.extents.assign(shape.begin(), shape.end());
    nest.rows = shape.size();
    collapse(nest, patterns, /*free=*/true);
    // One long loop gives the threads nothing to share: cut it where it divides.
    if (nest.rows == 0)
      for (int64_t chunk : {4096, 2048, 1024, 512})
        if (nest.extents[0] > chunk && nest.extents[0] % chunk == 0) {
          nest.extents = {nest.extents[0] / chunk, chunk};
          nest.rows = 1;
          for (Strides &s : patterns)
            s.insert(s.begin(), s[0] * chunk);
          break;
        }
  }

  template <typename Element>
  void emit(OpBuilder &b, Location loc, const TaskFrame &frame, Element element) {
    ElementEmitter e(b, loc);
    auto rows = scf::ForOp::create(b, loc, frame.begin, frame.end, e.i64(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(rows.getBody());
    Value rest = rows.getInductionVar();
    SmallVector<Value> base(patterns.size(), e.i64(0));
    for (size_t d = nest.rows; d-- > 0;) {
      Value extent = e.i64(nest.extents[d]);
      Value index = arith::RemUIOp::create(b, loc, rest, extent);
      rest = arith::DivUIOp::create(b, loc, rest, extent);
      for (auto [offset, pattern] : llvm::zip(base, patterns))
        offset = e.add(offset, e.mul(index, pattern[d]));
    }
    int64_t extent = nest.extents.back(), whole = extent / kWidth * kWidth;
    auto at = [&](Value inner, Value mask) {
      SmallVector<Value> offsets;
      for (auto [offset, pattern] : llvm::zip(base, patterns))
        offsets.push_back(e.add(offset, e.mul(inner, pattern.back())));
      element(offsets, mask);
    };
    if (whole > 0) {
      auto loop = scf::ForOp::create(b, loc, e.i64(0), e.i64(whole), e.i64(kWidth));
      OpBuilder::InsertionGuard inside(b);
      b.setInsertionPointToStart(loop.getBody());
      at(loop.getInductionVar(), {});
    }
    if (extent > whole)
      at(e.i64(whole), e.mask(e.i64(extent - whole), kWidth));
  }
};
} // namespace

static SmallVector<int64_t> allDimensions(const Layout &layout) {
  return llvm::to_vector(llvm::seq<int64_t>(0, layout.rank()));
}

/// The offset of a box whose position is read from scalar arguments `first`, `first + 1`, ...
static Value startOffset(OpBuilder &b, Location loc, const TaskFrame &frame, size_t first,
                         const DynamicStart &start) {
  ElementEmitter e(b, loc);
  Value offset = e.i64(0);
  for (size_t d = 0; d < start.scalars.size(); ++d) {
    Value index = e.load(frame.pointers[first + d], start.scalars[d], e.i64(0), 0, 1, {});
    offset = e.add(offset, e.mul(e.clamp(index, start.last[d] + 1), start.strides[d]));
  }
  return offset;
}

Task KernelLibrary::copy(Location loc, const Layout &from, const Layout &to,
                         const DynamicStart &fromStart, const DynamicStart &toStart) {
  PlainLoops loops(to.shape, {stridesOver(to.shape, from, allDimensions(from)),
                              stridesOver(to.shape, to, allDimensions(to))});
  OpBuilder b(module.getContext());
  size_t fromCount = fromStart.scalars.size(), toCount = toStart.scalars.size();
  TaskFrame frame = begin(b, loc, 2 + fromCount + toCount);
  ElementEmitter e(b, loc);
  Value fromBase = startOffset(b, loc, frame, 1, fromStart);
  Value toBase = startOffset(b, loc, frame, 2 + fromCount, toStart);
  Value source = frame.pointers[0], target = frame.pointers[1 + fromCount];
  loops.emit(b, loc, frame, [&](ArrayRef<Value> offsets, Value mask) {
    Value value = e.load(source, from.element, e.add(fromBase, offsets[0]),
                         loops.patterns[0].back(), kWidth, mask);
    e.store(target, to.element, e.add(toBase, offsets[1]), loops.patterns[1].back(), kWidth, mask,
            value);
  });
  return finish(frame, loops.nest.rowCount(), loops.nest.innerCount());
}

Task KernelLibrary::fill(Location loc, const Layout &to, TypedAttr value) {
  PlainLoops loops(to.shape, {stridesOver(to.shape, to, allDimensions(to))});
  OpBuilder b(module.getContext());
  TaskFrame frame = begin(b, loc, 1);
  ElementEmitter e(b, loc);
  loops.emit(b, loc, frame, [&](ArrayRef<Value> offsets, Value mask) {
    e.store(frame.pointers[0], to.element, offsets[0], loops.patterns[0].back(), kWidth, mask,
            e.fill(value, kWidth));
  });
  return finish(frame, loops.nest.rowCount(), loops.nest.innerCount());
}
