//===- AttentionShape.h - the extents of an attention op ---------------------===//

#pragma once

#include <cstdint>

namespace heddle::cpu {

/// q [batch, heads, queries, depth], k [batch, heads, keys, depth], v [batch, heads, keys, width].
struct AttentionShape {
  int64_t batch, heads, queries, keys, depth, width;
  bool causal = false, masked = false;
  bool positioned = false; // then there are no more queries than keys
  double scale = 1.0;

  /// Where causal, query i sees the keys j <= p + i. This is p, or where positioned the most that
  /// it can be.
  int64_t lastPosition() const { return keys - queries; }
  bool maySeeNone() const { return masked || (causal && lastPosition() < 0); }
};

} // namespace heddle::cpu
