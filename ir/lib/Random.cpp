//===- Random.cpp - counter-based random numbers --------------------------===//

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

#include <cmath>

using namespace mlir;
using namespace heddle::ir;

/// The first word of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// 2011).
static uint32_t philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t(0xD2511F53) * counter[0], b = uint64_t(0xCD9E8D57) * counter[2];
    counter = {uint32_t(b >> 32) ^ counter[1] ^ key[0], uint32_t(b),
               uint32_t(a >> 32) ^ counter[3] ^ key[1], uint32_t(a)};
    key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
  }
  return counter[0];
}

LogicalResult RandomUniformOp::evaluate(ArrayRef<const HostTensor *> operands,
                                        MutableArrayRef<HostTensor> results) {
  auto seed = static_cast<uint64_t>(static_cast<int64_t>(operands[0]->values[0]));
  auto step = static_cast<uint64_t>(static_cast<int64_t>(operands[0]->values[1]));
  std::array<uint32_t, 2> key = {uint32_t(seed), uint32_t(seed >> 32)};
  for (auto [i, out] : llvm::enumerate(results[0].values)) {
    uint32_t word = philox(
        {uint32_t(i), uint32_t(uint64_t(i) >> 32), uint32_t(getStream()), uint32_t(step)}, key);
    out = std::ldexp(static_cast<double>(word >> 8), -24);
  }
  return success();
}
