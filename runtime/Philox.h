// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC
// 2011).
//
// Counter-based: a draw is a pure function of (counter, key), so it needs no state, can be made in
// any order on any thread, and recomputing it is exact.
#pragma once

#include <array>
#include <cstdint>

namespace heddle::runtime {

using PhiloxCounter = std::array<uint32_t, 4>;
using PhiloxKey = std::array<uint32_t, 2>;

constexpr PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53U} * counter[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(p0)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

constexpr PhiloxKey philoxKey(uint64_t seed) {
  return {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
}

// The last counter word, so that no two users of one seed read the same stream. Generated code
// draws with small numbers there (one an op); these are out of its way.
constexpr uint32_t kInitializeDomain = 0xFFFF0001U;
constexpr uint32_t kSampleDomain = 0xFFFF0002U;

// Uniform in [0, 1), 53 bits.
constexpr double philoxUniform(uint32_t low, uint32_t high) {
  return static_cast<double>(((uint64_t{high} << 32) | low) >> 11) * 0x1p-53;
}

} // namespace heddle::runtime
