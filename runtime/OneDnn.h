// All that the runtime asks of oneDNN. OneDnn.cpp alone includes its headers and knows its version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace heddle::runtime {

struct GemmLayout;

// The engine and stream that a model's primitives run on.
class OneDnn {
public:
  OneDnn();
  ~OneDnn();
  OneDnn(const OneDnn &) = delete;
  OneDnn &operator=(const OneDnn &) = delete;
  struct State;
  State &state() { return *impl; }

private:
  std::unique_ptr<State> impl;
};

// One matrix product, c = a . b (+ bias along n), with its own scratchpad: one run at a time.
class MatmulPrimitive {
public:
  // Null when oneDNN has no better than its reference implementation, which is a hundred times
  // slower.
  static std::unique_ptr<MatmulPrimitive> create(OneDnn &engine, const GemmLayout &layout);
  ~MatmulPrimitive();

  // It only forwards to sgemm, as oneDNN 2.x does wherever it has no AVX-512.
  bool wrapsGemm() const;
  // 0, or oneDNN's status.
  int run(const float *a, const float *b, const float *bias, float *c) noexcept;

private:
  struct State;
  explicit MatmulPrimitive(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

// One product of the layout, batch aside. On all threads, or on one inside a parallel region.
// c = a . b, or c += a . b to `accumulate`. 0, or oneDNN's status.
int sgemm(const GemmLayout &layout, const float *a, const float *b, float *c,
          bool accumulate) noexcept;

const char *oneDnnStatusText(int status);

} // namespace heddle::runtime
