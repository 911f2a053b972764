// How a parameter gets its first value.
#pragma once

#include <heddle/tensor.h>

#include <cstdint>
#include <optional>

namespace heddle {

/// Made by the functions of heddle::init. Drawn by Executable::initialize(seed): the same seed
/// gives the same values.
struct Init {
  enum class Kind : std::uint8_t {
    zeros,
    ones,
    constant,
    uniform,
    normal,
    xavier_uniform,
    xavier_normal,
    kaiming_uniform,
    kaiming_normal
  };
  Kind kind = Kind::zeros;
  double first = 0;                          ///< value, low, mean, or gain
  double second = 0;                         ///< high, or standard deviation
  std::optional<std::int64_t> zero_row = {}; ///< this row, of the first dimension, is zeros

  /// The same as zeros, ones, constant, uniform or normal, for a tensor of this shape.
  Init resolve(const Shape &shape) const;
};

namespace init {

// fan_in and fan_out of a weight [out, in, rest...] are in * rest and out * rest.

Init zeros();
Init ones();
Init constant(double value);
/// Uniform in [low, high).
Init uniform(double low, double high);
Init normal(double mean = 0, double standard_deviation = 1);
/// Uniform in +-gain sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).
Init xavier_uniform(double gain = 1);
/// Normal with deviation gain sqrt(2 / (fan_in + fan_out)).
Init xavier_normal(double gain = 1);
/// Uniform in +-gain sqrt(3 / fan_in) (He et al., 2015); gain sqrt(2) is for relu.
Init kaiming_uniform(double gain = 1.4142135623730951);
/// Normal with deviation gain / sqrt(fan_in); gain sqrt(2) is for relu.
Init kaiming_normal(double gain = 1.4142135623730951);

} // namespace init
} // namespace heddle
