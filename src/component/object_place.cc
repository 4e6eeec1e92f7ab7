#include "component/object_place.h"

#include <algorithm>

#include "io/s3/client.h"

namespace leat::component {
namespace {

/// Of one request: few enough to keep in memory for several files at once.
constexpr int64_t kPieceBytes = int64_t{8} << 20;
constexpr int64_t kSecondNs = 1'000'000'000;

class ObjectPlace : public FilePlace, public FileCopier {
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
    LEAT_ASSIGN(const std::optional<io::s3::ObjectInfo> there, Head(object));
    return there ? std::optional<InputFile>(FileOf(address, *there)) : std::optional<InputFile>();
  }

  Status Read(const InputFile& file, const std::function<Status(std::string_view)>& take) override {
    LEAT_ASSIGN(const io::s3::Address object, io::s3::ParseAddress(file.path));
    LEAT_TRY(Turn());
    LEAT_ASSIGN(const io::s3::ObjectInfo now, client_->Head(object));
    if (!IsListed(file, now)) return PlacedFileChanged(file, now.size_bytes);
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

  FileCopier* copier() override { return this; }

  Result<Moved> Copy(const InputFile& file, const std::string& to) override {
    LEAT_ASSIGN(const io::s3::Address from, io::s3::ParseAddress(file.path));
    LEAT_ASSIGN(const io::s3::Address target, io::s3::ParseAddress(to));
    LEAT_ASSIGN(const std::optional<io::s3::ObjectInfo> now, Head(from));
    if (!now) return Moved::kGone;
    if (!IsListed(file, *now)) return Moved::kChanged;
    LEAT_ASSIGN(const std::optional<bool> before, HasContent(target, file, now->tag));
    if (before) return *before ? Moved::kDone : Moved::kTaken;
    LEAT_TRY(Turn());
    const Status copied = client_->Copy(from, *now, target);
    if (!copied.ok()) return Lost(copied.error());
    LEAT_ASSIGN(const std::optional<bool> after, HasContent(target, file, now->tag));
    if (after == true) return Moved::kDone;
    return MakeError("IO-415", ErrorKind::kEnvironment, "the copy of {} at {} is not what was copied", file.path, to)
        .WithHint("the file is where it was; look at who else writes there, then run again");
  }

  Result<Moved> RemoveListed(const InputFile& file, const std::string& marker) override {
    LEAT_ASSIGN(const io::s3::Address object, io::s3::ParseAddress(file.path));
    LEAT_ASSIGN(const std::optional<io::s3::ObjectInfo> now, Head(object));
    if (!now) return Moved::kGone;
    if (!IsListed(file, *now)) return Moved::kChanged;
    if (!marker.empty()) {
      LEAT_ASSIGN(const io::s3::Address beside, io::s3::ParseAddress(marker));
      LEAT_TRY(Turn());
      LEAT_TRY(client_->Delete(beside));
    }
    LEAT_TRY(Turn());
    const Status removed = client_->DeleteTagged(object, now->tag);
    return removed.ok() ? Moved::kDone : Lost(removed.error());
  }

 private:
  /// nullopt: nothing is there.
  Result<std::optional<io::s3::ObjectInfo>> Head(const io::s3::Address& object) {
    LEAT_TRY(Turn());
    Result<io::s3::ObjectInfo> there = client_->Head(object);
    if (there.ok()) return std::optional<io::s3::ObjectInfo>(std::move(*there));
    if (there.error().kind() == ErrorKind::kNotFound) return std::optional<io::s3::ObjectInfo>();
    return there.error();
  }

  /// Whether the object is what was listed. A store without tags has times, those of an answer in whole seconds.
  static bool IsListed(const InputFile& file, const io::s3::ObjectInfo& now) {
    const bool same = file.identity != 0 ? VersionNumber(now.tag) == file.identity
                                         : now.modified_ns / kSecondNs == file.modified_ns / kSecondNs;
    return same && now.size_bytes == file.size_bytes;
  }

  /// Whether the object at `copy` has the content of a file that has this tag; nullopt: nothing is there. A copy may get
  /// another tag (parts, encryption): then it is read.
  Result<std::optional<bool>> HasContent(const io::s3::Address& copy, const InputFile& file, const std::string& tag) {
    LEAT_ASSIGN(const std::optional<io::s3::ObjectInfo> there, Head(copy));
    if (!there) return std::optional<bool>();
    if (there->size_bytes != file.size_bytes) return std::optional<bool>(false);
    if (!tag.empty() && there->tag == tag) return std::optional<bool>(true);
    LEAT_ASSIGN(const std::string hash, HashPlacedFile(*this, FileOf("s3://" + copy.bucket + "/" + copy.key, *there)));
    return std::optional<bool>(hash == file.content_hash);
  }

  static Result<Moved> Lost(const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) return Moved::kGone;
    if (error.kind() == ErrorKind::kConflict) return Moved::kChanged;
    return error;
  }

  Status Turn() {
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    if (budget_ == nullptr) return Ok();
    LEAT_ASSIGN(const TimeMicros turn, budget_->Call(cancel_));
    (void)turn;
    return Ok();
  }

  static InputFile FileOf(const std::string& address, const io::s3::ObjectInfo& object) {
    InputFile file;
    file.path = file.origin = address;
    file.size_bytes = object.size_bytes;
    file.modified_ns = object.modified_ns;
    file.identity = VersionNumber(object.tag);
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
