#include "batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace gpt {
namespace {

// SplitMix64 (Steele, Lea and Flood, 2014): a number from a counter, without state to save.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

} // namespace

Batches::Batches(std::vector<std::int32_t> tokens, std::int64_t batch, std::int64_t context,
                 std::uint64_t seed)
    : text(std::move(tokens)), batch(static_cast<std::size_t>(batch)),
      context(static_cast<std::size_t>(context)), seed(seed) {
  const std::size_t split = text.size() - text.size() / 10;
  train = std::span(text).first(split);
  held_out = std::span(text).subspan(split);
  if (held_out.size() < this->context + 1)
    throw std::runtime_error(
        fmt::format("the text has {} tokens, of which a tenth is for validation; a context "
                    "of {} needs at least {}: give more text, or a smaller --context",
                    text.size(), context, 10 * (context + 1)));
}

void Batches::append(Batch &to, std::span<const std::int32_t> part, std::size_t start) const {
  const auto tokens = part.subspan(start, context), targets = part.subspan(start + 1, context);
  to.tokens.insert(to.tokens.end(), tokens.begin(), tokens.end());
  to.targets.insert(to.targets.end(), targets.begin(), targets.end());
}

Batch Batches::training(std::int64_t step) const {
  Batch result;
  for (std::size_t i = 0; i < batch; ++i) {
    const std::uint64_t draw = mix(mix(mix(seed) + static_cast<std::uint64_t>(step)) + i);
    append(result, train, draw % (train.size() - context));
  }
  return result;
}

Batch Batches::validation(std::int64_t index) const {
  const std::size_t windows = (held_out.size() - 1) / context;
  Batch result;
  for (std::size_t i = 0; i < batch; ++i)
    append(result, held_out, (static_cast<std::size_t>(index) * batch + i) % windows * context);
  return result;
}

std::int64_t Batches::steps_per_epoch() const {
  return static_cast<std::int64_t>(std::max<std::size_t>(1, train.size() / (batch * context)));
}

std::int64_t Batches::validation_batches() const {
  return static_cast<std::int64_t>(
      std::max<std::size_t>(1, (held_out.size() - 1) / (batch * context)));
}

} // namespace gpt
