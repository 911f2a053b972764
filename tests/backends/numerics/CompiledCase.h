//===- CompiledCase.h - compiled code held against the interpreter ---------===//

#pragma once

#include "heddle/cpu/Compiler.h"
#include "heddle/cpu/Phases.h"
#include "heddle/ir/Interpreter.h"
#include "heddle/ir/Ops.h"
#include "heddle/passes/Pipeline.h"
#include "heddle/runtime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <nlohmann/json.hpp>
#include <omp.h>

#include <cmath>
#include <limits>
#include <optional>
#include <random>

namespace heddle::test {

/// A function body over inputs %0, %1, ...; integer inputs are drawn from [0, indexLimit), scalar
/// ones are `position` where there is one.
struct Case {
  std::string name;
  std::vector<std::string> inputs; // tensor types
  std::string body;                // ends in `return ...`
  std::string result;              // result types, comma separated
  /// Length of the longest sum in float32, for the tolerance: errors of a sum of K terms grow as
  /// sqrt(K) eps.
  int64_t terms = 1;
  int64_t indexLimit = 1;
  std::optional<int64_t> position = {};
  double low = -2.0, high = 2.0;
  cpu::CompileOptions options = {};
  /// No product may be left to the library.
  bool allGenerated = false;
  /// The first element of the first input is NaN.
  bool poisoned = false;
  /// The one of the inputs that is a parameter of the model.
  std::optional<size_t> parameter = {};
  /// As many as there are processors, if not said.
  std::optional<int> threads = {};
};

inline void PrintTo(const Case &c, std::ostream *out) { *out << c.name; }

inline std::string moduleText(const Case &c) {
  std::string text = "module attributes {heddle.model = \"numerics\"} {\n  func.func @run(";
  for (size_t i = 0; i < c.inputs.size(); ++i)
    text += std::string(i ? ", %" : "%") + std::to_string(i) + ": " + c.inputs[i] +
            " {heddle.name = \"in" + std::to_string(i) + "\", heddle.kind = \"" +
            (i == c.parameter ? "parameter\", heddle.init = {kind = \"zeros\"}}" : "input\"}");
  text += ") -> (";
  size_t outputs = 0;
  std::string results = c.result;
  for (size_t at = 0; at != std::string::npos;) {
    size_t end = results.find(';', at);
    std::string type = results.substr(at, end == std::string::npos ? end : end - at);
    text +=
        (outputs ? ", " : "") + type + " {heddle.name = \"out" + std::to_string(outputs) + "\"}";
    ++outputs;
    at = end == std::string::npos ? end : end + 1;
  }
  return text + ") {\n" + c.body + "\n  }\n}\n";
}

/// Raw bytes of a host tensor in its own element type, and back.
inline std::vector<char> toBytes(const ir::HostTensor &tensor) {
  mlir::Type element = tensor.type.getElementType();
  std::vector<char> bytes;
  auto put = [&](auto value) {
    const char *p = reinterpret_cast<const char *>(&value);
    bytes.insert(bytes.end(), p, p + sizeof value);
  };
  for (double v : tensor.values) {
    if (element.isF32())
      put(static_cast<float>(v));
    else if (element.isF64())
      put(v);
    else if (element.isInteger(32))
      put(static_cast<int32_t>(v));
    else if (element.isInteger(64))
      put(static_cast<int64_t>(v));
    else
      put(static_cast<int8_t>(v));
  }
  return bytes;
}
inline double fromBytes(const char *bytes, size_t i, mlir::Type element) {
  auto get = [&](auto zero) {
    decltype(zero) value;
    memcpy(&value, bytes + i * sizeof value, sizeof value);
    return static_cast<double>(value);
  };
  if (element.isF32())
    return get(0.0f);
  if (element.isF64())
    return get(0.0);
  if (element.isInteger(32))
    return get(int32_t(0));
  if (element.isInteger(64))
    return get(int64_t(0));
  return get(int8_t(0));
}

inline void runCase(const Case &c) {
  mlir::DialectRegistry registry;
  cpu::registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(moduleText(c), &context);
  ASSERT_TRUE(module) << moduleText(c);
  auto function = module->lookupSymbol<mlir::func::FuncOp>("run");

  std::mt19937_64 random(1);
  std::vector<ir::HostTensor> inputs;
  std::vector<std::vector<char>> bytes;
  std::vector<const void *> inputPointers;
  for (mlir::Type type : function.getArgumentTypes()) {
    ir::HostTensor tensor(llvm::cast<mlir::RankedTensorType>(type));
    bool isFloat = llvm::isa<mlir::FloatType>(tensor.type.getElementType());
    bool isBool = tensor.type.getElementType().isInteger(1);
    for (double &v : tensor.values)
      v = isFloat
              ? static_cast<float>(std::uniform_real_distribution<double>(c.low, c.high)(random))
          : isBool ? static_cast<double>(random() & 1)
                   : static_cast<double>(
                         std::uniform_int_distribution<int64_t>(0, c.indexLimit - 1)(random));
    if (c.position && tensor.type.getRank() == 0 && !isFloat)
      tensor.values.at(0) = static_cast<double>(*c.position);
    if (c.poisoned && inputs.empty())
      tensor.values.at(0) = std::numeric_limits<double>::quiet_NaN();
    bytes.push_back(toBytes(tensor));
    bytes.back().resize(std::max<size_t>(bytes.back().size(), 1));
    inputs.push_back(std::move(tensor));
  }
  for (auto [i, b] : llvm::enumerate(bytes))
    if (i != c.parameter)
      inputPointers.push_back(b.data());

  // The interpreter knows no gradient op: differentiate its copy first.
  mlir::OwningOpRef<mlir::ModuleOp> reference = module->clone();
  mlir::PassManager differentiate(&context);
  std::string error;
  ASSERT_TRUE(mlir::succeeded(
      passes::buildPhases(differentiate, cpu::phases(), "differentiate", "differentiate", error)))
      << error;
  ASSERT_TRUE(mlir::succeeded(differentiate.run(*reference)));
  auto expected = ir::interpret(reference->lookupSymbol<mlir::func::FuncOp>("run"), inputs);
  ASSERT_TRUE(mlir::succeeded(expected));
  ASSERT_FALSE(expected->empty());
  auto program = cpu::compileInProcess(*module, c.options);
  ASSERT_TRUE(mlir::succeeded(program));
  const int threadsBefore = omp_get_max_threads();
  omp_set_num_threads(c.threads.value_or(threadsBefore));
  hd_model *model = nullptr;
  ASSERT_EQ(hd_model_create(&(*program)->program(), &model), HD_OK) << hd_error_message();
  omp_set_num_threads(threadsBefore);
  const auto manifest = nlohmann::json::parse(hd_model_manifest(model));
  for (const auto &function : manifest.at("functions")) {
    ASSERT_TRUE(!c.allGenerated || function.at("contractions").empty())
        << "a product went to the library";
  }
  ASSERT_EQ(hd_model_initialize(model, 1), HD_OK);
  if (c.parameter) {
    ASSERT_EQ(hd_model_write_tensor(model, ("in" + std::to_string(*c.parameter)).c_str(),
                                    bytes[*c.parameter].data(), bytes[*c.parameter].size()),
              HD_OK)
        << hd_error_message();
    ASSERT_TRUE(!manifest.value("packed", nlohmann::json::array()).empty() ||
                manifest.at("tensors").at(0).contains("panels"))
        << "the parameter is not packed";
  }
  std::vector<std::vector<char>> outputs;
  std::vector<void *> outputPointers;
  // Room beyond each result shows whether anything is written there: all there is to see of an
  // empty one.
  constexpr char kUntouched = 0x5a;
  constexpr size_t kRoom = 64;
  for (const ir::HostTensor &tensor : *expected)
    outputs.emplace_back(toBytes(tensor).size() + kRoom, kUntouched);
  for (auto &o : outputs)
    outputPointers.push_back(o.data());
  ASSERT_EQ(hd_model_run(model, "run", inputPointers.data(), inputPointers.size(),
                         outputPointers.data(), outputPointers.size()),
            HD_OK)
      << hd_error_message();
  hd_model_destroy(model);

  for (size_t r = 0; r < expected->size(); ++r) {
    const ir::HostTensor &want = (*expected)[r];
    mlir::Type element = want.type.getElementType();
    double largest = 1.0;
    for (double v : want.values)
      if (std::isfinite(v))
        largest = std::max(largest, std::fabs(v));
    // 8 ulp for the polynomial approximations and a few roundings, times the growth along a sum.
    double eps = element.isF64() ? 0x1p-52 : element.isF32() ? 0x1p-23 : 0.0;
    double tolerance = 8 * eps * std::sqrt(static_cast<double>(c.terms)) * largest;
    for (size_t i = 0; i < want.values.size(); ++i) {
      double got = fromBytes(outputs[r].data(), i, element);
      if (std::isnan(want.values[i])) {
        ASSERT_TRUE(std::isnan(got)) << "result " << r << " element " << i << ": got " << got;
      } else if (std::isinf(want.values[i])) {
        ASSERT_EQ(got, want.values[i]) << "result " << r << " element " << i;
      } else {
        ASSERT_NEAR(got, want.values[i], tolerance)
            << "result " << r << " element " << i << " of " << want.values.size();
      }
    }
    for (size_t i = outputs[r].size() - kRoom; i < outputs[r].size(); ++i)
      ASSERT_EQ(outputs[r][i], kUntouched) << "result " << r << " is written past its end";
  }
}

} // namespace heddle::test
