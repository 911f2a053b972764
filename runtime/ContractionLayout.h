// A contraction brought to the one form that matrix-multiply libraries take: row-major c, and a and
// b each row- or column-contiguous, in a loop over what batch dimensions remain.
#pragma once

#include "Manifest.h"

#include <string>

namespace heddle::runtime {

// An R x C matrix with one stride of 1: row-major with leading dimension `ld`, or the transpose of
// such.
struct GemmOperand {
  bool transposed = false;
  int64_t ld = 1;
};

struct BatchDim {
  int64_t size, a, b, c;
};

struct GemmLayout {
  int64_t m = 0, n = 0, k = 0;
  GemmOperand a, b;
  int64_t ldc = 1;
  // c was column-major, so this computes its transpose: a and b have changed places, and the bias
  // runs along m.
  bool swapped = false;
  bool bias = false;
  std::vector<BatchDim> batch;
  int64_t batchCount = 1;
};

// HD_FORMAT_ERROR if it has no such form; `where` names the contraction.
GemmLayout layoutContraction(const ContractionSpec &spec, const std::string &where);

} // namespace heddle::runtime
