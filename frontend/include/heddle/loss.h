// Losses: scalars to train on.
#pragma once

#include <heddle/tensor.h>

namespace heddle {

/// mean((prediction - target)^2). Both are float and of one shape: a broadcast here is nearly
/// always a mistake.
Tensor mse_loss(Operand prediction, Operand target);

/// Mean over all positions of -log_softmax(logits)[label], those with label == ignore_index left
/// out; NaN if all are. logits are float [..., classes], labels i32 or i64 [...], with values in
/// [0, classes).
Tensor cross_entropy(Operand logits, Operand labels, std::int64_t ignore_index = -100);

} // namespace heddle
