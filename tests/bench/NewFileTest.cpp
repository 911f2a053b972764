#include "NewFile.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <iterator>
#include <stdexcept>

using namespace bench;
namespace fs = std::filesystem;

namespace {

class NewFileTest : public ::testing::Test {
protected:
  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder = fs::temp_directory_path() / (name + "-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string contents(const char *name) const {
    std::ifstream in(folder / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  auto files() const {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  }
  fs::path folder;
};

TEST_F(NewFileTest, ReplacesTheOldOneAtTheEnd) {
  std::ofstream(folder / "a") << "old";
  {
    NewFile file(folder / "a");
    EXPECT_EQ(contents("a"), "old");
    file.finish("new");
  }
  EXPECT_EQ(contents("a"), "new");
  EXPECT_EQ(files(), 1);
}

TEST_F(NewFileTest, LeavesTheOldOneIfNotFinished) {
  std::ofstream(folder / "a") << "old";
  { const NewFile file(folder / "a"); }
  EXPECT_EQ(contents("a"), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(NewFileTest, SaysAtOnceThatItCannotBe) {
  EXPECT_THROW(NewFile(folder / "none" / "a"), std::runtime_error);
  EXPECT_THROW(NewFile{folder}, std::runtime_error);
  EXPECT_EQ(files(), 0);
}

} // namespace
