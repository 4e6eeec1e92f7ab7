#include "io/s3/s3_file_system.h"

#include <algorithm>

namespace leat::io {
namespace {

constexpr size_t kKeysPerDelete = 1'000;

class S3FileSystem : public FileSystem {
 public:
  explicit S3FileSystem(std::shared_ptr<s3::Client> client) : client_(std::move(client)) {}

  Result<std::string> Read(const std::string& uri) override {
    LEAT_ASSIGN(const s3::Address object, s3::ParseAddress(uri));
    return client_->Get(object);
  }

  Result<std::string> ReadRange(const std::string& uri, int64_t offset, int64_t length) override {
    LEAT_ASSIGN(const s3::Address object, s3::ParseAddress(uri));
    return client_->GetRange(object, offset, length);
  }

  Status WriteNew(const std::string& uri, std::string_view bytes) override {
    LEAT_ASSIGN(const s3::Address object, s3::ParseAddress(uri));
    return client_->PutNew(object, bytes);
  }

  Result<FileInfo> Stat(const std::string& uri) override {
    LEAT_ASSIGN(const s3::Address object, s3::ParseAddress(uri));
    LEAT_ASSIGN(const s3::ObjectInfo info, client_->Head(object));
    return FileInfo{uri, info.size_bytes, info.modified_ns, 0};
  }

  Result<std::vector<FileInfo>> List(const std::string& folder) override {
    LEAT_ASSIGN(s3::Address prefix, s3::ParseAddress(folder));
    if (!prefix.key.empty() && !prefix.key.ends_with('/')) prefix.key += '/';
    std::vector<FileInfo> found;
    std::string next;
    do {
      LEAT_ASSIGN(s3::ListPage page, client_->List(prefix, next));
      for (const s3::ObjectInfo& object : page.objects) {
        if (object.key.ends_with('/')) continue;  // what some tools put there to show a folder
        found.push_back({"s3://" + prefix.bucket + "/" + object.key, object.size_bytes, object.modified_ns, 0});
      }
      next = std::move(page.next);
    } while (!next.empty());
    std::sort(found.begin(), found.end(), [](const FileInfo& a, const FileInfo& b) { return a.uri < b.uri; });
    return found;
  }

  Status Remove(const std::string& uri) override {
    LEAT_ASSIGN(const s3::Address object, s3::ParseAddress(uri));
    return client_->Delete(object);
  }

  Status RemoveFolder(const std::string& folder) override {
    LEAT_ASSIGN(const s3::Address address, s3::ParseAddress(folder));
    if (address.key.empty())
      return MakeError("IO-501", ErrorKind::kInternal, "'{}' is a whole bucket: it is never removed", folder);
    LEAT_ASSIGN(const std::vector<FileInfo> files, List(folder));
    std::vector<std::string> keys;
    for (size_t i = 0; i < files.size(); ++i) {
      keys.push_back(files[i].uri.substr(6 + address.bucket.size()));
      if (keys.size() < kKeysPerDelete && i + 1 < files.size()) continue;
      LEAT_TRY(client_->DeleteMany(address.bucket, keys));
      keys.clear();
    }
    return Ok();
  }

  Status CreateFolder(const std::string& folder) override {
    LEAT_TRY(s3::ParseAddress(folder));
    return Ok();
  }

  Status Sync(const std::vector<std::string>&) override { return Ok(); }

 private:
  const std::shared_ptr<s3::Client> client_;
};

class FileSystemByScheme : public FileSystem {
 public:
  FileSystemByScheme(std::unique_ptr<FileSystem> local, std::unique_ptr<FileSystem> store)
      : local_(std::move(local)), store_(std::move(store)) {}

  Result<std::string> Read(const std::string& uri) override { return Of(uri).Read(uri); }
  Result<std::string> ReadRange(const std::string& uri, int64_t offset, int64_t length) override {
    return Of(uri).ReadRange(uri, offset, length);
  }
  Status WriteNew(const std::string& uri, std::string_view bytes) override { return Of(uri).WriteNew(uri, bytes); }
  Result<FileInfo> Stat(const std::string& uri) override { return Of(uri).Stat(uri); }
  Result<std::vector<FileInfo>> List(const std::string& folder) override { return Of(folder).List(folder); }
  Status Remove(const std::string& uri) override { return Of(uri).Remove(uri); }
  Status RemoveFolder(const std::string& folder) override { return Of(folder).RemoveFolder(folder); }
  Status CreateFolder(const std::string& folder) override { return Of(folder).CreateFolder(folder); }
  Status Sync(const std::vector<std::string>& uris) override {
    std::vector<std::string> local;
    for (const std::string& uri : uris)
      if (!IsS3(uri)) local.push_back(uri);
    return local_->Sync(local);
  }

 private:
  FileSystem& Of(const std::string& uri) { return IsS3(uri) ? *store_ : *local_; }

  const std::unique_ptr<FileSystem> local_;
  const std::unique_ptr<FileSystem> store_;
};

}  // namespace

std::unique_ptr<FileSystem> MakeS3FileSystem(std::shared_ptr<s3::Client> client) {
  return std::make_unique<S3FileSystem>(std::move(client));
}

std::unique_ptr<FileSystem> MakeFileSystemByScheme(std::unique_ptr<FileSystem> local,
                                                   std::unique_ptr<FileSystem> store) {
  return std::make_unique<FileSystemByScheme>(std::move(local), std::move(store));
}

bool IsS3(std::string_view uri) { return uri.starts_with("s3://"); }

}  // namespace leat::io
