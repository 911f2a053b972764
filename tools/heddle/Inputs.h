// The arguments of a call, from the command line and from files.
#pragma once

#include "Commands.h"

namespace heddle::cli {

/// An array for each input of the function. Throws Error that names the input: one that is not
/// given, is given twice, does not exist, or has another dtype, shape or number of elements.
std::vector<HostArray> make_inputs(const ReadyModel &model, const RunOptions &options,
                                   std::uint64_t seed);

/// "x f32 [64, 784]"
std::string describe(const TensorInfo &info);

} // namespace heddle::cli
