#include "component/object_place.h"

#include <algorithm>
#include <cstdlib>

#include "io/hash.h"
#include "io/s3/client.h"

namespace leat::component {
namespace {

/// Of one request: few enough to keep in memory for several files at once.
constexpr int64_t kPieceBytes = int64_t{8} << 20;
constexpr int64_t kSecondNs = 1'000'000'000;

class ObjectPlace : public FilePlace {
 public:
  ObjectPlace(std::unique_ptr<io::s3::Client> client, io::s3::Address root, Budget* budget, CancelToken* cancel)
      : client_(std::move(client)), root_(std::move(root)), budget_(budget), cancel_(cancel) {}

  Status Check() override {
    LEAT_TRY(Turn());
    return client_->Reach(root_);
  }

  Status EachFile(const std::string& pattern, const TakePlaced& take) override {
    LEAT_ASSIGN(const io::s3::Address address, io::s3::ParseAddress(pattern.substr(0, pattern.find_first_of("*?["))));
    std::string next;
    do {
      LEAT_TRY(Turn());
      LEAT_ASSIGN(io::s3::ListPage page, client_->List(address, next));
      std::vector<InputFile> files;
      files.reserve(page.objects.size());
      for (const io::s3::ObjectInfo& object : page.objects)
        files.push_back(FileOf("s3://" + address.bucket + "/" + object.key, object));
      LEAT_TRY(take(std::move(files)));
      next = page.next;
    } while (!next.empty());
    return Ok();
  }

  Result<std::optional<InputFile>> Look(const std::string& address) override {
    LEAT_ASSIGN(const io::s3::Address object, io::s3::ParseAddress(address));
    LEAT_TRY(Turn());
    const Result<io::s3::ObjectInfo> there = client_->Head(object);
    if (there.ok()) return std::optional<InputFile>(FileOf(address, *there));
    if (there.error().kind() == ErrorKind::kNotFound) return std::optional<InputFile>();
    return there.error();
  }

  Status Read(const InputFile& file, const std::function<Status(std::string_view)>& take) override {
    LEAT_ASSIGN(const io::s3::Address object, io::s3::ParseAddress(file.origin));
    LEAT_TRY(Turn());
    LEAT_ASSIGN(const io::s3::ObjectInfo now, client_->Head(object));
    // A store without tags has times, those of an answer in whole seconds.
    const bool same = file.identity != 0 ? Version(now.tag) == file.identity
                                         : now.modified_ns / kSecondNs == file.modified_ns / kSecondNs;
    if (now.size_bytes != file.size_bytes || !same) return PlacedFileChanged(file, now.size_bytes);
    for (int64_t at = 0; at < file.size_bytes;) {
      const int64_t wanted = std::min(kPieceBytes, file.size_bytes - at);
      LEAT_TRY(Turn());
      if (budget_ != nullptr) LEAT_TRY(budget_->Spend(wanted, cancel_));
      const Result<std::string> bytes = client_->GetRange(object, at, wanted, now.tag);
      if (!bytes.ok() && bytes.error().kind() == ErrorKind::kConflict) return PlacedFileChanged(file, -1);
      if (!bytes.ok()) return bytes.error();
      if (static_cast<int64_t>(bytes->size()) != wanted)
        return PlacedFileChanged(file, at + static_cast<int64_t>(bytes->size()));
      LEAT_TRY(take(*bytes));
      at += wanted;
    }
    return Ok();
  }

 private:
  Status Turn() {
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    if (budget_ == nullptr) return Ok();
    LEAT_ASSIGN(const TimeMicros turn, budget_->Call(cancel_));
    (void)turn;
    return Ok();
  }

  /// A store's tags are of any form; the ledger has room for a number.
  static uint64_t Version(const std::string& tag) {
    return tag.empty() ? 0 : std::strtoull(io::HashBytes(tag).substr(0, 15).c_str(), nullptr, 16);
  }

  static InputFile FileOf(const std::string& address, const io::s3::ObjectInfo& object) {
    InputFile file;
    file.path = file.origin = address;
    file.size_bytes = object.size_bytes;
    file.modified_ns = object.modified_ns;
    file.identity = Version(object.tag);
    return file;
  }

  const std::unique_ptr<io::s3::Client> client_;
  const io::s3::Address root_;
  Budget* const budget_;
  CancelToken* const cancel_;
};

}  // namespace

Result<std::unique_ptr<FilePlace>> OpenObjectPlace(const std::string& address, const io::s3::StorageSettings& settings,
                                                   Budget* budget, CancelToken* cancel) {
  LEAT_ASSIGN(io::s3::Address root, io::s3::ParseAddress(address));
  io::s3::StoreOptions options;
  options.settings = settings;
  options.environment = io::s3::ProcessEnvironment();
  options.cancel = cancel;
  options.http.at_field = "`endpoint` of `storage:` of the connection (or AWS_ENDPOINT_URL)";
  LEAT_ASSIGN(std::unique_ptr<io::s3::Client> client, io::s3::Client::Open(std::move(options)));
  return std::unique_ptr<FilePlace>(std::make_unique<ObjectPlace>(std::move(client), std::move(root), budget, cancel));
}

}  // namespace leat::component
