#include "heddle/generate.h"

#include "Trace.h"

#include "heddle/runtime.h"

namespace heddle {
namespace {

std::span<const float> lastRow(const HostArray &logits) {
  const auto all = logits.as<float>();
  return logits.shape().rank() == 0 ? all : all.last(static_cast<std::size_t>(logits.shape()[-1]));
}

void checkFunction(const Executable &model, const char *name, const std::string &form,
                   bool isPrefill, std::source_location where) {
  const auto inputs = model.inputs({name, where});
  const auto outputs = model.outputs({name, where});
  const bool fits =
      inputs.size() == 2 && inputs[0].dtype == i32 && inputs[1].dtype == i32 &&
      (isPrefill ? inputs[0].shape.elements() > 0 : inputs[0].shape.elements() == 1) &&
      inputs[1].shape.elements() == 1 && !outputs.empty() && outputs[0].dtype == f32 &&
      outputs[0].shape.rank() > 0 && outputs[0].shape[-1] > 0 &&
      outputs[0].shape.elements() == outputs[0].shape[-1];
  if (!fits)
    fail(where, "generate expects the function {}", form);
}

/// Feeds tokens to the model and gives the logits that follow the last.
class Feeder {
public:
  Feeder(Executable &model, std::size_t context, std::source_location where)
      : model(model), where(where) {
    const std::string decodeForm =
        "decode(token i32 of one element, position i32 scalar) -> logits f32 [vocabulary]";
    const std::string prefillForm = "prefill(tokens i32 [1, T], length i32 scalar) -> logits f32 "
                                    "[vocabulary] of the last of `length` tokens";
    if (!model.has("decode"))
      fail(where, "generate expects the function {}; the model has {}", decodeForm,
           fmt::join(model.functions(), ", "));
    checkFunction(model, "decode", decodeForm, false, where);
    hasPrefill = model.has("prefill");
    if (hasPrefill) {
      checkFunction(model, "prefill", prefillForm, true, where);
      block = static_cast<std::size_t>(model.inputs({"prefill", where})[0].shape.elements());
    }
    limit = context ? context : block;
    if (limit == 0)
      fail(where, "generate cannot tell how many positions the model's cache holds, as it has no "
                  "prefill; set "
                  "GenerateOptions::context");
    if (hasPrefill && limit < block)
      block = limit;
  }

  /// Starts over with the end of `tokens`, which leaves room for one more at least.
  HostArray restart(std::span<const std::int32_t> tokens) {
    if (tokens.size() > limit)
      tokens = tokens.last(limit);
    used = 0;
    HostArray logits;
    if (hasPrefill) {
      const std::size_t count = std::min(tokens.size(), block);
      std::vector<std::int32_t> padded(tokens.begin(),
                                       tokens.begin() + static_cast<std::ptrdiff_t>(count));
      padded.resize(static_cast<std::size_t>(model.inputs({"prefill", where})[0].shape.elements()),
                    0);
      logits = model.run({"prefill", where}, padded, static_cast<std::int32_t>(count))[0];
      used = count;
      tokens = tokens.subspan(count);
    }
    for (std::int32_t token : tokens)
      logits = decode(token);
    return logits;
  }

  bool isFull() const { return used >= limit; }
  std::size_t half() const { return std::max<std::size_t>(1, limit / 2); }

  HostArray decode(std::int32_t token) {
    const std::vector<std::int32_t> one{token};
    HostArray logits = model.run({"decode", where}, one, static_cast<std::int32_t>(used))[0];
    ++used;
    return logits;
  }

private:
  Executable &model;
  std::source_location where;
  bool hasPrefill = false;
  std::size_t block = 0, limit = 0, used = 0;
};

} // namespace

std::int32_t sample(std::span<const float> logits, const GenerateOptions &options,
                    std::uint64_t position, std::source_location where) {
  hd_sampling sampling{};
  sampling.size = sizeof sampling;
  sampling.temperature = static_cast<float>(options.temperature);
  sampling.top_k = options.top_k;
  sampling.top_p = static_cast<float>(options.top_p);
  std::int32_t token = 0;
  if (hd_sample(logits.data(), logits.size(), &sampling, options.seed, position, &token) != HD_OK)
    failAt(where, hd_error_message());
  return token;
}

std::vector<std::int32_t> generate(Executable &model, std::span<const std::int32_t> prompt,
                                   const GenerateOptions &options, std::source_location where) {
  if (prompt.empty())
    fail(where, "generate needs a prompt of at least one token");
  std::vector<std::int32_t> drawn;
  Feeder feeder(model, options.context, where);
  if (options.max_tokens == 0)
    return drawn;
  std::vector<std::int32_t> all(prompt.begin(), prompt.end());
  HostArray logits = feeder.restart(all);
  while (true) {
    const std::int32_t token = sample(lastRow(logits), options, drawn.size(), where);
    if (options.stop_token == token)
      break;
    drawn.push_back(token);
    all.push_back(token);
    if ((options.on_token && !options.on_token(token)) || drawn.size() >= options.max_tokens)
      break;
    logits = feeder.isFull() ? feeder.restart(std::span<const std::int32_t>(all).last(
                                   std::min(all.size(), feeder.half())))
                             : feeder.decode(token);
  }
  return drawn;
}

} // namespace heddle
