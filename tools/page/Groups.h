// What the nodes of a graph belong to, so that a large graph can be shown a part at a time.
#pragma once

#include <heddle/inspect.h>

namespace heddle::page {

/// Of each node; empty where it belongs to none.
struct Groups {
  std::vector<std::string> phase;  ///< "forward", "backward" or "update"
  std::vector<std::string> module; ///< from the names of the parameters: "h.0.attn.c_attn"
  std::vector<std::string> layer;  ///< the module up to its first number: "h.0"
  std::vector<std::string> line;   ///< "model.cpp:42", without the folder
};

/// Forward is what the named results need, backward the gradient, and update the rest. A node
/// belongs to the module whose parameters it reads, or else to that of the last node it reads, or
/// else to that of all its readers.
Groups group_traced(const Graph &traced);

/// After fusion a node belongs to the module that most of its origins do.
Groups group_fused(const Graph &fused, const Graph &traced, const Groups &groups);

} // namespace heddle::page
