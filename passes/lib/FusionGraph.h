//===- FusionGraph.h - which ops share a kernel ---------------------------===//
//
// Ops of a function are of these classes:
//   virtual   splat constants, iota and broadcasts: computed again in every kernel that needs them,
//   and put in
//             memory by a kernel of their own for an op that reads memory;
//   point     elementwise ops, gather, random_uniform;
//   rows      reductions over trailing dimensions;
//   columns   reductions over leading dimensions;
//   opaque    everything else: contractions, views, single-op kernels, the return.
//
// Grouping: each op that is not virtual is a unit. Units are merged along their uses, in program
// order, when one domain and row rank fits both and no path from the one to the other leads through
// a third (that would be a cycle). Reachability is kept as a bit set a unit.
//
// Then each value that crosses groups is written to memory, or computed again in the groups that
// use it. The cost of writing is a write and a read a group, that of computing is the bytes of the
// inputs that the group does not read anyway, and for transcendental functions the bytes that could
// be moved in their time.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace heddle::passes {

enum class FusionClass { virtualOp, point, rows, columns, opaque };

FusionClass fusionClass(mlir::Operation *op);

/// Ops that share a kernel, in program order, and the form of that kernel.
struct FusionGroup {
  FusionKind kind = FusionKind::rows;
  llvm::SmallVector<int64_t> domain;
  /// -1 while no member needs rows.
  int64_t rowRank = -1;
  /// A member must have the shape of the domain.
  bool needsFullShape = false;
  llvm::SmallVector<mlir::Operation *> ops;
};

class FusionGraph {
public:
  FusionGraph(mlir::func::FuncOp function, unsigned maxOperands, const Remarks &remarks);

  /// Merges units, then decides what is written to memory.
  void run();

  /// The group of an op; null for opaque and virtual ops.
  FusionGroup *groupOf(mlir::Operation *op);
  /// Whether a value is in memory, so that another group reads it; true for whatever no group
  /// computes.
  bool isMaterialized(mlir::Value value);

private:
  struct Unit {
    FusionGroup group;
    bool opaque = false;
    llvm::SmallVector<unsigned> successors,
        predecessors; // may name merged units; go through find()
  };

  void build();
  unsigned find(unsigned unit);
  bool reaches(unsigned from, unsigned to) const { return reach[from].test(to); }
  bool hasPathOutside(unsigned from, unsigned to);
  bool edgesFit(unsigned first, unsigned second, const FusionGroup &merged);
  llvm::SmallVector<mlir::Operation *> readersOf(mlir::Value value);
  bool withinLimit(unsigned first, unsigned second);
  bool unify(const FusionGroup &a, const FusionGroup &b, FusionGroup &merged);
  /// Why two units cannot be one kernel.
  enum class Obstacle { none, opaque, shapes, edges, path, limit };
  /// Where there is none, `merged` has the form of the kernel.
  Obstacle findObstacle(unsigned first, unsigned second, FusionGroup &merged);
  bool tryMerge(unsigned first, unsigned second);
  void mergeAlongUses();
  void mergeSiblings();
  void mergeColumns();

  void decideValues();
  void requireInMemory(mlir::Value value);
  /// What computing `value` again reads and does.
  struct Recomputation {
    llvm::SetVector<mlir::Value> leaves;
    double transcendental = 0;
    unsigned ops = 0;
  };
  void explore(mlir::Value value, Recomputation &work, llvm::DenseSet<mlir::Value> &seen);
  bool isOutput(mlir::Value value);
  unsigned valueCount(unsigned group);
  bool fitsLimit(const Recomputation &work, llvm::ArrayRef<unsigned> users);
  const char *reasonToKeep(mlir::Operation *op, llvm::ArrayRef<unsigned> users);

  void sayWhetherKept(mlir::Operation *op, size_t users, const char *reason);
  void sayWhatIsSeparate();
  void saySeparate(mlir::Operation *producer, mlir::Operation *consumer, mlir::Operation *view);
  std::string reasonOf(Obstacle obstacle, mlir::Operation *producer, mlir::Operation *consumer);
  std::string shapesReason(mlir::Operation *producer, mlir::Operation *consumer);

  mlir::func::FuncOp function;
  unsigned maxOperands;
  const Remarks &remarks;
  std::vector<Unit> units;
  std::vector<unsigned> parents;
  std::vector<llvm::BitVector> reach;
  llvm::MapVector<mlir::Operation *, unsigned> unitOf;
  llvm::DenseSet<mlir::Value> inMemory;
  llvm::DenseMap<unsigned, llvm::SetVector<mlir::Value>> reads; // a group's inputs from outside
};

/// The value that the use reads when virtual ops are computed where they are used: the operand of a
/// broadcast, nothing for a constant or an iota. Gathers and opaque ops read what is in memory: the
/// operand itself.
mlir::Value sourceOf(mlir::OpOperand &use);

} // namespace heddle::passes
