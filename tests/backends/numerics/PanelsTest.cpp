// Training steps on parameters that lie in panels, held against the interpreter: products forward
// and backward, gradients, and what changes with them.
#include "CompiledCase.h"

#include <fmt/format.h>

using namespace heddle::test;

namespace {

/// x [tokens, in], w either way round.
struct Size {
  int64_t tokens, in, out;
  bool transposed; // w is [in, out]
  bool momentum;
  const char *cpu = "native";
};

std::string nameOf(const testing::TestParamInfo<Size> &info) {
  const Size &s = info.param;
  std::string name =
      fmt::format("{}_{}_{}{}{}_{}", s.tokens, s.in, s.out, s.transposed ? "_transposed" : "",
                  s.momentum ? "_momentum" : "", s.cpu);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// Of a single one, where `train` has more.
int64_t predictedRows(const Size &s) { return s.tokens == 1 ? 2 : 1; }

/// y = x w, and with dy given: dx, w' = w - 0.1 dw; or the momentum m' = 0.9 m + dw, w' = w - 0.1
/// m'. `predict` computes y alone.
std::string trainingModule(const Size &s) {
  const std::string x = fmt::format("tensor<{}x{}xf32>", s.tokens, s.in),
                    y = fmt::format("tensor<{}x{}xf32>", s.tokens, s.out),
                    w = s.transposed ? fmt::format("tensor<{}x{}xf32>", s.in, s.out)
                                     : fmt::format("tensor<{}x{}xf32>", s.out, s.in),
                    one = fmt::format("tensor<{}x{}xf32>", predictedRows(s), s.in),
                    two = fmt::format("tensor<{}x{}xf32>", predictedRows(s), s.out);
  const int inDimension = s.transposed ? 0 : 1, outDimension = 1 - inDimension;
  // The gradient's rows are w's: those of x, or of dy.
  const std::string gradient =
      s.transposed ? fmt::format("%x, %dy batch [] x [] contract [0] x [0] : {}, {}", x, y)
                   : fmt::format("%dy, %x batch [] x [] contract [0] x [0] : {}, {}", y, x);
  const std::string parameter =
      w +
      R"( {heddle.name = "w", heddle.kind = "parameter", heddle.init = {kind = "uniform", low = -1.0 : f64, high = 1.0 : f64}})";
  std::string state, newState;
  std::string update = fmt::format("%step = heddle.mul %dw, %rate : {0}\n"
                                   "%w2 = heddle.sub %w, %step : {0}\n"
                                   "return %y, %dx, %w2 : {1}, {2}, {0}",
                                   w, y, x);
  if (s.momentum) {
    state = ", %m: " + w + R"( {heddle.name = "m", heddle.kind = "optimizer"})";
    newState = ", " + w + R"( {heddle.updates = "m"})";
    update = fmt::format("%decay = heddle.constant dense<0.9> : {0}\n"
                         "%old = heddle.mul %m, %decay : {0}\n"
                         "%new = heddle.add %old, %dw : {0}\n"
                         "%step = heddle.mul %new, %rate : {0}\n"
                         "%w2 = heddle.sub %w, %step : {0}\n"
                         "return %y, %dx, %w2, %new : {1}, {2}, {0}, {0}",
                         w, y, x);
  }
  return fmt::format(
      R"(module attributes {{heddle.model = "panels"}} {{
  func.func @train(%x: {x} {{heddle.name = "x", heddle.kind = "input"}},
                   %dy: {y} {{heddle.name = "dy", heddle.kind = "input"}},
                   %w: {parameter}{state}) -> ({y} {{heddle.name = "y"}}, {x} {{heddle.name = "dx"}},
                   {w} {{heddle.updates = "w"}}{newState}) {{
    %y = heddle.dot_general %x, %w batch [] x [] contract [1] x [{in}] : {x}, {w}
    %dx = heddle.dot_general %dy, %w batch [] x [] contract [1] x [{out}] : {y}, {w}
    %dw = heddle.dot_general {gradient}
    %rate = heddle.constant dense<0.1> : {w}
    {update}
  }}
  func.func @predict(%x: {one} {{heddle.name = "x", heddle.kind = "input"}}, %w: {parameter})
      -> ({two} {{heddle.name = "y"}}) {{
    %y = heddle.dot_general %x, %w batch [] x [] contract [1] x [{in}] : {one}, {w}
    return %y : {two}
  }}
}}
)",
      fmt::arg("x", x), fmt::arg("y", y), fmt::arg("w", w), fmt::arg("one", one),
      fmt::arg("two", two), fmt::arg("in", inDimension), fmt::arg("out", outDimension),
      fmt::arg("gradient", gradient), fmt::arg("parameter", parameter), fmt::arg("state", state),
      fmt::arg("newState", newState), fmt::arg("update", update));
}

struct Destroy {
  void operator()(hd_model *model) const { hd_model_destroy(model); }
};

class Panels : public testing::TestWithParam<Size> {
protected:
  void SetUp() override {
    heddle::cpu::registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = mlir::parseSourceString<mlir::ModuleOp>(trainingModule(GetParam()), &context);
    ASSERT_TRUE(module);
    heddle::cpu::CompileOptions options;
    options.cpu = GetParam().cpu;
    auto compiled = heddle::cpu::compileInProcess(*module, options);
    ASSERT_TRUE(mlir::succeeded(compiled));
    program = std::move(*compiled);
    hd_model *made = nullptr;
    ASSERT_EQ(hd_model_create(&program->program(), &made), HD_OK) << hd_error_message();
    model.reset(made);
    ASSERT_EQ(hd_model_initialize(made, 3), HD_OK);
  }

  std::vector<float> tensor(const char *name, size_t size) {
    std::vector<float> values(size);
    EXPECT_EQ(hd_model_read_tensor(model.get(), name, values.data(), size * sizeof(float)), HD_OK)
        << hd_error_message();
    return values;
  }

  static std::vector<float> drawn(size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> values(size);
    for (float &value : values)
      value = std::uniform_real_distribution<float>(-1, 1)(random);
    return values;
  }

  using HostTensor = heddle::ir::HostTensor;
  std::vector<HostTensor> interpreted(const char *function,
                                      const std::vector<std::vector<float>> &arguments) {
    auto traced = module->lookupSymbol<mlir::func::FuncOp>(function);
    std::vector<HostTensor> tensors;
    for (auto [type, values] : llvm::zip_equal(traced.getArgumentTypes(), arguments)) {
      tensors.emplace_back(llvm::cast<mlir::RankedTensorType>(type));
      tensors.back().values.assign(values.begin(), values.end());
    }
    auto results = heddle::ir::interpret(traced, tensors);
    EXPECT_TRUE(mlir::succeeded(results));
    return {results->begin(), results->end()};
  }

  /// The error of a sum of K terms grows as sqrt(K) eps; 8 roundings more.
  static void expectNear(const std::vector<float> &got, const HostTensor &want, int64_t terms,
                         const char *what) {
    ASSERT_EQ(got.size(), want.values.size()) << what;
    double largest = 1;
    for (double value : want.values)
      largest = std::max(largest, std::fabs(value));
    const double tolerance = 8 * 0x1p-23 * std::sqrt(static_cast<double>(terms)) * largest;
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], want.values[i], tolerance) << what << ", element " << i;
  }

  mlir::DialectRegistry registry;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<heddle::cpu::JitProgram> program;
  std::unique_ptr<hd_model, Destroy> model;
};

TEST_P(Panels, LieSo) {
  const auto manifest = nlohmann::json::parse(hd_model_manifest(model.get()));
  for (const auto &tensor : manifest.at("tensors"))
    EXPECT_TRUE(tensor.contains("panels")) << tensor;
  EXPECT_FALSE(manifest.contains("packed"));
}

TEST_P(Panels, TrainAndPredictAsTheInterpreterDoes) {
  const Size &s = GetParam();
  const auto size = [](int64_t a, int64_t b) { return static_cast<size_t>(a * b); };
  const size_t weights = size(s.in, s.out);
  for (unsigned step = 0; step < 2; ++step) {
    const std::vector<float> x = drawn(size(s.tokens, s.in), step),
                             dy = drawn(size(s.tokens, s.out), step + 10);
    std::vector<std::vector<float>> arguments{x, dy, tensor("w", weights)};
    if (s.momentum)
      arguments.push_back(tensor("m", weights));
    const auto want = interpreted("train", arguments);
    std::vector<float> y(size(s.tokens, s.out)), dx(size(s.tokens, s.in));
    const void *inputs[] = {x.data(), dy.data()};
    void *outputs[] = {y.data(), dx.data()};
    ASSERT_EQ(hd_model_run(model.get(), "train", inputs, 2, outputs, 2), HD_OK)
        << hd_error_message();
    expectNear(y, want[0], s.in, "y");
    expectNear(dx, want[1], s.out, "dx");
    expectNear(tensor("w", weights), want[2], s.tokens, "w");
    if (s.momentum)
      expectNear(tensor("m", weights), want[3], s.tokens, "m");

    const std::vector<float> row = drawn(size(predictedRows(s), s.in), step + 20);
    const auto predicted = interpreted("predict", {row, tensor("w", weights)});
    std::vector<float> one(size(predictedRows(s), s.out));
    const void *rowInput[] = {row.data()};
    void *oneOutput[] = {one.data()};
    ASSERT_EQ(hd_model_run(model.get(), "predict", rowInput, 1, oneOutput, 1), HD_OK);
    expectNear(one, predicted[0], s.in, "a prediction");
  }
}

// Tokens around a tile and more than a block of rows; panels of 8, 16 and 32, one and many of them;
// the other dimension no multiple of anything, and beyond a block of depths, as are tokens for a
// gradient. Updates that threads share along the panels, and along their positions.
std::vector<Size> sizes() {
  std::vector<Size> sizes;
  std::vector<const char *> cpus{"native", "x86-64-v2"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    cpus.push_back("x86-64-v3");
  for (const char *cpu : cpus)
    for (bool transposed : {false, true})
      for (auto [tokens, in, out] : {std::tuple{2, 2, 32},
                                     {5, 37, 64},
                                     {64, 801, 160},
                                     {131, 17, 1600},
                                     {300, 96, 96},
                                     {9, 600, 512},
                                     {1601, 40, 64},
                                     {1, 40, 64}})
        sizes.push_back({tokens, in, out, transposed, sizes.size() % 3 == 0, cpu});
  return sizes;
}

INSTANTIATE_TEST_SUITE_P(Training, Panels, testing::ValuesIn(sizes()), nameOf);

} // namespace
