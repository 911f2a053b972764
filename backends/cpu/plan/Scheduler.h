//===- Scheduler.h - how a function becomes launches -------------------------===//

#pragma once

#include "Epilogues.h"
#include "Placement.h"
#include "Schedule.h"

namespace heddle::cpu {

/// Visits the ops of a function in order: places their results, and adds their launches.
class Scheduler {
public:
  Scheduler(mlir::func::FuncOp function, KernelLibrary &kernels, const ProductProviders &providers,
            const StoredPanels &stored, PackedTensors &packed, bool fuseEpilogues,
            const passes::Remarks &remarks);

  mlir::FailureOr<Schedule> run();

private:
  mlir::LogicalResult visit(mlir::Operation *op);
  mlir::LogicalResult visitFusion(ir::FusionOp fusion);
  mlir::LogicalResult visitReturn(mlir::func::ReturnOp terminator);

  // Places (Schedule.cpp).

  static mlir::RankedTensorType typeOf(mlir::Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  size_t addBuffer(Buffer buffer);
  size_t addArena(const Layout &layout);
  /// The place of a launch's result: its destination if it can be written directly, else the arena.
  Place placeResult(mlir::Value value);
  Place settle(mlir::Value value, const Place &place);
  /// The arena's memory of an operand that the launch may write the result over.
  std::optional<size_t> overwritten(mlir::OpResult written);
  /// The transposition that alone reads the value, or that a kernel copies it in while others,
  /// which read any strides, read it too.
  static ir::TransposeOp transposed(mlir::Value value);
  /// Whether the launch that writes the value may write rows that are not next to each other.
  static bool leavesGaps(mlir::Value value);

  // Launches (Schedule.cpp).

  static std::pair<size_t, int64_t> reference(const Place &place) {
    return {place.buffer, place.layout.offset * elementBytes(place.layout.element)};
  }
  /// The layout as a kernel sees it: its pointer is already at the first element.
  static Layout rebased(Layout layout) {
    layout.offset = 0;
    return layout;
  }
  Step &launch(mlir::Location loc, Task task, llvm::ArrayRef<Place> arguments);
  void launchCopy(mlir::Location loc, const Place &from, const Place &to);
  /// A dense copy of a place.
  Place copied(mlir::Location loc, const Place &from, mlir::RankedTensorType type);

  // Products (ScheduleProducts.cpp).

  /// A product that a kernel computes; all but what its step launches.
  struct Product {
    ir::ContractionOp op;
    ContractionLayout layout;
    Step step;
    bool isPacked = false;
  };
  mlir::LogicalResult visitContraction(ir::ContractionOp op);
  /// Whether an operand or the result of the product lies in panels, which `layout` then says.
  bool describePanels(ir::ContractionOp op, ContractionLayout &layout) const;
  /// Where a fusion that is computed with the product, and alone reads it, gives a result of the
  /// function, the product lies there too.
  Place placeProduct(ir::ContractionOp op);
  void launchProduct(Product product);
  /// Says that a fusion which reads the product has a kernel of its own.
  void sayApart(ir::FusionOp fusion, ir::ContractionOp product, const char *reason) const;
  /// Whether one of `results` is written where the product reads: some of them are there before
  /// other blocks of the product have read all.
  static bool overwritesOperand(const Product &product, llvm::ArrayRef<Place> results);
  /// The inputs of the fusion that are the product, if only the fusion's kernel needs it, a block
  /// at a time.
  llvm::SmallVector<unsigned> inputsInScratch(const Product &product, ir::FusionOp fusion);
  /// Launches a product with the fusion that its kernel computes; `arguments` are those of the
  /// fusion, its inputs and outputs.
  void launchWithEpilogue(Product product, ir::FusionOp fusion, llvm::ArrayRef<Place> arguments,
                          llvm::ArrayRef<Layout> inputs, llvm::ArrayRef<Layout> outputs);
  /// The packed tensor that serves as a product's b, which lies at `y`.
  std::optional<size_t> packedForm(const Place &y, const ContractionLayout &product);
  size_t packedBuffer(size_t number);
  /// A copy whose memory runs in the order batch, free, contracting dimensions; seen as the same
  /// tensor.
  Place ordered(ir::ContractionOp op, mlir::Value operand, llvm::ArrayRef<int64_t> batch,
                llvm::ArrayRef<int64_t> contract);

  // Fusions of one op that has a kernel, or copies, of its own (ScheduleSingles.cpp).

  mlir::LogicalResult visitSingle(ir::FusionOp fusion, llvm::ArrayRef<Place> arguments);
  mlir::LogicalResult visitAttention(ir::FusionOp fusion, mlir::Operation *op,
                                     llvm::ArrayRef<Place> inputs, llvm::ArrayRef<Layout> given);
  /// Adds into the table itself where nobody else needs it: that of a large vocabulary costs more
  /// to copy than all that is added.
  mlir::LogicalResult visitScatterAdd(ir::FusionOp fusion, ir::ScatterAddOp scatter,
                                      llvm::ArrayRef<Place> arguments);

  mlir::func::FuncOp function;
  KernelLibrary &kernels;
  const ProductProviders &providers;
  const StoredPanels &stored;
  PackedTensors &packed;
  const passes::Remarks &remarks;
  llvm::DenseMap<mlir::Value, Destination> direct;
  llvm::DenseMap<mlir::Operation *, ProductReader> epilogues; // by the contraction
  llvm::DenseMap<mlir::Operation *, Product> waiting; // by the fusion that is computed with them
  llvm::DenseMap<mlir::Value, Place> places;
  llvm::DenseMap<size_t, llvm::SmallVector<mlir::Value>>
      settled;                            // all that was put into a buffer of the arena
  llvm::SmallVector<size_t> destinations; // a buffer for each of the function's results
  Schedule result;
};

} // namespace heddle::cpu
