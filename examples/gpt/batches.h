// Windows of a text, to train on and to validate with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gpt {

/// tokens and targets, both [batch, context]: target i is the token after token i.
struct Batch {
  std::vector<std::int32_t> tokens, targets;
};

/// The first nine tenths of a text are for training, the rest for validation.
class Batches {
public:
  /// Throws std::runtime_error if either part is too short for a window of `context` tokens and its
  /// target.
  Batches(std::vector<std::int32_t> text, std::int64_t batch, std::int64_t context,
          std::uint64_t seed);
  Batches(const Batches &) = delete; // its spans are into its text
  Batches &operator=(const Batches &) = delete;

  /// Random windows. They follow from the seed and the step alone: who resumes at a step sees what
  /// he would have.
  Batch training(std::int64_t step) const;
  /// Windows one after the other, from the beginning of the validation text; it starts over where
  /// it ends.
  Batch validation(std::int64_t index) const;

  /// Steps that see as many tokens as the training text has.
  std::int64_t steps_per_epoch() const;
  /// Batches that cover the validation text, 1 at least.
  std::int64_t validation_batches() const;
  std::size_t training_size() const { return train.size(); }
  std::size_t validation_size() const { return held_out.size(); }

private:
  void append(Batch &batch, std::span<const std::int32_t> part, std::size_t start) const;
  std::vector<std::int32_t> text;
  std::span<const std::int32_t> train, held_out;
  std::size_t batch, context;
  std::uint64_t seed;
};

} // namespace gpt
