#include "component/file_place.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "component/object_place.h"
#include "io/hash.h"
#include "io/s3/client.h"
#include "test/support/s3_server.h"
#include "test/support/temp_folder.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;

class ObjectPlaceTest : public testing::Test {
 protected:
  void SetUp() override {
    LEAT_NEEDS_OBJECT_STORE();
    test::S3Server& server = test::S3Server::Get();
    io::s3::StorageSettings settings;
    settings.endpoint = server.url();
    settings.access_key_id = server.access_key_id();
    settings.secret_access_key = server.secret_access_key();
    auto place = OpenObjectPlace("s3://lake/" + Folder(), settings, nullptr, nullptr);
    ASSERT_TRUE(place.ok()) << place.error().ToString();
    io::s3::StoreOptions options;
    options.settings = settings;
    options.environment = [](const std::string&) { return std::nullopt; };
    auto client = io::s3::Client::Open(std::move(options));
    ASSERT_TRUE(client.ok()) << client.error().ToString();
    client_ = std::move(client).value();
    place_ = std::move(place).value();
  }

  static std::string Folder() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  static std::string Address(const std::string& name) { return "s3://lake/" + Folder() + "/" + name; }

  void Put(const std::string& name, const std::string& content) {
    const io::s3::Address object{"lake", Folder() + "/" + name};
    ASSERT_TRUE(client_->Delete(object).ok());
    ASSERT_TRUE(client_->PutNew(object, content).ok());
  }

  std::vector<InputFile> List(const std::string& prefix = "") {
    std::vector<InputFile> all;
    const Status listed = place_->EachFile(Address(prefix) + "*", [&](const std::vector<InputFile>& files) -> Status {
      all.insert(all.end(), files.begin(), files.end());
      return Ok();
    });
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    return all;
  }

  std::unique_ptr<FilePlace> place_;
  std::unique_ptr<io::s3::Client> client_;
};

TEST_F(ObjectPlaceTest, ListsReadsAndHashes) {
  std::string large;
  large.resize(9'000'000, 'x');  // more than one piece
  Put("a.csv", "id\n1\n");
  Put("b/large.bin", large);
  Put("empty", "");
  const std::vector<InputFile> files = List();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].origin, Address("a.csv"));
  EXPECT_EQ(files[0].size_bytes, 5);
  EXPECT_NE(files[0].identity, 0U);
  EXPECT_GT(files[0].modified_ns, 0);
  EXPECT_EQ(files[1].size_bytes, 9'000'000);
  EXPECT_EQ(*HashPlacedFile(*place_, files[0]), io::HashBytes("id\n1\n"));
  EXPECT_EQ(*HashPlacedFile(*place_, files[1]), io::HashBytes(large));
  EXPECT_EQ(*HashPlacedFile(*place_, files[2]), io::HashBytes(""));
  EXPECT_EQ(List("b/").size(), 1U);
  EXPECT_TRUE(place_->Look(Address("empty")).value().has_value());
  EXPECT_FALSE(place_->Look(Address("gone")).value().has_value());
  EXPECT_EQ(ReadPlacedFile(*place_, Address("a.csv")).value().value_or("none"), "id\n1\n");
  EXPECT_FALSE(ReadPlacedFile(*place_, Address("a.cs")).value().has_value());
}

TEST_F(ObjectPlaceTest, CopiesHaveTheTimeAndTheEndingAndNothingHalf) {
  const test::TempFolder folder;
  Put("a.csv.gz", "1");
  Put("b.csv", "two");
  std::vector<InputFile> files = List();
  const auto fetched = FetchFiles(*place_, files, folder.path() + "/spool", nullptr);
  ASSERT_TRUE(fetched.ok()) << fetched.error().ToString();
  for (size_t i = 0; i < 2; ++i) {
    const InputFile& copy = (*fetched)[i];
    EXPECT_EQ(copy.origin, files[i].origin);
    EXPECT_EQ(fs::file_size(copy.path), static_cast<size_t>(files[i].size_bytes));
    EXPECT_TRUE(CheckUnchanged(copy).ok());
  }
  EXPECT_TRUE((*fetched)[0].path.ends_with(".csv.gz")) << (*fetched)[0].path;
  // One that was replaced after the listing: an error, and no part of it stays.
  Put("b.csv", "TWO");
  const auto changed = FetchFiles(*place_, files, folder.path() + "/again", nullptr);
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(changed.error().code(), "SRC-205");
  size_t left = 0;
  for (const auto& entry : fs::directory_iterator(folder.path() + "/again")) {
    if (entry.path().string().ends_with(".csv")) ++left;
  }
  EXPECT_EQ(left, 0U);
}

}  // namespace
}  // namespace leat::component
