//===- Work.cpp - what a launch cannot do with less of -----------------------===//

#include "Work.h"

#include "heddle/ir/Ops.h"
#include "heddle/passes/FusionForm.h"

#include <algorithm>

using namespace mlir;
using namespace heddle;
using cpu::Layout;

int64_t cpu::distinctBytes(const Layout &layout) {
  int64_t count = 1;
  for (auto [size, stride] : llvm::zip_equal(layout.shape, layout.strides))
    count *= stride == 0 && size > 0 ? 1 : size;
  return count * elementBytes(layout.element);
}

/// Of what lies in `layout`, what the users of `argument` read.
static int64_t bytesRead(BlockArgument argument, const Layout &layout) {
  const int64_t all = cpu::distinctBytes(layout);
  int64_t lookedUp = 0;
  for (Operation *user : argument.getUsers()) {
    if (!passes::readsMemory(user))
      return all;
    for (Type type : user->getResultTypes())
      lookedUp += cast<RankedTensorType>(type).getNumElements() * cpu::elementBytes(layout.element);
  }
  return std::min(all, lookedUp);
}

int64_t cpu::distinctBytes(ir::FusionOp fusion, ArrayRef<Layout> inputs, ArrayRef<Layout> outputs) {
  int64_t bytes = 0;
  for (auto [argument, layout] : llvm::zip_equal(fusion.getBody().front().getArguments(), inputs))
    bytes += bytesRead(argument, layout);
  for (const Layout &layout : outputs)
    bytes += distinctBytes(layout);
  return bytes;
}

int64_t cpu::countOps(ir::FusionOp fusion) {
  auto elements = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements();
  };
  int64_t ops = 0;
  for (Operation &op : fusion.getBody().front()) {
    if (op.getNumResults() != 1)
      continue;
    const int64_t results = elements(op.getResult(0));
    if (isa<ir::ElementwiseOpInterface>(op))
      ops += results;
    else if (passes::isReduction(&op)) // takes each element once
      ops += elements(op.getOperand(0));
  }
  return ops;
}
