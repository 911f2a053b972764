// Token by token generation with a compiled language model. Tokens are numbers; text is the
// caller's matter.
//
// The model has a function "decode" and may have "prefill":
//   prefill(tokens i32 [1, T], length i32 []) -> logits [..., vocabulary] of the last of the
//   `length` first tokens;
//     keeps what decode needs of positions 0 to length - 1 (tokens past `length` are padding)
//   decode(token i32 [1, 1], position i32 []) -> logits [..., vocabulary] of that token; keeps what
//   it needs of it
// Inputs are found by their order, and the shapes may be any with these numbers of elements. The
// result is the first.
#pragma once

#include <heddle/compile.h>

#include <functional>
#include <optional>

namespace heddle {

struct GenerateOptions {
  std::size_t max_tokens = 100;
  /// 0: always the likeliest token. Below 1: safer; above: wilder.
  double temperature = 1;
  /// Only the k likeliest tokens; 0: all.
  int top_k = 0;
  /// Only the smallest set of tokens whose probability reaches this; 1: all.
  double top_p = 1;
  /// The same seed, prompt and options give the same tokens.
  std::uint64_t seed = 0;
  /// Ends when drawn; it is not part of the result.
  std::optional<std::int32_t> stop_token = {};
  /// The most positions the model's cache holds. Default: T of prefill. When it is full, generation
  /// goes on from the last half of it.
  std::size_t context = 0;
  /// Called for each token as it is drawn; false ends.
  std::function<bool(std::int32_t)> on_token = {};
};

/// The tokens after `prompt`, which has at least one. Of a prompt longer than the context, the end
/// is used. Throws Error if the model lacks the functions above, or the prompt is empty.
std::vector<std::int32_t> generate(Executable &model, std::span<const std::int32_t> prompt,
                                   const GenerateOptions &options = {},
                                   std::source_location where = std::source_location::current());

/// One token from logits f32 [vocabulary]; `position` numbers the draws of one seed.
std::int32_t sample(std::span<const float> logits, const GenerateOptions &options,
                    std::uint64_t position,
                    std::source_location where = std::source_location::current());

} // namespace heddle
