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

/// A kernel: a function `void(void *const *args, i64 begin, i64 end)` that does the iterations
/// [begin, end) of `count` independent ones. Parts shorter than `grain` do not pay for a thread of
/// their own.
struct Task {
  std::string symbol;
  int64_t count = 0;
  int64_t grain = 1;
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

/// Makes kernels as functions of one module. Equal kernels are made once: the layers of a model
/// share theirs.
class KernelLibrary {
public:
  KernelLibrary(mlir::ModuleOp module, const VectorUnit &unit) : module(module), unit(unit) {}

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
  /// the bias if there is one, c.
  Task matmul(mlir::Location loc, const ContractionLayout &product, bool hasBias);
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
