// One contraction of a function, with what runs it: chosen and made when the model is, never in a
// call.
#pragma once

#include "ContractionLayout.h"
#include "OneDnn.h"

#include <memory>
#include <string>

namespace heddle::runtime {

class Contraction {
public:
  // HD_FORMAT_ERROR if nothing can run it; `where` names it in the message.
  Contraction(const ContractionSpec &spec, OneDnn &engine, int threads, const std::string &where);

  static constexpr int kBiasMissing = -1;
  static constexpr int kNoSuchContraction = -2;
  // 0, one of the above, or oneDNN's status.
  int run(const float *a, const float *b, const float *bias, float *c) noexcept;

  // "m=64 n=512 k=784", for messages.
  std::string describe() const;

private:
  enum class Provider {
    None,         // an empty c
    Fill,         // k = 0: the sum over nothing, plus the bias
    Primitive,    // oneDNN's matmul
    Gemm,         // sgemm on all threads, batch after batch
    ParallelGemm, // a batch a thread, each on one thread
  };

  static Provider choose(const GemmLayout &layout, const MatmulPrimitive *primitive, int threads);
  int runBatch(int64_t batch, const float *a, const float *b, const float *bias,
               float *c) const noexcept;
  void fillBias(const float *bias, float *c) const noexcept;

  GemmLayout layout;
  int threads;
  std::unique_ptr<MatmulPrimitive> primitive;
  Provider provider = Provider::None;
};

const char *contractionStatusText(int status);

} // namespace heddle::runtime
