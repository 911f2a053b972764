//===- AttentionShape.h - the extents of an attention op ---------------------===//

#pragma once

#include <cstdint>

namespace heddle::cpu {

/// q [batch, heads, queries, depth], k [batch, heads, keys, depth], v [batch, heads, keys, width].
struct AttentionShape {
  int64_t batch, heads, queries, keys, depth, width;
  bool causal = false;
  double scale = 1.0;

  /// Query i sees the keys j <= i + offset, where causal.
  int64_t causalOffset() const { return keys - queries; }
};

} // namespace heddle::cpu
