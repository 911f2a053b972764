// Initial values of tensors.
#pragma once

#include "Manifest.h"

namespace heddle::runtime {

// `number` is the tensor's index in the manifest: each tensor reads its own stream of the seed. The
// values do not depend on `threads`.
void initializeTensor(const StateSpec &spec, uint32_t number, uint64_t seed, void *data,
                      int threads);

} // namespace heddle::runtime
