//===- LibraryTest.cpp - where a compiled library is written ---------------===//

#include "heddle/cpu/Compiler.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace heddle;

namespace {
constexpr char kModel[] = R"(
module attributes {heddle.model = "twice"} {
  func.func @run(%x: tensor<5xf32> {heddle.name = "x", heddle.kind = "input"}) -> (tensor<5xf32> {heddle.name = "y"}) {
    %y = heddle.add %x, %x : tensor<5xf32>
    return %y : tensor<5xf32>
  }
})";

class Library : public testing::Test {
protected:
  void SetUp() override {
    char pattern[] = "/tmp/heddle-library-XXXXXX";
    folder = mkdtemp(pattern);
    before = fs::current_path();
    fs::current_path(folder);
    cpu::registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = mlir::parseSourceString<mlir::ModuleOp>(kModel, &context);
    ASSERT_TRUE(module);
  }
  void TearDown() override {
    fs::current_path(before);
    fs::remove_all(folder);
  }
  mlir::LogicalResult write(const std::string &directory) {
    cpu::LibraryOptions options;
    options.directory = directory;
    return cpu::compileLibrary(*module, {}, options);
  }
  static std::vector<std::string> filesIn(const fs::path &directory) {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(directory))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  mlir::DialectRegistry registry;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  fs::path folder, before;
};

TEST_F(Library, ARelativeDirectoryIsMadeAndHoldsWhatWasAskedForAlone) {
  ASSERT_TRUE(mlir::succeeded(write("build/out")));
  EXPECT_EQ(filesIn(folder / "build" / "out"),
            (std::vector<std::string>{"libtwice.a", "libtwice.so", "twice.h", "twice.json"}));
}

TEST_F(Library, ADirectoryThatIsAFileIsAnError) {
  { std::ofstream("taken") << "text"; }
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
    message = d.str();
    return mlir::success();
  });
  EXPECT_TRUE(mlir::failed(write("taken")));
  EXPECT_NE(message.find("'taken'"), std::string::npos) << message;
  EXPECT_EQ(filesIn(folder), (std::vector<std::string>{"taken"}));
}
} // namespace
