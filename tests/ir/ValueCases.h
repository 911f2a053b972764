//===- ValueCases.h - what each op gives, worked out by hand ---------------===//

#pragma once

#include "Testing.h"

#include <limits>
#include <vector>

namespace heddle::test {

/// The results of `body`, one after the other.
struct ValueCase {
  std::string body; // begins with the op that it is about
  std::vector<Argument> arguments;
  std::vector<double> want;
};
inline void PrintTo(const ValueCase &c, std::ostream *out) { *out << c.body; }

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<ValueCase> elementwiseValues();
std::vector<ValueCase> shapeValues();
std::vector<ValueCase> reductionValues(); // and contractions, indexing, random numbers, fusions
std::vector<ValueCase> neuralValues();    // attentionValues among them
std::vector<ValueCase> attentionValues();

} // namespace heddle::test
