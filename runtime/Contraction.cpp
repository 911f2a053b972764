#include "Contraction.h"

#include "Error.h"
#include "Threads.h"

#include <algorithm>
#include <atomic>

namespace heddle::runtime {
namespace {

// Where the matmul primitive only forwards to sgemm, its own cost a call (about 2 us) is what there
// is to gain: measured on Zen 3, 64x10x512 runs at 45 GFLOP/s through it and at 59 without, and
// from about this many multiplications on there is no difference.
constexpr int64_t kSmallProduct = int64_t{1} << 25;

} // namespace

Contraction::Contraction(const ContractionSpec &spec, OneDnn &engine, int threads,
                         const std::string &where)
    : layout(layoutContraction(spec, where)), threads(threads) {
  // The primitive's bias runs along n; a swapped product needs it along m.
  const bool single = layout.batchCount == 1 && layout.k > 0 && !(layout.swapped && layout.bias);
  if (single)
    primitive = MatmulPrimitive::create(engine, layout);
  provider = choose(layout, primitive.get(), threads);
  if (provider != Provider::Primitive)
    primitive.reset();
}

Contraction::Provider Contraction::choose(const GemmLayout &layout,
                                          const MatmulPrimitive *primitive, int threads) {
  if (layout.batchCount == 0)
    return Provider::None;
  if (layout.k == 0)
    return Provider::Fill;
  if (primitive && !(primitive->wrapsGemm() && layout.m * layout.n * layout.k < kSmallProduct))
    return Provider::Primitive;
  return threads > 1 && layout.batchCount >= threads ? Provider::ParallelGemm : Provider::Gemm;
}

int Contraction::run(const float *a, const float *b, const float *bias, float *c) noexcept {
  if (layout.bias && !bias && provider != Provider::None)
    return kBiasMissing;
  if (layout.swapped)
    std::swap(a, b);
  switch (provider) {
  case Provider::None:
    return 0;
  case Provider::Primitive:
    return primitive->run(a, b, bias, c);
  case Provider::Fill:
  case Provider::Gemm:
    for (int64_t batch = 0; batch < layout.batchCount; ++batch)
      if (int status = runBatch(batch, a, b, bias, c))
        return status;
    return 0;
  case Provider::ParallelGemm:
    break;
  }
  std::atomic<int> failure = 0;
  parallelFor(Pool::OpenMp, threads, layout.batchCount, {1, 1}, [&](int64_t begin, int64_t end) {
    for (int64_t batch = begin; batch < end; ++batch)
      if (int status = runBatch(batch, a, b, bias, c))
        failure.store(status, std::memory_order_relaxed);
  });
  return failure.load(std::memory_order_relaxed);
}

int Contraction::runBatch(int64_t batch, const float *a, const float *b, const float *bias,
                          float *c) const noexcept {
  for (auto dim = layout.batch.rbegin(); dim != layout.batch.rend(); ++dim) {
    const int64_t index = batch % dim->size;
    batch /= dim->size;
    a += index * dim->a;
    b += index * dim->b;
    c += index * dim->c;
  }
  if (layout.bias || layout.k == 0)
    fillBias(bias, c);
  return layout.k == 0 ? 0 : sgemm(layout, a, b, c, /*accumulate=*/layout.bias);
}

void Contraction::fillBias(const float *bias, float *c) const noexcept {
  for (int64_t row = 0; row < layout.m; ++row) {
    float *target = c + row * layout.ldc;
    if (!layout.bias)
      std::fill_n(target, layout.n, 0.0F);
    else if (layout.swapped)
      std::fill_n(target, layout.n, bias[row]);
    else
      std::copy_n(bias, layout.n, target);
  }
}

std::string Contraction::describe() const {
  return fmt::format("m={} n={} k={} batch={}", layout.swapped ? layout.n : layout.m,
                     layout.swapped ? layout.m : layout.n, layout.k, layout.batchCount);
}

const char *contractionStatusText(int status) {
  switch (status) {
  case Contraction::kBiasMissing:
    return "the manifest declares a bias, the generated code gave none";
  case Contraction::kNoSuchContraction:
    return "the manifest has no contraction of this index";
  default:
    return oneDnnStatusText(status);
  }
}

} // namespace heddle::runtime
