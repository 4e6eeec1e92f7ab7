#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "io/file_system.h"
#include "io/hash.h"
#include "test/support/temp_folder.h"

namespace leat::io {
namespace {

class LocalFileSystemTest : public ::testing::Test {
 protected:
  ~LocalFileSystemTest() override { ::chmod(root_.c_str(), 0700); }

  const test::TempFolder folder_;
  const std::string root_ = folder_.path();
  const std::unique_ptr<FileSystem> files_ = MakeLocalFileSystem();
};

TEST_F(LocalFileSystemTest, WritesOnceAndPrivately) {
  const std::string path = root_ + "/a/b/c.bin";
  ASSERT_TRUE(files_->WriteNew("file://" + path, "hello").ok());
  EXPECT_EQ(*files_->Read(path), "hello");
  EXPECT_EQ(*files_->ReadRange(path, 1, 3), "ell");
  EXPECT_EQ(*files_->ReadRange(path, 3, 100), "lo");
  EXPECT_EQ(*files_->ReadRange(path, 9, 1), "");
  EXPECT_EQ(files_->WriteNew(path, "again").error().kind(), ErrorKind::kExists);
  EXPECT_EQ(*files_->Read(path), "hello");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((root_ + "/a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST_F(LocalFileSystemTest, ListsAndRemoves) {
  for (const char* name : {"/x/2", "/x/1", "/x/deep/3"}) ASSERT_TRUE(files_->WriteNew(root_ + name, name).ok());
  const auto listed = files_->List(root_ + "/x");
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 3U);
  EXPECT_EQ((*listed)[0].uri, root_ + "/x/1");
  EXPECT_EQ((*listed)[0].size_bytes, 4);
  EXPECT_NE((*listed)[0].identity, 0U);
  EXPECT_EQ((*listed)[2].uri, root_ + "/x/deep/3");
  EXPECT_TRUE(files_->List(root_ + "/none")->empty());
  EXPECT_TRUE(files_->Remove(root_ + "/x/1").ok());
  EXPECT_TRUE(files_->Remove(root_ + "/x/1").ok());
  EXPECT_TRUE(files_->RemoveFolder(root_ + "/x").ok());
  EXPECT_TRUE(files_->RemoveFolder(root_ + "/x").ok());
  EXPECT_EQ(files_->Stat(root_ + "/x/2").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(files_->Read(root_ + "/x/2").error().code(), "IO-201");
  EXPECT_EQ(files_->Sync({root_ + "/x/2"}).error().code(), "IO-201");
}

TEST_F(LocalFileSystemTest, SaysWhyTheDiskRefuses) {
  // A file size limit stops a write in its middle, as a full disk does.
  const auto before = ::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  struct rlimit small = limit;
  small.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto stopped = files_->WriteNew(root_ + "/big", std::string(5000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  ::signal(SIGXFSZ, before);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind(), ErrorKind::kEnvironment);
  EXPECT_FALSE(std::filesystem::exists(root_ + "/big"));

  ASSERT_TRUE(files_->WriteNew(root_ + "/file", "").ok());
  EXPECT_EQ(files_->CreateFolder(root_ + "/file").error().code(), "IO-203");
  if (::geteuid() != 0) {
    ASSERT_EQ(::chmod(root_.c_str(), 0500), 0);
    const auto denied = files_->WriteNew(root_ + "/new", "y");
    EXPECT_EQ(denied.error().code(), "IO-303");
    EXPECT_FALSE(denied.error().hint().empty());
  }
  EXPECT_EQ(files_->Read("s3://bucket/key").error().code(), "IO-102");
}

TEST(Uri, MapsWhatOthersShow) {
  const struct {
    const char* in;
    const char* out;
  } cases[] = {
      {"file:///x/y", "/x/y"}, {"file:/x/y", "/x/y"}, {"/x/y", "/x/y"}, {"s3://b/k", "s3://b/k"}, {"x/y", "x/y"}};
  for (const auto& c : cases) EXPECT_EQ(LocalPath(c.in), c.out);
  EXPECT_EQ(FileUri("/x"), "file:///x");
  EXPECT_EQ(FileUri("s3://b/k"), "s3://b/k");
  EXPECT_EQ(JoinUri("/a/", "/b"), "/a/b");
  EXPECT_EQ(JoinUri("/a", "b"), "/a/b");
  EXPECT_EQ(JoinUri("/", "b"), "/b");
  EXPECT_EQ(JoinUri("s3://b", "k"), "s3://b/k");
}

// Vectors of the xxHash project: XXH3 128 bits with seed 0 of the empty input.
TEST_F(LocalFileSystemTest, HashesFilesAsBytes) {
  EXPECT_EQ(HashBytes(""), "99aa06d3014798d86001c324468d497f");
  std::string large(3'000'001, 'x');
  large[1'500'000] = 'y';
  ASSERT_TRUE(files_->WriteNew(root_ + "/large", large).ok());
  EXPECT_EQ(*HashFile(root_ + "/large"), HashBytes(large));
  large[1'500'000] = 'x';
  EXPECT_NE(*HashFile(root_ + "/large"), HashBytes(large));
  EXPECT_EQ(HashFile(root_ + "/none").error().code(), "IO-201");
}

}  // namespace
}  // namespace leat::io
