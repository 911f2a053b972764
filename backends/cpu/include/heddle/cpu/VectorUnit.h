//===- VectorUnit.h - what kernels are shaped after -------------------------===//

#pragma once

#include <cstdint>
#include <string>

namespace heddle::cpu {

/// The vector unit of a CPU. The default is AVX2's, with fused multiply-add.
struct VectorUnit {
  int64_t vectorBits = 256;
  int64_t vectorRegisters = 16;
  bool fma = true;
};

/// What runs a contraction: a kernel of the module, the runtime's library, or the better of the
/// two.
enum class ContractionProvider { Auto, Generated, Library };

/// How matrix products are done.
struct ProductOptions {
  ContractionProvider contractions = ContractionProvider::Auto;
  /// A file of `heddle tune`, which decides where `contractions` is Auto; empty: none.
  std::string tuning = {};
  /// Whether parameters lie in the order in which products read them or, where something else
  /// reads them too, have a copy that does.
  bool packParameters = true;
  /// Whether kernels of products compute the elementwise fusions that follow them.
  bool fuseEpilogues = true;
};

} // namespace heddle::cpu
