//===- FreeMemoryTest.cpp - what compiling leaves in memory ---------------------===//

#include "heddle/cpu/Compiler.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

using namespace heddle;

namespace {

/// y = x w. A square of 8192 is as large as what is called a large model there.
bool compiles(int64_t size) {
  mlir::DialectRegistry registry;
  cpu::registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  const std::string text = fmt::format(
      R"(module attributes {{heddle.model = "m"}} {{
  func.func @run(%x: tensor<3x{0}xf32> {{heddle.name = "x", heddle.kind = "input"}},
                 %w: tensor<{0}x{0}xf32> {{heddle.name = "w", heddle.kind = "parameter", heddle.init = {{kind = "zeros"}}}})
      -> (tensor<3x{0}xf32> {{heddle.name = "y"}}) {{
    %y = heddle.dot_general %x, %w batch [] x [] contract [1] x [0] : tensor<3x{0}xf32>, tensor<{0}x{0}xf32>
    return %y : tensor<3x{0}xf32>
  }}
}})",
      size);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  return module && mlir::succeeded(cpu::compileInProcess(*module, {}));
}

/// Kilobytes of files, as programs and libraries, that this process has in memory.
long ofFiles() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssFile:"))
      return std::stol(line.substr(8));
  return -1;
}

class FreeMemory : public testing::Test {
protected:
  void SetUp() override {
    if (access("/proc/self/pagemap", R_OK) != 0 || ofFiles() < 0)
      GTEST_SKIP() << "the system does not say what is in memory";
  }
};

TEST_F(FreeMemory, ALargeModelIsLeftWithoutTheCompilersPages) {
  ASSERT_TRUE(compiles(64));
  const long small = ofFiles();
  ASSERT_TRUE(compiles(8192));
  const long large = ofFiles();
  EXPECT_LT(large, small / 2); // the rest is of this program, libstdc++ and the like
  ASSERT_TRUE(compiles(64));
  EXPECT_GT(ofFiles(), large);
}

TEST_F(FreeMemory, PagesAreUnmappedWhileOthersCompile) {
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done)
      EXPECT_TRUE(compiles(64));
  });
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(compiles(8192));
  done = true;
  other.join();
}

} // namespace
