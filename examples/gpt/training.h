// The training loop: steps, epochs, checkpoints, the loss curve.
#pragma once

#include "batches.h"
#include "options.h"

#include <functional>

namespace gpt {

/// Trains as `options` say, from the start or from the checkpoint in options.output, and leaves
/// there weights.safetensors, checkpoint.safetensors, losses.csv, loss.svg and loss.png.
/// `save_settings` is called when the first checkpoint is due, so that until then the folder keeps
/// what it held. False if it stopped before the last step: because of --stop-at, or because the
/// user pressed Ctrl-C.
bool train(const Options &options, const Batches &batches,
           const std::function<void()> &save_settings);

} // namespace gpt
