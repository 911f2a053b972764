#include "OneDnn.h"

#include "ContractionLayout.h"
#include "Error.h"
#include "Memory.h"

#include <dnnl.hpp>

#include <string_view>

#if DNNL_VERSION_MAJOR < 2
#error "heddle needs oneDNN 2.x or 3.x (Debian and Ubuntu: libdnnl-dev)"
#endif

namespace heddle::runtime {
namespace {

using dnnl::matmul;
using dnnl::memory;

memory::desc matrixDesc(int64_t rows, int64_t cols, GemmOperand operand) {
  const memory::dims strides =
      operand.transposed ? memory::dims{1, operand.ld} : memory::dims{operand.ld, 1};
  return {{rows, cols}, memory::data_type::f32, strides};
}

matmul::primitive_desc describeMatmul(const dnnl::engine &engine,
                                      const dnnl::primitive_attr &attributes,
                                      const GemmLayout &layout) {
  const memory::desc a = matrixDesc(layout.m, layout.k, layout.a);
  const memory::desc b = matrixDesc(layout.k, layout.n, layout.b);
  const memory::desc c = matrixDesc(layout.m, layout.n, {false, layout.ldc});
  const memory::desc bias = matrixDesc(1, layout.n, {false, layout.n});
#if DNNL_VERSION_MAJOR >= 3
  return layout.bias ? matmul::primitive_desc(engine, a, b, bias, c, attributes)
                     : matmul::primitive_desc(engine, a, b, c, attributes);
#else
  return layout.bias ? matmul::primitive_desc(matmul::desc(a, b, bias, c), attributes, engine)
                     : matmul::primitive_desc(matmul::desc(a, b, c), attributes, engine);
#endif
}

} // namespace

struct OneDnn::State {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

OneDnn::OneDnn() : impl(std::make_unique<State>()) {}
OneDnn::~OneDnn() = default;

struct MatmulPrimitive::State {
  dnnl_stream_t stream = nullptr;
  matmul primitive;
  memory a, b, bias, c, scratchpad;
  AlignedBuffer scratchpadBytes;
  bool hasBias = false;
  bool wrapsGemm = false;
};

MatmulPrimitive::MatmulPrimitive(std::unique_ptr<State> state) : state(std::move(state)) {}
MatmulPrimitive::~MatmulPrimitive() = default;
bool MatmulPrimitive::wrapsGemm() const { return state->wrapsGemm; }

std::unique_ptr<MatmulPrimitive> MatmulPrimitive::create(OneDnn &onednn,
                                                         const GemmLayout &layout) try {
  auto state = std::make_unique<State>();
  const dnnl::engine &engine = onednn.state().engine;
  state->stream = onednn.state().stream.get();
  // A user's scratchpad, so that a run allocates none.
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const matmul::primitive_desc description = describeMatmul(engine, attributes, layout);
  const std::string_view implementation = description.impl_info_str();
  if (implementation.find("ref") != std::string_view::npos)
    return nullptr;
  state->wrapsGemm = implementation.substr(0, 4) == "gemm";
  state->hasBias = layout.bias;
  state->primitive = matmul(description);
  state->a = memory(matrixDesc(layout.m, layout.k, layout.a), engine, nullptr);
  state->b = memory(matrixDesc(layout.k, layout.n, layout.b), engine, nullptr);
  state->c = memory(matrixDesc(layout.m, layout.n, {false, layout.ldc}), engine, nullptr);
  if (layout.bias)
    state->bias = memory(matrixDesc(1, layout.n, {false, layout.n}), engine, nullptr);
  const memory::desc scratchpad = description.scratchpad_desc();
  state->scratchpadBytes = AlignedBuffer(scratchpad.get_size(), "a contraction's scratchpad");
  state->scratchpad = memory(scratchpad, engine, state->scratchpadBytes.data());
  return std::unique_ptr<MatmulPrimitive>(new MatmulPrimitive(std::move(state)));
} catch (const dnnl::error &error) {
  if (error.status == dnnl_out_of_memory)
    throw std::bad_alloc();
  // Not offered for this shape on this machine: the caller has sgemm.
  return nullptr;
}

int MatmulPrimitive::run(const float *a, const float *b, const float *bias, float *c) noexcept {
  // The C calls, because the C++ ones throw. Memory objects are not const; oneDNN only reads the
  // sources.
  const auto set = [](const memory &target, const float *data) {
    return dnnl_memory_set_data_handle(target.get(), const_cast<float *>(data));
  };
  for (dnnl_status_t status : {set(state->a, a), set(state->b, b), set(state->c, c)})
    if (status != dnnl_success)
      return status;
  dnnl_exec_arg_t arguments[5] = {{DNNL_ARG_SRC, state->a.get()},
                                  {DNNL_ARG_WEIGHTS, state->b.get()},
                                  {DNNL_ARG_DST, state->c.get()},
                                  {DNNL_ARG_SCRATCHPAD, state->scratchpad.get()},
                                  {}};
  int count = 4;
  if (state->hasBias) {
    if (dnnl_status_t status = set(state->bias, bias); status != dnnl_success)
      return status;
    arguments[count++] = {DNNL_ARG_BIAS, state->bias.get()};
  }
  if (dnnl_status_t status =
          dnnl_primitive_execute(state->primitive.get(), state->stream, count, arguments);
      status != dnnl_success)
    return status;
  return dnnl_stream_wait(state->stream);
}

int sgemm(const GemmLayout &layout, const float *a, const float *b, float *c,
          bool accumulate) noexcept {
  return dnnl_sgemm(layout.a.transposed ? 'T' : 'N', layout.b.transposed ? 'T' : 'N', layout.m,
                    layout.n, layout.k, 1.0F, a, layout.a.ld, b, layout.b.ld,
                    accumulate ? 1.0F : 0.0F, c, layout.ldc);
}

const char *oneDnnStatusText(int status) {
  switch (status) {
  case dnnl_out_of_memory:
    return "out of memory";
  case dnnl_invalid_arguments:
    return "invalid arguments";
  case dnnl_unimplemented:
    return "unimplemented";
  case dnnl_runtime_error:
    return "runtime error";
  default:
    return "unknown error";
  }
}

} // namespace heddle::runtime
