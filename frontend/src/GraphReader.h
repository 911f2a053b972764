// A function of the heddle dialect as a Graph, and where each op of it came from.
#pragma once

#include "heddle/inspect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heddle {

/// A mark in the locations of a graph's ops: the number of the node. Locations go with an op
/// through all passes, so what is made of the op later can be traced back to the node.
class NodeMark {
public:
  /// `stage` tells the marks of one graph from those of another.
  explicit NodeMark(llvm::StringRef stage) : stage(stage) {}
  void set(mlir::Operation *op, std::size_t node) const;
  /// The nodes whose mark the location has, in ascending order.
  std::vector<std::size_t> read(mlir::Location loc) const;

private:
  llvm::StringRef stage;
};

/// Reads the function, and marks each of its ops with the number of its node. Origins are the nodes
/// of the stage `before`, if one is given.
Graph readGraph(mlir::func::FuncOp function, const NodeMark &mark, const NodeMark *before);

/// The lines in a location, each once.
std::vector<SourceLine> sourceLines(mlir::Location loc);

} // namespace heddle
