#include "io/s3/s3_file_system.h"

#include <gtest/gtest.h>

#include "test/support/s3_server.h"
#include "test/support/temp_folder.h"

namespace leat::io {
namespace {

class S3FileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LEAT_NEEDS_OBJECT_STORE();
    files_ = Open();
  }

  static s3::StoreOptions Options(const std::string& secret = "") {
    s3::StoreOptions options;
    const test::S3Server& server = test::S3Server::Get();
    options.settings.endpoint = server.url();
    options.settings.access_key_id = server.access_key_id();
    options.settings.secret_access_key = secret.empty() ? server.secret_access_key() : secret;
    options.environment = [](const std::string&) { return std::nullopt; };
    options.multipart_bytes = 5 << 20;
    return options;
  }
  std::unique_ptr<FileSystem> Open(const std::string& secret = "") {
    auto client = s3::Client::Open(Options(secret));
    EXPECT_TRUE(client.ok());
    client_ = std::shared_ptr<s3::Client>(std::move(*client));
    return MakeFileSystemByScheme(MakeLocalFileSystem(false), MakeS3FileSystem(client_));
  }
  // A folder of this test alone.
  std::string Folder() const {
    return std::string("s3://lake/") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  std::shared_ptr<s3::Client> client_;
  std::unique_ptr<FileSystem> files_;
};

TEST_F(S3FileSystemTest, WritesOnceReadsAndRemoves) {
  const std::string uri = Folder() + "/a/carrier=AA/b c+é%&.bin";
  const Status written = files_->WriteNew(uri, "hello");
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_EQ(*files_->Read(uri), "hello");
  EXPECT_EQ(*files_->ReadRange(uri, 1, 3), "ell");
  EXPECT_EQ(*files_->ReadRange(uri, 3, 100), "lo");
  EXPECT_EQ(*files_->ReadRange(uri, 9, 1), "");
  EXPECT_EQ(files_->WriteNew(uri, "again").error().kind(), ErrorKind::kExists);
  EXPECT_TRUE(files_->WriteNew(uri, "hello").ok()) << "the same bytes: an answer that was lost";
  const auto info = files_->Stat(uri);
  ASSERT_TRUE(info.ok()) << info.error().ToString();
  EXPECT_EQ(info->size_bytes, 5);
  EXPECT_GT(info->modified_ns, 0);
  ASSERT_TRUE(files_->Remove(uri).ok());
  EXPECT_TRUE(files_->Remove(uri).ok());
  EXPECT_EQ(files_->Read(uri).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(files_->Stat(uri).error().kind(), ErrorKind::kNotFound);
  ASSERT_TRUE(files_->WriteNew(uri, "").ok());
  EXPECT_EQ(*files_->Read(uri), "");
}

TEST_F(S3FileSystemTest, CopiesWhatHasATagAndRemovesIt) {
  const std::string large = [] {
    std::string text;
    while (text.size() < (12U << 20)) text += std::to_string(text.size()) + ",";
    return text;
  }();
  s3::StoreOptions options = Options();
  options.copy_bytes = 5 << 20;
  const auto in_parts = s3::Client::Open(std::move(options));
  ASSERT_TRUE(in_parts.ok());
  const struct {
    const char* name;
    const std::string& bytes;
    s3::Client* client;
  } cases[] = {{"a b+é%&'.csv", "id\n1\n", client_.get()},
               {"large whole", large, client_.get()},
               {"large in parts", large, in_parts->get()},
               {"empty", "", client_.get()}};
  for (const auto& one : cases) {
    const std::string uri = Folder() + "/" + one.name;
    const s3::Address from = *s3::ParseAddress(uri);
    const s3::Address to = *s3::ParseAddress(uri + ".copy");
    ASSERT_TRUE(files_->WriteNew(uri, one.bytes).ok());
    s3::ObjectInfo info = *client_->Head(from);
    const Status copied = one.client->Copy(from, info, to);
    ASSERT_TRUE(copied.ok()) << one.name << ": " << copied.error().ToString();
    EXPECT_TRUE(*files_->Read(uri + ".copy") == one.bytes) << one.name;
    EXPECT_EQ(client_->DeleteTagged(from, "\"other\"").error().code(), "IO-204") << one.name;
    EXPECT_TRUE(client_->Head(from).ok()) << one.name;
    const std::string tag = std::exchange(info.tag, "\"other\"");
    EXPECT_EQ(one.client->Copy(from, info, to).error().code(), "IO-204") << one.name;
    ASSERT_TRUE(client_->DeleteTagged(from, tag).ok()) << one.name;
    EXPECT_FALSE(client_->Head(from).ok()) << one.name;
    EXPECT_TRUE(client_->DeleteTagged(from, tag).ok()) << one.name << ": it is gone";
    info.tag = tag;
    EXPECT_EQ(one.client->Copy(from, info, to).error().kind(), ErrorKind::kNotFound) << one.name;
    EXPECT_TRUE(*files_->Read(uri + ".copy") == one.bytes) << one.name;
  }
}

TEST_F(S3FileSystemTest, ListsAndRemovesThousands) {
  EXPECT_TRUE(files_->List(Folder())->empty());
  // Put there beside the API: a store that makes each file durable takes its time.
  const std::string place = test::S3Server::Get().bucket_folder() + Folder().substr(9) + "/f/";
  std::filesystem::create_directories(place);
  for (int i = 0; i < 1'203; ++i) std::ofstream(fmt::format("{}{:05}", place, i)) << "x";
  ASSERT_TRUE(files_->WriteNew(Folder() + "/f2", "a neighbour").ok());
  const auto listed = files_->List(Folder() + "/f");
  ASSERT_TRUE(listed.ok()) << listed.error().ToString();
  ASSERT_EQ(listed->size(), 1'203U);
  EXPECT_EQ(listed->back().uri, Folder() + "/f/01202");
  EXPECT_EQ(listed->back().size_bytes, 1);
  const Status removed = files_->RemoveFolder(Folder() + "/f");
  ASSERT_TRUE(removed.ok()) << removed.error().ToString();
  EXPECT_TRUE(files_->List(Folder() + "/f")->empty());
  EXPECT_EQ(*files_->Read(Folder() + "/f2"), "a neighbour");
  EXPECT_EQ(files_->RemoveFolder("s3://lake").error().code(), "IO-501");
}

TEST_F(S3FileSystemTest, LargeFilesInParts) {
  std::string bytes(12 << 20, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>((i * 2654435761U) >> 13);
  const std::string uri = Folder() + "/large";
  const Status written = files_->WriteNew(uri, bytes);
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_TRUE(*files_->Read(uri) == bytes);
  EXPECT_GE(client_->counts().sent(s3::RequestKind::kPut), 5);
  EXPECT_TRUE(files_->WriteNew(uri, bytes).ok());
  bytes[5] = 'x';
  EXPECT_EQ(files_->WriteNew(uri, bytes).error().kind(), ErrorKind::kExists);
}

TEST_F(S3FileSystemTest, SaysWhatIsWrong) {
  EXPECT_EQ(files_->WriteNew("s3://nobucket/x", "x").error().code(), "IO-526");
  EXPECT_EQ(files_->Stat("s3://nobucket/x").error().code(), "IO-526");
  const auto wrong = Open("not-the-secret");
  EXPECT_EQ(wrong->Read(Folder() + "/x").error().code(), "IO-522");
  EXPECT_EQ(wrong->Stat(Folder() + "/x").error().code(), "IO-522");
}

TEST_F(S3FileSystemTest, LocalFilesStayLocal) {
  const test::TempFolder folder;
  ASSERT_TRUE(files_->WriteNew(folder / "x/y", "local").ok());
  EXPECT_EQ(*files_->Read("file://" + (folder / "x/y")), "local");
  EXPECT_TRUE(files_->Sync({folder / "x/y", Folder() + "/z"}).ok());
  EXPECT_EQ(files_->List(folder.path())->size(), 1U);
}

}  // namespace
}  // namespace leat::io
