//===- Gradients.h - the vector-Jacobian product of one op ------------------===//

#pragma once

#include "Testing.h"

#include <optional>

namespace heddle::test {

/// What `buildVJP` gives for an op on arguments and cotangents of its results, of which the last
/// ones may be left out and others have no type, which is to have no cotangent: a cotangent per
/// operand, if it has one. Fails the test where a cotangent has not the type of its operand, or the
/// rule builds invalid ops.
std::vector<std::optional<std::vector<double>>> vjp(const std::string &op,
                                                    std::vector<Argument> arguments,
                                                    const std::vector<Argument> &cotangents);

} // namespace heddle::test
