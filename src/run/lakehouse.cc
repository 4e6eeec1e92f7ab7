#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "io/s3/s3_file_system.h"
#include "run/budget.h"
#include "run/run.h"

namespace leat::run {
namespace {

std::string Absolute(const std::string& root, const std::string& path) {
  if (path.find("://") != std::string::npos) return path;
  return (std::filesystem::path(root) / path).lexically_normal().string();
}

}  // namespace

Result<std::unique_ptr<Lakehouse>> Lakehouse::Open(const std::string& root, const project::Settings& settings,
                                                   bool create, const CancelToken* cancel) {
  auto house = std::make_unique<Lakehouse>();
  house->settings = settings;
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(root, ignored);
  house->root = ignored ? root : absolute.lexically_normal().string();
  house->files = io::MakeLocalFileSystem();
  if (io::IsS3(settings.warehouse)) {
    io::s3::StoreOptions store;
    store.settings = settings.storage;
    store.environment = io::s3::ProcessEnvironment();
    store.cancel = cancel;
    LEAT_ASSIGN(house->object_store, io::s3::Client::Open(std::move(store)));
    house->files = io::MakeFileSystemByScheme(std::move(house->files), io::MakeS3FileSystem(house->object_store));
  }
  house->settings.warehouse = io::FileUri(Absolute(house->root, io::LocalPath(settings.warehouse)));
  house->settings.state = Absolute(house->root, settings.state);
  state::StoreOptions options;
  options.create = create;
  if (create) {
    LEAT_TRY(house->files->CreateFolder(house->private_folder()));
    LEAT_TRY(house->files->CreateFolder(house->settings.warehouse));
    if (house->object_store != nullptr) {  // nothing is begun with a bucket that is not there, or keys that are wrong
      LEAT_ASSIGN(const io::s3::Address bucket, io::s3::ParseAddress(house->settings.warehouse));
      LEAT_TRY(house->object_store->Reach(bucket));
    }
  }
  LEAT_ASSIGN(house->store, state::Store::Open(house->settings.state, options));
  house->budgets = std::make_shared<Budgets>(*house->store);
  lake::CatalogOptions catalog;
  catalog.warehouse_name = settings.warehouse_name;
  catalog.warehouse_root = house->settings.warehouse;
  LEAT_ASSIGN(house->catalog, lake::Catalog::Open(*house->store, *house->files, std::move(catalog)));
  return house;
}

std::optional<io::s3::RequestCounts::Totals> Lakehouse::StoreRequests() {
  if (object_store == nullptr) return std::nullopt;
  io::s3::RequestCounts::Totals totals = object_store->counts().totals();
  std::lock_guard lock(engine_mutex_);
  totals.Add(closed_requests_);
  AddEngineRequests(totals);
  return totals;
}

void Lakehouse::AddEngineRequests(io::s3::RequestCounts::Totals& totals) {
  if (engine_ == nullptr) return;
  const Result<sql::StoreRequests> sent = engine_->store_requests();
  if (!sent.ok()) return;
  using io::s3::RequestKind;
  io::s3::RequestCounts::Totals more;
  const auto set = [&more](RequestKind kind, int64_t count) { more.sent[static_cast<size_t>(kind)] = count; };
  set(RequestKind::kGet, sent->get);
  set(RequestKind::kHead, sent->head);
  set(RequestKind::kPut, sent->put);
  set(RequestKind::kList, sent->list);
  set(RequestKind::kDelete, sent->remove);
  more.read_bytes = sent->read_bytes;
  more.written_bytes = sent->written_bytes;
  totals.Add(more);
}

std::string Lakehouse::private_folder() const { return io::JoinUri(root, ".leat"); }

void Lakehouse::AllowFolder(const std::string& folder) {
  std::lock_guard lock(engine_mutex_);
  if (std::find(allowed_folders_.begin(), allowed_folders_.end(), folder) == allowed_folders_.end())
    allowed_folders_.push_back(folder);
}

void Lakehouse::BeCareful(bool careful) {
  std::lock_guard lock(engine_mutex_);
  if (careful == careful_) return;
  careful_ = careful;
  AddEngineRequests(closed_requests_);
  engine_.reset();
}

Result<sql::Engine*> Lakehouse::Engine(sql::InstanceKind kind) {
  std::lock_guard lock(engine_mutex_);
  std::unique_ptr<sql::Engine>& engine = kind == sql::InstanceKind::kEngine ? engine_ : user_engine_;
  if (engine == nullptr) {
    sql::EngineOptions options;
    options.kind = kind;
    // A process runs above the limit of its engine (Parquet writers, allocator): the limit is what the process may take.
    options.memory_limit_bytes = settings.memory_limit_bytes / 20 * 13;
    options.threads = settings.threads;
    if (careful_ && kind == sql::InstanceKind::kEngine) {
      options.threads = 1;
      options.preserve_insertion_order = false;
    }
    options.private_folder = store->folder().empty() ? private_folder() : store->folder();
    options.allowed_folders = {io::LocalPath(settings.warehouse), root};
    options.allowed_folders.insert(options.allowed_folders.end(), allowed_folders_.begin(), allowed_folders_.end());
    options.extension_folder = extension_folder;
    if (object_store != nullptr) {
      options.store = sql::ObjectStore{settings.warehouse, object_store->endpoint(),
                                       [store = object_store] { return store->credentials().Get(); }};
    }
    LEAT_ASSIGN(engine, sql::Engine::Open(options));
  }
  return engine.get();
}

}  // namespace leat::run
