//===- MemoryTest.cpp - values that take each other's memory ---------------===//
//
// Rows are longer than a vector and no multiple of one, and there are more than a part of a loop
// has.
//
//===----------------------------------------------------------------------===//

#include "CompiledCase.h"

using heddle::test::Case;
using namespace heddle;

namespace {

/// `kernel` computes %r, and perhaps %s, from the product %a, which is in the arena as they are:
/// further products read them.
Case betweenProducts(const std::string &name, const std::string &kernel,
                     const std::string &others = "") {
  const std::string rows = "tensor<203x67xf32>", weight = "tensor<67x67xf32>";
  auto product = [&](const std::string &to, const std::string &from) {
    return "%" + to + " = heddle.dot_general %" + from +
           ", %1 batch [] x [] contract [1] x [0] : " + rows + ", " + weight + "\n";
  };
  std::string body = product("a", "0") + kernel + product("y", "r"), results = rows,
              returned = "return %y", types = rows;
  for (char other : others) {
    body += product(std::string("y") + other, std::string(1, other));
    results += ";" + rows;
    types += ", " + rows;
    returned += std::string(", %y") + other;
  }
  return {name, {rows, weight}, body + returned + " : " + types, results, 67 * 67};
}

const char *const kSum =
    "%sum = heddle.reduce_sum %e [1] : tensor<203x67xf32>\n"
    "%all = heddle.broadcast %sum [0] : tensor<203xf32> to tensor<203x67xf32>\n";

std::vector<Case> cases() {
  const std::string exponential = "%e = heddle.sigmoid %a : tensor<203x67xf32>\n";
  return {
      betweenProducts("elementwise", "%r = heddle.tanh %a : tensor<203x67xf32>\n"),
      // Written in the last of the loops over a row.
      betweenProducts("last_loop",
                      exponential + kSum + "%r = heddle.div %e, %all : tensor<203x67xf32>\n"),
      betweenProducts("read_in_both_loops", exponential + kSum +
                                                "%q = heddle.div %e, %all : tensor<203x67xf32>\n"
                                                "%r = heddle.mul %q, %a : tensor<203x67xf32>\n"),
      // %r is written in the first loop, and %a read in the second.
      betweenProducts("read_after_written",
                      "%r = heddle.tanh %a : tensor<203x67xf32>\n" + exponential + kSum +
                          "%s = heddle.div %a, %all : tensor<203x67xf32>\n",
                      "s"),
      betweenProducts("two_results",
                      "%r = heddle.tanh %a : tensor<203x67xf32>\n"
                      "%s = heddle.mul %r, %a : tensor<203x67xf32>\n",
                      "s"),
      // Read once more, by the last product.
      betweenProducts("needed_later", "%r = heddle.tanh %a : tensor<203x67xf32>\n", "a"),
      // The heads side by side, for a product, and as they are, for a sum.
      {"heads_merged",
       {"tensor<2x3x19x8xf32>", "tensor<24x5xf32>"},
       "%a, %l = heddle.attention %0, %0, %0 {causal, scale = 0.35 : f64} : tensor<2x3x19x8xf32>, "
       "tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>\n"
       "%t = heddle.transpose %a [0, 2, 1, 3] : tensor<2x3x19x8xf32>\n"
       "%m = heddle.reshape %t : tensor<2x19x3x8xf32> to tensor<38x24xf32>\n"
       "%y = heddle.dot_general %m, %1 batch [] x [] contract [1] x [0] : tensor<38x24xf32>, "
       "tensor<24x5xf32>\n"
       "%p = heddle.mul %a, %0 : tensor<2x3x19x8xf32>\n"
       "%s = heddle.reduce_sum %p [3] : tensor<2x3x19x8xf32>\n"
       "return %y, %s : tensor<38x5xf32>, tensor<2x3x19xf32>",
       "tensor<38x5xf32>;tensor<2x3x19xf32>",
       19 * 24},
  };
}

class Memory : public testing::TestWithParam<Case> {};
TEST_P(Memory, TakenByAnotherValueIsNotNeededAnyMore) {
  ASSERT_NO_FATAL_FAILURE(test::runCase(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Kernels, Memory, testing::ValuesIn(cases()),
                         [](const auto &info) { return info.param.name; });

/// The table's new value, whose gradient is computed in parts, to which rows are added: of the
/// first part, at both sides of a border, twice the same, and the last.
TEST(Updates, InPartsAreThoseOfTheWhole) {
  const char *const text = R"mlir(
    module attributes {heddle.model = "numerics"} {
      func.func @run(%x: tensor<9x37xf32> {heddle.name = "x", heddle.kind = "input"},
                     %h: tensor<9x24xf32> {heddle.name = "h", heddle.kind = "input"},
                     %i: tensor<6xi32> {heddle.name = "i", heddle.kind = "input"},
                     %p: tensor<37x24xf32> {heddle.name = "p", heddle.kind = "parameter", heddle.init = {kind = "zeros"}})
          -> (tensor<37x24xf32> {heddle.updates = "p"}) {
        %dy = heddle.tanh %x : tensor<9x37xf32>
        %dx = heddle.tanh %h : tensor<9x24xf32>
        %g = heddle.dot_general %dy, %dx batch [] x [] contract [0] x [0] : tensor<9x37xf32>, tensor<9x24xf32>
        %rows = heddle.slice %dx [0, 0] to [6, 24] by [1, 1] : tensor<9x24xf32>
        %s = heddle.scatter_add %g, %i, %rows : tensor<37x24xf32>, tensor<6xi32>, tensor<6x24xf32>
        %d = heddle.mul %s, %p : tensor<37x24xf32>
        %u = heddle.sub %p, %d : tensor<37x24xf32>
        return %u : tensor<37x24xf32>
      }
    })mlir";
  mlir::DialectRegistry registry;
  cpu::registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  auto function = module->lookupSymbol<mlir::func::FuncOp>("run");
  std::mt19937_64 random(1);
  std::vector<ir::HostTensor> arguments;
  for (mlir::Type type : function.getArgumentTypes()) {
    arguments.emplace_back(llvm::cast<mlir::RankedTensorType>(type));
    for (double &value : arguments.back().values)
      value = static_cast<float>(std::uniform_real_distribution<double>(-2, 2)(random));
  }
  arguments[2].values = {3, 9, 10, 36, 10, 0};
  auto expected = ir::interpret(function, arguments);
  ASSERT_TRUE(mlir::succeeded(expected));

  for (const char *maxBytes : {"100000", "1000", "96"}) { // whole, of 10 rows, and of one
    cpu::CompileOptions options;
    options.passes = {{"plan", "heddle-split-updates{max-bytes=" + std::string(maxBytes) + "}"}};
    auto program = cpu::compileInProcess(*module, options);
    ASSERT_TRUE(mlir::succeeded(program));
    hd_model *model = nullptr;
    ASSERT_EQ(hd_model_create(&(*program)->program(), &model), HD_OK) << hd_error_message();
    ASSERT_EQ(hd_model_initialize(model, 1), HD_OK);
    hd_tensor_info info{};
    info.size = sizeof info;
    void *state = nullptr;
    ASSERT_EQ(hd_model_find_tensor(model, "p", &info, &state), HD_OK);
    std::vector<std::vector<char>> bytes;
    for (const ir::HostTensor &argument : arguments)
      bytes.push_back(test::toBytes(argument));
    memcpy(state, bytes[3].data(), bytes[3].size());
    const void *inputs[] = {bytes[0].data(), bytes[1].data(), bytes[2].data()};
    ASSERT_EQ(hd_model_run(model, "run", inputs, 3, nullptr, 0), HD_OK) << hd_error_message();
    const std::vector<double> &want = expected->front().values;
    for (size_t i = 0; i < want.size(); ++i)
      ASSERT_NEAR(static_cast<const float *>(state)[i], want[i], 1e-5)
          << "element " << i << ", parts of " << maxBytes << " bytes";
    hd_model_destroy(model);
  }
}

} // namespace
