#include "NewFile.h"

#include "FolderTest.h"

#include <gtest/gtest.h>

#include <iterator>
#include <stdexcept>

using namespace bench;
namespace fs = std::filesystem;

namespace {

class NewFileTest : public heddle::test::FolderTest {};

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
