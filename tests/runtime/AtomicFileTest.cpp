#include "AtomicFile.h"

#include "Testing.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace heddle::runtime {
namespace {

using testing::failureOf;
using testing::TempDir;

// Stands in for a full disk: a write beyond the limit fails, and one across it is short.
class FileSizeLimit {
public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit{bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }

private:
  rlimit before = {};
  void (*handler)(int) = nullptr;
};

void save(const std::string &path, const std::string &text) {
  AtomicFile file(path.c_str());
  file.write(text.data(), text.size());
  file.commit();
}

TEST(AtomicFile, WritesAndReplaces) {
  TempDir folder;
  const std::string path = folder.file("x");
  save(path, "first");
  EXPECT_EQ(testing::readText(path), "first");
  chmod(path.c_str(), 0640);
  save(path, "second");
  EXPECT_EQ(testing::readText(path), "second");
  struct stat status = {};
  stat(path.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  EXPECT_EQ(folder.list(), std::vector<std::string>{"x"});
}

TEST(AtomicFile, WithoutCommitLeavesNoTrace) {
  TempDir folder;
  testing::writeText(folder.file("x"), "old");
  {
    AtomicFile file(folder.file("x").c_str());
    file.write("new", 3);
  }
  EXPECT_EQ(testing::readText(folder.file("x")), "old");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"x"});
}

TEST(AtomicFile, AFailedWriteLeavesTheOldFile) {
  TempDir folder;
  const std::string path = folder.file("x");
  testing::writeText(path, "old");
  const std::string large(100000, 'n');
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = failureOf([&] { save(path, large); }, HD_IO_ERROR);
  }
  EXPECT_EQ(
      message,
      path + ": cannot save: the file would be larger than the file system or the process's limit "
             "(ulimit -f) allows; the old file is untouched");
  EXPECT_EQ(testing::readText(path), "old");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"x"});
}

TEST(AtomicFile, AFailedFirstWriteLeavesNothing) {
  TempDir folder;
  {
    const FileSizeLimit limit(10);
    failureOf([&] { save(folder.file("x"), "more than ten bytes"); }, HD_IO_ERROR);
  }
  EXPECT_TRUE(folder.list().empty());
}

TEST(AtomicFile, FullDiskIsSeen) {
  const int full = open("/dev/full", O_WRONLY);
  if (full < 0)
    GTEST_SKIP() << "no /dev/full here";
  EXPECT_EQ(writeFully(full, "x", 1), ENOSPC);
  close(full);
}

TEST(AtomicFile, FollowsASymbolicLink) {
  TempDir folder;
  testing::writeText(folder.file("real"), "old");
  ASSERT_EQ(symlink("real", folder.file("link").c_str()), 0);
  save(folder.file("link"), "new");
  EXPECT_EQ(testing::readText(folder.file("real")), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
}

TEST(AtomicFile, SaysWhereItCannotWrite) {
  TempDir folder;
  EXPECT_EQ(failureOf([&] { save(folder.file("none/x"), ""); }, HD_IO_ERROR),
            folder.file("none/x") + ": cannot create a temporary file beside it: its directory "
                                    "does not exist; create it first");
  EXPECT_EQ(failureOf([&] { save("/dev/null", ""); }, HD_IO_ERROR),
            "/dev/null: cannot save: it exists and is not a regular file; choose another name");
  std::filesystem::create_directory(folder.file("sub"));
  EXPECT_EQ(failureOf([&] { save(folder.file("sub"), ""); }, HD_IO_ERROR),
            folder.file("sub") +
                ": cannot save: it exists and is not a regular file; choose another name");
}

} // namespace
} // namespace heddle::runtime
