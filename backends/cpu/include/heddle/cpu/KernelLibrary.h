//===- KernelLibrary.h - the kernels of a module ---------------------------===//

#pragma once

#include "heddle/cpu/Layout.h"
#include "heddle/cpu/VectorUnit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace heddle::ir {
class FusionOp;
}

namespace heddle::cpu {
struct AttentionShape;
struct ContractionLayout;
class MatmulKernel;

/// A kernel: a function `void(void *const *args, i64 begin, i64 end)` that does the iterations
/// [begin, end) of `count` independent ones. Parts shorter than `grain` do not pay for a thread of
/// their own; parts shorter than `part` do work twice that longer ones do once.
struct Task {
  std::string symbol;
  int64_t count = 0;
  int64_t grain = 1, part = 1;
};

/// A task under construction: the builder stands in its entry block.
struct TaskFrame {
  mlir::LLVM::LLVMFuncOp function;
  llvm::SmallVector<mlir::Value> pointers; // one an argument
  mlir::Value begin, end;
};

/// A position known at run time: box dimension i starts at `clamp(scalar argument i) * strides[i]`,
/// clamped to [0, last[i]].
struct DynamicStart {
  llvm::SmallVector<mlir::Type> scalars; // i32 or i64
  llvm::SmallVector<int64_t> strides, last;
};

/// How the second operand of a product lies in memory, b [k, n], and how it is packed: for each
/// `depth` positions k, panels of `width` columns; unused places are zeros or left alone.
struct PackedForm {
  int64_t k = 0, n = 0;
  int64_t row = 0, column = 0; // strides of b
  int64_t width = 0, depth = 0;

  /// Elements from a block of `depth` positions to the next.
  int64_t blockStride() const { return (n + width - 1) / width * width * depth; }
  int64_t elements() const { return (k + depth - 1) / depth * blockStride(); }
  bool operator==(const PackedForm &) const = default;
};

/// Makes kernels as functions of one module. Equal kernels are made once: the layers of a model
/// share theirs.
class KernelLibrary {
public:
  KernelLibrary(mlir::ModuleOp module, const VectorUnit &unit) : module(module), unit(unit) {}

  /// Of the panels in which matmul reads an operand, or writes its result, where a layout says so.
  int64_t panelWidth() const;

  /// Arguments of every task: the inputs' pointers, then the outputs'.
  mlir::FailureOr<Task> rows(ir::FusionOp fusion, llvm::ArrayRef<Layout> inputs,
                             llvm::ArrayRef<Layout> outputs);
  mlir::FailureOr<Task> columns(ir::FusionOp fusion, llvm::ArrayRef<Layout> inputs,
                                llvm::ArrayRef<Layout> outputs);

  /// to[i] = from[i]. Arguments: from, scalar starts of from, to, scalar starts of to.
  Task copy(mlir::Location loc, const Layout &from, const Layout &to,
            const DynamicStart &fromStart = {}, const DynamicStart &toStart = {});
  Task fill(mlir::Location loc, const Layout &to, mlir::TypedAttr value);
  /// table[indices[i...], d...] += updates[i..., d...]. Arguments: indices, updates, table.
  Task scatterAdd(mlir::Location loc, const Layout &indices, const Layout &updates,
                  const Layout &table);
  /// One scalar loop nest an output element, for ops that need no more: other reductions, argmax,
  /// integer dots.
  mlir::FailureOr<Task> scalar(mlir::Operation *op, llvm::ArrayRef<Layout> inputs,
                               const Layout &output);

  /// The kernel that `make` made for an equal key, or makes now. Emitting a large kernel only to
  /// find that there is one with the same text takes its time.
  mlir::FailureOr<Task> known(mlir::Attribute key,
                              llvm::function_ref<mlir::FailureOr<Task>()> make);

  /// c = a . b, in f32, plus a dense [n] where `hasBias`. No dimension may be 0. Arguments: a, b,
  /// the bias if there is one, c. Where `isPacked`, b is in its packed form.
  Task matmul(mlir::Location loc, const ContractionLayout &product, bool hasBias, bool isPacked);
  /// The same, and `epilogue` on each block of c as it is finished: a fusion without reductions on
  /// a domain whose last dimension is c's n columns, the others its m rows; c, of one batch, is
  /// dense, or in panels as all that is elementwise with it is. Arguments after c: the fusion's
  /// inputs, c among them, and its outputs, of which one may be c. `inScratch`: the inputs that are
  /// c, where c is for the fusion alone and fits in scratch: no memory of c is written then.
  Task matmul(mlir::Location loc, const ContractionLayout &product, bool hasBias, bool isPacked,
              ir::FusionOp epilogue, llvm::ArrayRef<Layout> inputs, llvm::ArrayRef<Layout> outputs,
              llvm::ArrayRef<unsigned> inScratch);
  /// Whether an epilogue could find each block of the product in scratch.
  bool fitsInScratch(const ContractionLayout &product) const;
  /// The form in which matmul takes b packed; none where it cannot.
  std::optional<PackedForm> packedForm(const ContractionLayout &product) const;
  /// Arguments: b, its packed form.
  Task pack(mlir::Location loc, const PackedForm &form);
  /// The same where `isVectorProduct`.
  Task vectorProduct(mlir::Location loc, const ContractionLayout &product, bool hasBias);

  /// heddle.attention: q, k, v, the mask and the position if there are; then y and logsumexp. The
  /// operands lie anyhow; the columns of the results must be neighbours. There must be queries and
  /// keys. An error at `loc`: the heads are too wide for a thread's stack.
  mlir::FailureOr<Task> attention(mlir::Location loc, const AttentionShape &shape,
                                  llvm::ArrayRef<Layout> inputs, llvm::ArrayRef<Layout> outputs);
  /// heddle.attention_gradient: q, k, v, logsumexp, delta, dy, the mask and the position if there
  /// are; then dq, dk, dv. As attention.
  mlir::FailureOr<Task> attentionGradient(mlir::Location loc, const AttentionShape &shape,
                                          llvm::ArrayRef<Layout> inputs,
                                          llvm::ArrayRef<Layout> outputs);

  size_t size() const { return symbols.size(); }

private:
  Task matmul(MatmulKernel &kernel, mlir::Location loc, size_t argumentCount);
  /// Where there are so few queries that the memory's speed decides.
  mlir::FailureOr<Task> attentionOfFew(mlir::Location loc, const AttentionShape &shape,
                                       llvm::ArrayRef<Layout> inputs,
                                       llvm::ArrayRef<Layout> outputs);
  TaskFrame begin(mlir::OpBuilder &builder, mlir::Location loc, size_t argumentCount);
  /// Names the task `<name>_<number>`, which a profile shows.
  Task finish(TaskFrame &frame, int64_t count, int64_t elementsEach,
              llvm::StringRef name = "kernel");

  mlir::ModuleOp module;
  VectorUnit unit;
  llvm::StringMap<std::string> symbols; // a task's text, to its name
  llvm::DenseMap<mlir::Attribute, Task> tasks;
};

} // namespace heddle::cpu
