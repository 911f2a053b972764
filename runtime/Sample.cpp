// hd_sample: from logits to a token.
#include "Error.h"
#include "Philox.h"

#include "heddle/runtime.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <vector>

namespace heddle::runtime {
namespace {

void checkSampling(const hd_sampling &sampling) {
  if (sampling.size < sizeof(hd_sampling))
    fail(HD_INVALID_ARGUMENT,
         "hd_sample: 'sampling->size' is {}, expected {}; set it to sizeof(hd_sampling)",
         sampling.size, sizeof(hd_sampling));
  if (!(sampling.temperature >= 0) || std::isinf(sampling.temperature))
    fail(HD_INVALID_ARGUMENT,
         "hd_sample: temperature is {}, expected a finite number of at least 0",
         sampling.temperature);
  if (sampling.top_k < 0)
    fail(HD_INVALID_ARGUMENT, "hd_sample: top_k is {}, expected at least 0 (0: all tokens)",
         sampling.top_k);
  if (!(sampling.top_p > 0 && sampling.top_p <= 1))
    fail(HD_INVALID_ARGUMENT,
         "hd_sample: top_p is {}, expected above 0 and at most 1 (1: all tokens)", sampling.top_p);
}

// The first of equals.
size_t findLargest(const float *logits, size_t count) {
  size_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    if (std::isnan(logits[i]))
      fail(HD_INVALID_ARGUMENT,
           "hd_sample: logit {} of {} is NaN; the model has diverged, or its weights are not "
           "loaded",
           i, count);
    if (logits[i] > logits[largest])
      largest = i;
  }
  if (std::isinf(logits[largest]) && logits[largest] < 0)
    fail(HD_INVALID_ARGUMENT, "hd_sample: all {} logits are -inf; a mask leaves no token to draw",
         count);
  return largest;
}

struct Candidate {
  int32_t token;
  double weight; // its probability, times the same positive number for all
};

// Heavier first; among equals the lower token, so that what is kept does not depend on the sort.
bool heavier(const Candidate &x, const Candidate &y) {
  return x.weight != y.weight ? x.weight > y.weight : x.token < y.token;
}

double totalWeight(const std::vector<Candidate> &candidates) {
  double total = 0;
  for (const Candidate &candidate : candidates)
    total += candidate.weight;
  return total;
}

void keepTopK(std::vector<Candidate> &candidates, int32_t topK) {
  const auto keep = static_cast<size_t>(topK);
  if (keep == 0 || keep >= candidates.size())
    return;
  std::nth_element(candidates.begin(), candidates.begin() + topK, candidates.end(), heavier);
  candidates.resize(keep);
}

void keepTopP(std::vector<Candidate> &candidates, float topP) {
  if (topP >= 1)
    return;
  // A heap rather than a sort: most of the vocabulary is never reached.
  const double wanted = topP * totalWeight(candidates);
  const auto lighter = [](const Candidate &x, const Candidate &y) { return heavier(y, x); };
  std::make_heap(candidates.begin(), candidates.end(), lighter);
  auto heapEnd = candidates.end();
  for (double reached = 0; reached < wanted && heapEnd != candidates.begin();) {
    std::pop_heap(candidates.begin(), heapEnd, lighter);
    --heapEnd;
    reached += heapEnd->weight;
  }
  candidates.erase(candidates.begin(), heapEnd);
}

int32_t draw(std::vector<Candidate> &candidates, uint64_t seed, uint64_t position) {
  const PhiloxCounter bits = philox(
      {static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32), 0, kSampleDomain},
      philoxKey(seed));
  double left = philoxUniform(bits[0], bits[1]) * totalWeight(candidates);
  // By token, so that how the filters shuffled them does not matter.
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate &x, const Candidate &y) { return x.token < y.token; });
  int32_t token = candidates.back().token; // where rounding leaves a rest
  for (const Candidate &candidate : candidates) {
    if (left < candidate.weight)
      return candidate.token;
    left -= candidate.weight;
  }
  return token;
}

} // namespace
} // namespace heddle::runtime

using namespace heddle::runtime;

hd_status hd_sample(const float *logits, size_t count, const hd_sampling *sampling, uint64_t seed,
                    uint64_t position, int32_t *token) {
  return guarded([&] {
    if (!logits || !sampling || !token)
      fail(HD_INVALID_ARGUMENT, "hd_sample: '{}' is null",
           !logits     ? "logits"
           : !sampling ? "sampling"
                       : "token");
    if (count == 0 || count > INT32_MAX)
      fail(HD_INVALID_ARGUMENT, "hd_sample: 'count' is {}, expected 1 to {}", count, INT32_MAX);
    checkSampling(*sampling);
    const size_t largest = findLargest(logits, count);
    if (sampling->temperature == 0) {
      *token = static_cast<int32_t>(largest);
      return;
    }
    // Relative to the largest, so that exp neither overflows nor makes all weights zero. Equality
    // first: inf - inf is no number. Tokens without weight are left out and so cannot be drawn.
    std::vector<Candidate> candidates;
    candidates.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const double distance =
          logits[i] == logits[largest] ? 0 : static_cast<double>(logits[i]) - logits[largest];
      if (const double weight = std::exp(distance / sampling->temperature); weight > 0)
        candidates.push_back({static_cast<int32_t>(i), weight});
    }
    keepTopK(candidates, sampling->top_k);
    keepTopP(candidates, sampling->top_p);
    *token = draw(candidates, seed, position);
  });
}
