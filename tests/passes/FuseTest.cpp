//===- FuseTest.cpp - kernels stay within their number of values ----------===//

#include "Models.h"

#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::test;

namespace {

struct FuseTest : Models {
  OwningOpRef<ModuleOp> fuse(const std::string &text, int64_t maxOperands) {
    auto module = parseSourceString<ModuleOp>(text, &context);
    PassManager manager(&context);
    passes::HeddleFuseOptions options;
    options.maxOperands = maxOperands;
    manager.addNestedPass<func::FuncOp>(passes::createHeddleFuse(options));
    EXPECT_TRUE(module && succeeded(manager.run(*module)));
    return module;
  }
};

/// The sum of x and the row sums of y0, y1, ... is cheap to compute again behind the contraction,
/// but each row sum that this needs must then be written by the first kernel.
std::string manyRowSums(unsigned count) {
  std::string arguments = "%x: tensor<64x64xf32>",
              body = "%s0 = heddle.neg %x : tensor<64x64xf32>\n";
  for (unsigned i = 0; i < count; ++i) {
    arguments += llvm::formatv(", %y{0}: tensor<64x64xf32>", i);
    body +=
        llvm::formatv("%r{0} = heddle.reduce_sum %y{0} [1] : tensor<64x64xf32>\n"
                      "%b{0} = heddle.broadcast %r{0} [0] : tensor<64xf32> to tensor<64x64xf32>\n"
                      "%s{1} = heddle.add %s{0}, %b{0} : tensor<64x64xf32>\n",
                      i, i + 1);
  }
  body += llvm::formatv("%e = heddle.exp %s{0} : tensor<64x64xf32>\n"
                        "%c = heddle.contraction %e, %e batch [] x [] contract [1] x [0]"
                        " : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>\n"
                        "%z = heddle.mul %s{0}, %c : tensor<64x64xf32>\n"
                        "return %z : tensor<64x64xf32>\n",
                        count);
  return "func.func @f(" + arguments + ") -> tensor<64x64xf32> {\n" + body + "}\n";
}

TEST_F(FuseTest, RecomputationKeepsWithinTheLimit) {
  for (unsigned count : {8U, 31U, 36U}) {
    OwningOpRef<ModuleOp> module = fuse(manyRowSums(count), passes::kFusionValueLimit - 1);
    ASSERT_TRUE(module);
    module->walk(
        [](ir::FusionOp fusion) { EXPECT_TRUE(succeeded(passes::verifyFusionForm(fusion))); });
  }
}

/// A kernel of one op copies its operands one after the other, however many they are.
TEST_F(FuseTest, OneOpHasNoLimit) {
  std::string names, types;
  for (unsigned i = 0; i < 2 * passes::kFusionValueLimit; ++i) {
    names += i ? ", %x" : "%x";
    types += i ? ", tensor<2xf32>" : "tensor<2xf32>";
  }
  OwningOpRef<ModuleOp> module =
      fuse(llvm::formatv("func.func @f(%x: tensor<2xf32>) -> tensor<{0}xf32> {{\n"
                         "%z = heddle.concat {1} {{dimension = 0 : i64} : {2}\n"
                         "return %z : tensor<{0}xf32>\n}",
                         4 * passes::kFusionValueLimit, names, types),
           18);
  ASSERT_TRUE(module);
  unsigned fusions = 0;
  module->walk([&](ir::FusionOp fusion) {
    EXPECT_TRUE(succeeded(passes::verifyFusionForm(fusion)));
    ++fusions;
  });
  EXPECT_EQ(fusions, 1U);
}

} // namespace
