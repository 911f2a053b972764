// What a model becomes on its way to code, as plain data: for tools that show it.
#pragma once

#include <heddle/compile.h>

#include <cstdint>
#include <string>
#include <vector>

namespace heddle {

/// A line of the user's source.
struct SourceLine {
  std::string file;
  unsigned line = 0; ///< from 1
  bool operator==(const SourceLine &) const = default;
};

struct GraphNode {
  enum class Kind {
    input,    ///< of the function
    state,    ///< a parameter or other state, as it is when the function starts
    constant, ///< a tensor known at compile time
    op,       ///< one op of the heddle dialect
    view,     ///< after fusion: a reshape, transpose or slice, which moves nothing
    fusion,   ///< after fusion: ops that become one kernel
    output,   ///< a named result
    update,   ///< the new value of state
  };
  /// An op that a fusion holds.
  struct Part {
    std::string op, type;
    SourceLine where;
  };

  Kind kind = Kind::op;
  std::string name;       ///< of the tensor, or of the op: "softmax"; a fusion's form: "rows"
  std::string type;       ///< of its results: "f32 [64, 784]"
  std::int64_t bytes = 0; ///< of its results
  std::string role;       ///< of state: "parameter", "buffer", "optimizer", "rng" or "step"
  std::string attributes; ///< as the dialect writes them; a constant's value where it has but one
  std::vector<SourceLine> where;    ///< that it comes from, each once
  std::vector<std::size_t> origins; ///< after fusion: nodes of the traced graph it was made of
  std::vector<Part> parts;          ///< of a fusion
};

/// A tensor on its way from the node that makes it to one that reads it.
struct GraphEdge {
  std::size_t from, to;
  std::string type;
  std::int64_t bytes;
};

/// Nodes are in an order in which each comes after those it reads.
struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;
};

struct PlannedLaunch {
  std::string kernel;             ///< "contraction" for a matrix product by oneDNN
  SourceLine where;               ///< file is empty if there is none
  std::int64_t bytes;             ///< each element of its arguments, once
  std::int64_t ops;               ///< arithmetic; a multiply-add is two
  std::vector<std::size_t> nodes; ///< of the fused graph, that it does the work of
};

/// A piece of the scratch memory.
struct PlannedBuffer {
  std::int64_t offset, bytes;
  std::vector<std::size_t> launches; ///< that use it, in order; the first writes it
};

struct InspectedFunction {
  std::string name;
  Graph traced; ///< as the model described it
  Graph fused;  ///< after the phase `fuse`: what becomes kernels
  std::vector<PlannedLaunch> launches;
  std::vector<PlannedBuffer> buffers;
  std::int64_t arena_bytes = 0;
};

/// Compiles as compile() does, up to the plan of launches and memory, for the same options. Throws
/// Error as it does.
std::vector<InspectedFunction>
inspect(const Model &model, const CompileOptions &options = {},
        std::source_location where = std::source_location::current());

} // namespace heddle
