#include "heddle/init.h"

#include <cmath>

namespace heddle {

Init Init::resolve(const Shape &shape) const {
  double fanIn =
      shape.rank() > 1 ? static_cast<double>(shape[1]) : static_cast<double>(shape.elements());
  double fanOut = shape.rank() > 0 ? static_cast<double>(shape[0]) : 1;
  for (std::int64_t d = 2; d < shape.rank(); ++d) {
    fanIn *= static_cast<double>(shape[d]);
    fanOut *= static_cast<double>(shape[d]);
  }
  // A tensor without elements is drawn from, but never.
  fanIn = std::max(fanIn, 1.0);
  fanOut = std::max(fanOut, 1.0);
  auto uniform = [&](double bound) { return Init{Kind::uniform, -bound, bound, zero_row}; };
  auto normal = [&](double deviation) { return Init{Kind::normal, 0, deviation, zero_row}; };
  switch (kind) {
  case Kind::xavier_uniform:
    return uniform(first * std::sqrt(6 / (fanIn + fanOut)));
  case Kind::xavier_normal:
    return normal(first * std::sqrt(2 / (fanIn + fanOut)));
  case Kind::kaiming_uniform:
    return uniform(first * std::sqrt(3 / fanIn));
  case Kind::kaiming_normal:
    return normal(first / std::sqrt(fanIn));
  default:
    return *this;
  }
}

namespace init {

Init zeros() { return {Init::Kind::zeros}; }
Init ones() { return {Init::Kind::ones}; }
Init constant(double value) { return {Init::Kind::constant, value}; }
Init uniform(double low, double high) { return {Init::Kind::uniform, low, high}; }
Init normal(double mean, double deviation) { return {Init::Kind::normal, mean, deviation}; }
Init xavier_uniform(double gain) { return {Init::Kind::xavier_uniform, gain}; }
Init xavier_normal(double gain) { return {Init::Kind::xavier_normal, gain}; }
Init kaiming_uniform(double gain) { return {Init::Kind::kaiming_uniform, gain}; }
Init kaiming_normal(double gain) { return {Init::Kind::kaiming_normal, gain}; }

} // namespace init
} // namespace heddle
