// The training loop: steps, epochs, checkpoints, the loss curve.
#pragma once

#include "batches.h"
#include "options.h"

#include <functional>

namespace gpt {

/// Trains as `options` say, from the start or from the checkpoint in options.output, and leaves
/// there weights.safetensors, loss.svg, loss.png and what a training::Run keeps. `save_settings` is
/// called before a new run's first checkpoint takes the place of what the folder held. False if it
/// stopped before the last step: because of --stop-at, or because the user pressed Ctrl-C.
bool train(const Options &options, const Batches &batches,
           const std::function<void()> &save_settings);

} // namespace gpt
