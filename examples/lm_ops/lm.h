// The ops of the dialect lm, for models.
#pragma once

#include <heddle/heddle.h>

namespace lm {

/// cap tanh(x / cap): large values are limited softly.
inline heddle::Tensor softcap(heddle::Operand x, double cap) {
  return heddle::apply_op("lm.softcap", {x}, {{"cap", cap}}, x.where).front();
}

/// a sigmoid(a) b, with a and b the halves of x along the last dimension.
inline heddle::Tensor swiglu(heddle::Operand x) {
  return heddle::apply_op("lm.swiglu", {x}, {}, x.where).front();
}

} // namespace lm
