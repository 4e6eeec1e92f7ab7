#include "component/table_files.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "component/budget.h"
#include "component/input_files.h"
#include "io/s3/s3_file_system.h"

namespace leat::component {
namespace {

constexpr int64_t kPieceBytes = int64_t{8} << 20;

/// "s3a" of "s3a://bucket/key"; "" for a path.
std::string SchemeOf(const std::string& uri) {
  const size_t end = uri.find("://");
  return end == std::string::npos ? "" : uri.substr(0, end);
}

}  // namespace

TableFiles::TableFiles(TableFilesOptions options, const SourceContext& context)
    : options_(std::move(options)), context_(context), local_(io::MakeLocalFileSystem()) {}

Result<std::string> TableFiles::Place(const std::string& uri) const {
  const std::string scheme = SchemeOf(uri);
  // What Hadoop calls the same store.
  if (scheme == "s3" || scheme == "s3a" || scheme == "s3n") return "s3" + uri.substr(scheme.size());
  if (!scheme.empty() && scheme != "file") {
    return MakeError("SRC-401", ErrorKind::kUnsupported,
                     "{}: its file {} lies in a store of kind {}, which cannot be read", options_.what, uri, scheme)
        .WithHint("s3:// and folders of this machine can be read");
  }
  const std::string path = std::filesystem::path(io::LocalPath(uri)).lexically_normal().string();
  const bool named = std::any_of(options_.folders.begin(), options_.folders.end(), [&](std::string folder) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    return path == folder || path.starts_with(folder == "/" ? folder : folder + "/");
  });
  if (named) return path;
  return MakeError("SRC-400", ErrorKind::kPermission, "{}: its file {} lies outside of what the connection names",
                   options_.what, path)
      .WithHint("set `path:` of the connection to the folder that holds the tables, if they may be read");
}

Result<io::FileSystem*> TableFiles::StoreOf(const std::string& place) {
  if (!io::IsS3(place)) return local_.get();
  std::lock_guard lock(mutex_);
  if (store_ == nullptr) {
    io::s3::StoreOptions options;
    options.settings = options_.storage;
    options.environment = io::s3::ProcessEnvironment();
    options.cancel = context_.cancel;
    options.http.at_field = "`endpoint` of `storage:` of the connection (or AWS_ENDPOINT_URL)";
    LEAT_ASSIGN(std::unique_ptr<io::s3::Client> client, io::s3::Client::Open(std::move(options)));
    store_ = io::MakeS3FileSystem(std::move(client));
  }
  return store_.get();
}

Status TableFiles::Turn() const {
  if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
  if (context_.budget == nullptr) return Ok();
  LEAT_ASSIGN(const TimeMicros turn, context_.budget->Call(context_.cancel));
  (void)turn;
  return Ok();
}

Status TableFiles::Came(size_t bytes) const {
  return context_.budget == nullptr ? Ok() : context_.budget->Spend(static_cast<int64_t>(bytes), context_.cancel);
}

Result<std::string> TableFiles::Read(const std::string& uri) {
  LEAT_ASSIGN(const std::string place, Place(uri));
  LEAT_ASSIGN(io::FileSystem * store, StoreOf(place));
  LEAT_TRY(Turn());
  LEAT_ASSIGN(std::string bytes, store->Read(place));
  LEAT_TRY(Came(bytes.size()));
  return bytes;
}

Result<std::string> TableFiles::ReadRange(const std::string& uri, int64_t offset, int64_t length) {
  {
    std::lock_guard lock(mutex_);
    const auto put = put_.find(uri);
    if (put != put_.end()) {
      const size_t from = std::min(static_cast<size_t>(std::max<int64_t>(0, offset)), put->second.size());
      return put->second.substr(from, static_cast<size_t>(length));
    }
  }
  LEAT_ASSIGN(const std::string place, Place(uri));
  LEAT_ASSIGN(io::FileSystem * store, StoreOf(place));
  LEAT_TRY(Turn());
  LEAT_ASSIGN(std::string bytes, store->ReadRange(place, offset, length));
  LEAT_TRY(Came(bytes.size()));
  return bytes;
}

Result<io::FileInfo> TableFiles::Stat(const std::string& uri) {
  LEAT_ASSIGN(const std::string place, Place(uri));
  LEAT_ASSIGN(io::FileSystem * store, StoreOf(place));
  LEAT_TRY(Turn());
  return store->Stat(place);
}

Result<std::vector<io::FileInfo>> TableFiles::List(const std::string& folder) {
  LEAT_ASSIGN(const std::string place, Place(folder));
  LEAT_ASSIGN(io::FileSystem * store, StoreOf(place));
  LEAT_TRY(Turn());
  return store->List(place);
}

Status TableFiles::ReadOnly(const std::string& uri) const {
  return MakeError("SRC-400", ErrorKind::kInternal, "{}: {} is somebody else's and only read", options_.what, uri);
}
Status TableFiles::WriteNew(const std::string& uri, std::string_view) { return ReadOnly(uri); }
Status TableFiles::Remove(const std::string& uri) { return ReadOnly(uri); }
Status TableFiles::RemoveFolder(const std::string& folder) { return ReadOnly(folder); }
Status TableFiles::CreateFolder(const std::string& folder) { return ReadOnly(folder); }
Status TableFiles::Sync(const std::vector<std::string>& uris) { return ReadOnly(uris.empty() ? "" : uris[0]); }

void TableFiles::Put(const std::string& uri, std::string bytes) {
  std::lock_guard lock(mutex_);
  put_[uri] = std::move(bytes);
}

Result<bool> TableFiles::LiesHere(const std::string& uri) {
  LEAT_ASSIGN(const std::string place, Place(uri));
  // The engine takes such a name for a pattern.
  return !io::IsS3(place) && place.find_first_of("*?[") == std::string::npos;
}

Result<std::string> TableFiles::Fetch(const std::string& uri, int64_t size_bytes) {
  const size_t ending = uri.rfind('.');
  const bool plain = ending != std::string::npos && uri.find('/', ending) == std::string::npos &&
                     uri.find_first_of("*?[", ending) == std::string::npos;
  return WriteSpoolFile(context_.spool_folder, "data" + (plain ? uri.substr(ending) : ""),
                        options_.what + ": cannot copy " + uri, [&](std::ostream& out) -> Status {
                          int64_t came = 0;
                          while (came < size_bytes) {
                            LEAT_ASSIGN(const std::string bytes,
                                        ReadRange(uri, came, std::min(kPieceBytes, size_bytes - came)));
                            if (bytes.empty()) break;
                            out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
                            came += static_cast<int64_t>(bytes.size());
                          }
                          if (came == size_bytes) return Ok();
                          return MakeError("SRC-402", ErrorKind::kData, "{}: {} has {} bytes, the table says {}",
                                           options_.what, uri, came, size_bytes)
                              .WithHint("somebody replaced a file of the table; its owner has to restore it");
                        });
}

Result<std::set<std::string>> FindTableFolders(TableFiles& files, const std::string& root, const std::string& inner,
                                               const std::function<bool(std::string_view)>& tells) {
  std::error_code ignored;
  if (!io::IsS3(root) && !std::filesystem::is_directory(io::LocalPath(root), ignored)) {
    return MakeError("SRC-202", ErrorKind::kNotFound, "no folder {}", root)
        .WithHint("correct `path:` of the connection: it is the folder that the tables' folders lie in");
  }
  LEAT_ASSIGN(const std::vector<io::FileInfo> all, files.List(root));
  const size_t below = io::LocalPath(io::JoinUri(root, "x")).size() - 1;
  const std::string middle = "/" + inner + "/";
  std::set<std::string> folders;
  for (const io::FileInfo& file : all) {
    const std::string path = io::LocalPath(file.uri);
    const size_t at = path.rfind(middle);
    if (at != std::string::npos && at > below && tells(std::string_view(path).substr(at + middle.size())))
      folders.insert(path.substr(below, at - below));
  }
  return folders;
}

Result<std::vector<ListedTable>> ListTableFolders(
    const std::set<std::string>& folders,
    const std::function<Status(const std::string& folder, ListedTable& table)>& describe) {
  std::vector<ListedTable> list;
  for (const std::string& folder : folders) {
    ListedTable& table = list.emplace_back();
    table.name = folder.substr(folder.rfind('/') + 1);
    table.entry = folder;
    table.kind = "table";
    const Status status = describe(folder, table);
    if (status.ok()) continue;
    if (status.error().kind() == ErrorKind::kCancelled) return status.error();
    table.not_readable = status.error().message();
  }
  return list;
}

}  // namespace leat::component
