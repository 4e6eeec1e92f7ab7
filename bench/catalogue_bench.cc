// Figures of the catalogue (docs: bench/README or the list): a lake of 1,000 tables: opening a branch, committing ten
// tables, publishing them; and 10,000 commits, over many tables and on one, against the first hundred.
//   leat_bench_catalogue [appends | postgresql://…]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>

#include "base/ids.h"
#include "lake/catalog.h"
#include "lake/publish.h"
#include "lake/table_change.h"
#include "must.h"

namespace {

using namespace leat;
using namespace leat::lake;
using bench::Must;

constexpr int kTables = 1000;
constexpr int kTouched = 10;
constexpr int kRounds = 30;
constexpr int kCommits = 10'000;

double Milliseconds(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
}

double Median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

class Lake {
 public:
  Lake(const std::string& url, const std::string& folder, bool durable) : folder_(folder) {
    std::filesystem::remove_all(folder);
    state::StoreOptions options;
    options.durable = durable;
    store_ = Must(state::Store::Open(url.empty() ? folder + "/state.db" : url, options));
    files_ = io::MakeLocalFileSystem(durable);
    CatalogOptions settings;
    settings.warehouse_root = folder + "/warehouse";
    catalog_ = Must(Catalog::Open(*store_, *files_, settings));
    Must(catalog_->CreateNamespace("main", "s", {}, {}));
  }
  ~Lake() { std::filesystem::remove_all(folder_); }

  static TableName Name(int table) { return {"s", "t" + std::to_string(table)}; }

  void MakeTables() {
    data::Schema schema;
    data::Field field;
    field.id = 1;
    field.name = "id";
    field.type = data::Primitive(data::TypeId::kLong);
    schema.fields.push_back(field);
    for (int first = 0; first < kTables; first += 100) {
      CommitRequest request;
      request.ref = "main";
      for (int table = first; table < first + 100; ++table) {
        const std::string uuid = NewUuidV7();
        std::vector<std::string> written;
        TableMetadata metadata = Must(NewTableMetadata(uuid, catalog_->NewTableLocation(Name(table), uuid, {}), schema,
                                                       {}, {}, {}, SystemClock().Now()));
        request.changes.push_back(
            {ObjectKind::kTable, Name(table), uuid, {}, Must(WriteMetadata(*files_, metadata, "", written))});
      }
      Must(catalog_->Commit(request));
    }
  }

  /// Appends one file to ten tables on the branch: manifests, lists and metadata of all, then one commit. Returns the time
  /// of the commit alone.
  double CommitTen(const std::string& branch, int round) {
    const View view = Must(catalog_->Resolve(branch));
    CommitRequest request;
    request.ref = branch;
    for (int i = 0; i < kTouched; ++i) {
      const TableName name = Name((round * kTouched + i) % kTables);
      const Entry entry = *Must(catalog_->FindTable(view, name));
      DataFile file;
      file.path = folder_ + "/data/" + NewUuidV7() + ".parquet";
      file.record_count = 1;
      file.size_bytes = 1;
      ChangeInfo info;
      info.now = SystemClock().Now();
      std::vector<std::string> written;
      TableMetadata metadata =
          Must(ApplyChange(*files_, *Must(catalog_->LoadMetadata(entry.location)), Append{{file}}, info, written));
      request.changes.push_back({ObjectKind::kTable, name, entry.uuid, entry.location,
                                 Must(catalog_->WriteMetadata(std::move(metadata), entry.location, written))});
    }
    return Milliseconds([&] { Must(catalog_->Commit(request)); });
  }

  void Run(const char* what) {
    MakeTables();
    std::vector<double> open, commit, publish, list, find;
    for (int round = 0; round < kRounds; ++round) {
      const std::string branch = "run/" + std::to_string(round);
      open.push_back(
          Milliseconds([&] { Must(catalog_->CreateBranch(branch, RefKind::kRun, Must(catalog_->Resolve("main")))); }));
      commit.push_back(CommitTen(branch, round));
      PublishRequest request;
      request.branch = branch;
      for (int i = 0; i < kTouched; ++i) {
        PublishItem item;
        item.table = Name((round * kTouched + i) % kTables);
        request.items.push_back(item);
      }
      publish.push_back(Milliseconds([&] { Must(Publish(*catalog_, request)); }));
      list.push_back(Milliseconds([&] { Must(catalog_->ListTables(Must(catalog_->Resolve(branch)), "s")); }));
      find.push_back(Milliseconds([&] {
        const View view = Must(catalog_->Resolve("main"));
        Must(catalog_->LoadMetadata(Must(catalog_->FindTable(view, Name(round)))->location));
      }));
    }
    std::printf(
        "%-24s open branch %6.2f ms   commit ten %6.2f ms   publish ten %6.2f ms   list 1,000 %6.2f ms   find one "
        "%6.3f ms\n",
        what, Median(open), Median(commit), Median(publish), Median(list), Median(find));
  }

  /// Median time of the first and of the last hundred of 10,000 commits.
  void RunLong(const char* what, int tables) {
    std::vector<std::optional<std::string>> now(static_cast<size_t>(tables));
    std::vector<double> times, finds;
    for (int i = 0; i < kCommits; ++i) {
      const auto table = static_cast<size_t>(i % tables);
      CommitRequest request;
      request.ref = "main";
      const std::string next = folder_ + "/warehouse/x/" + std::to_string(i);
      request.changes.push_back({ObjectKind::kTable, {"s", "t" + std::to_string(table)}, "u", now[table], next});
      times.push_back(Milliseconds([&] { Must(catalog_->Commit(request)); }));
      now[table] = next;
      const View view = Must(catalog_->Resolve("main"));
      finds.push_back(Milliseconds([&] { Must(catalog_->FindTable(view, request.changes[0].name)); }));
    }
    const auto hundred = [](const std::vector<double>& all, bool last) {
      return Median(last ? std::vector<double>(all.end() - 100, all.end())
                         : std::vector<double>(all.begin(), all.begin() + 100));
    };
    std::printf("%-24s commit: first hundred %.3f ms, last %.3f ms, ratio %.2f   find: %.3f ms, %.3f ms, ratio %.2f\n",
                what, hundred(times, false), hundred(times, true), hundred(times, true) / hundred(times, false),
                hundred(finds, false), hundred(finds, true), hundred(finds, true) / hundred(finds, false));
    // The past is an index look-up too, wherever it lies.
    for (const char* ref : {"commit/150", "commit/9000"}) {
      const View view = Must(catalog_->Resolve(ref));
      std::vector<double> then;
      for (int i = 0; i < 100; ++i) then.push_back(Milliseconds([&] { Must(catalog_->FindTable(view, {"s", "t0"})); }));
      std::printf("%-24s find as of %s: %.3f ms\n", what, ref, Median(then));
    }
  }

  /// The same with everything that an append writes: manifest, list and metadata of the table, then the commit.
  void RunAppends(const char* what, int tables) {
    MakeTables();
    std::vector<double> times;
    for (int i = 0; i < kCommits; ++i) {
      const TableName name = Name(i % tables);
      times.push_back(Milliseconds([&] {
        const Entry entry = *Must(catalog_->FindTable(Must(catalog_->Resolve("main")), name));
        DataFile file;
        file.path = folder_ + "/data/" + NewUuidV7() + ".parquet";
        file.record_count = 1;
        file.size_bytes = 1;
        ChangeInfo info;
        info.now = SystemClock().Now();
        std::vector<std::string> written;
        TableMetadata metadata =
            Must(ApplyChange(*files_, *Must(catalog_->LoadMetadata(entry.location)), Append{{file}}, info, written));
        CommitRequest request;
        request.ref = "main";
        request.changes.push_back({ObjectKind::kTable, name, entry.uuid, entry.location,
                                   Must(catalog_->WriteMetadata(std::move(metadata), entry.location, written))});
        Must(catalog_->Commit(request));
      }));
    }
    const auto hundred = [&](size_t from) { return Median({times.begin() + from, times.begin() + from + 100}); };
    // A table keeps a hundred snapshots: from there on nothing may grow.
    const size_t full = 100 * static_cast<size_t>(tables) < times.size() / 2 ? 100 * static_cast<size_t>(tables) : 0;
    std::printf("%-24s whole append: first hundred %.3f ms, last %.3f ms, ratio %.2f", what, hundred(0),
                hundred(times.size() - 100), hundred(times.size() - 100) / hundred(0));
    if (full > 0)
      std::printf(", to the hundred after the first %zu: %.2f", full, hundred(times.size() - 100) / hundred(full));
    std::sort(times.begin(), times.end());
    std::printf(", p99 %.2f ms\n", times[times.size() * 99 / 100]);
  }

 private:
  std::string folder_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<io::FileSystem> files_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = (std::filesystem::temp_directory_path() / ("leat-bench-" + RandomHex(4))).string();
  const std::string url = argc > 1 ? argv[1] : "";
  if (url == "appends") {
    Lake("", folder, false).RunAppends("10,000 on 1,000 tables", kTables);
    Lake("", folder, false).RunAppends("10,000 on one table", 1);
    return 0;
  }
  if (!url.empty()) {
    // One database holds one lake: on PostgreSQL the figures with flushes only.
    Lake(url, folder, true).Run("PostgreSQL");
    return 0;
  }
  Lake("", folder, false).Run("without flushes");
  Lake("", folder, true).Run("with flushes");
  Lake("", folder, false).RunLong("10,000 on 1,000 tables", kTables);
  Lake("", folder, false).RunLong("10,000 on one table", 1);
  Lake("", folder, false).RunAppends("10,000 on 1,000 tables", kTables);
  Lake("", folder, false).RunAppends("10,000 on one table", 1);
  return 0;
}
