#include "Initialize.h"

#include "DType.h"
#include "Error.h"
#include "Model.h"
#include "Philox.h"
#include "Threads.h"

#include <cmath>
#include <cstring>
#include <numbers>

namespace heddle::runtime {
namespace {

// A draw is about 10 to 30 ns: enough of them to be worth waking a thread.
constexpr int64_t kGrain = 4096;

void storeConstant(const StateSpec &spec, void *data, double value) {
  for (int64_t i = 0; i < spec.elements; ++i)
    switch (spec.dtype) {
    case HD_I8:
    case HD_I1:
      static_cast<int8_t *>(data)[i] = static_cast<int8_t>(value);
      break;
    case HD_I32:
      static_cast<int32_t *>(data)[i] = static_cast<int32_t>(value);
      break;
    case HD_I64:
      static_cast<int64_t *>(data)[i] = static_cast<int64_t>(value);
      break;
    default:
      storeFloat(spec.dtype, data, i, value);
    }
}

void zeroRow(const StateSpec &spec, void *data, int64_t row) {
  const size_t bytes = spec.bytes / static_cast<size_t>(spec.shape[0]);
  if (bytes > 0)
    std::memset(static_cast<char *>(data) + static_cast<size_t>(row) * bytes, 0, bytes);
}

// Box and Muller, "A note on the generation of random normal deviates" (1958). 1 - u is in (0, 1],
// so that its logarithm is finite.
double normal(const PhiloxCounter &bits) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - philoxUniform(bits[0], bits[1])));
  return radius * std::cos(2.0 * std::numbers::pi * philoxUniform(bits[2], bits[3]));
}

void draw(const StateSpec &spec, uint32_t number, uint64_t seed, void *data, int threads) {
  const Initializer &init = spec.init;
  const bool isNormal = init.kind == Initializer::Kind::Normal;
  switch (init.kind) {
  case Initializer::Kind::Zeros:
    if (spec.bytes > 0)
      std::memset(data, 0, spec.bytes);
    return;
  case Initializer::Kind::Ones:
    return storeConstant(spec, data, 1);
  case Initializer::Kind::Constant:
    return storeConstant(spec, data, init.first);
  case Initializer::Kind::Uniform:
  case Initializer::Kind::Normal:
    break;
  }
  const PhiloxKey key = philoxKey(seed);
  parallelFor(Pool::Own, threads, spec.elements, {kGrain, kGrain}, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const PhiloxCounter bits = philox(
          {static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32), number, kInitializeDomain},
          key);
      const double value =
          isNormal ? init.first + init.second * normal(bits)
                   : init.first + (init.second - init.first) * philoxUniform(bits[0], bits[1]);
      storeFloat(spec.dtype, data, i, value);
    }
  });
}

} // namespace

void initializeTensor(const StateSpec &spec, uint32_t number, uint64_t seed, void *data,
                      int threads) {
  if (spec.role == Role::Rng) {
    const uint64_t state[2] = {seed, 0};
    std::memcpy(data, state, sizeof state);
    return;
  }
  draw(spec, number, seed, data, threads);
  if (spec.init.zeroRow)
    zeroRow(spec, data, *spec.init.zeroRow);
}

} // namespace heddle::runtime

using namespace heddle::runtime;

hd_status hd_model_initialize(hd_model *model, uint64_t seed) {
  return guarded([&] {
    if (!model)
      fail(HD_INVALID_ARGUMENT, "hd_model_initialize: 'model' is null");
    changeTensors(*model);
    for (size_t i = 0; i < model->tensors.size(); ++i)
      initializeTensor(model->manifest.tensors[i], static_cast<uint32_t>(i), seed,
                       rowsToWrite(*model, i), model->threads);
    model->hasValues = true;
  });
}
