#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/ids.h"
#include "io/hash.h"
#include "lake/table_change.h"
#include "run/test_project.h"

namespace leat::run {
namespace {

/// Lists in/<name>_*.csv below the project's root; the only source of these tests.
class FolderSource : public component::Source {
 public:
  FolderSource(std::string root, std::string name) : root_(std::move(root)), name_(std::move(name)) {}
  Status Check() override { return Ok(); }
  Result<component::SourceTable> Discover() override {
    component::SourceTable table;
    table.name = name_;
    return table;
  }
  Result<std::vector<component::InputFile>> ListFiles() override {
    std::vector<component::InputFile> files;
    for (const auto& entry : std::filesystem::directory_iterator(root_ + "/in")) {
      const std::string file = entry.path().filename().string();
      if (!file.starts_with(name_ + "_")) continue;
      struct stat info = {};
      stat(entry.path().c_str(), &info);
      files.push_back({entry.path().string(), "in/" + file, info.st_size,
                       info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_ino, ""});
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.origin < b.origin; });
    return files;
  }

 private:
  std::string root_;
  std::string name_;
};

Result<std::unique_ptr<component::Source>> MakeFolderSource(const config::Values&, const config::Values&,
                                                            const std::string& name,
                                                            const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<FolderSource>(context.project_root, name));
}

const component::Spec& FolderSpec() {
  static const component::Spec spec = [] {
    component::Spec made;
    made.kind = "source";
    made.name = "folder";
    made.source.files = true;
    made.make_source = MakeFolderSource;
    return made;
  }();
  return spec;
}

int64_t CountLines(const std::string& path) {
  std::ifstream file(path);
  int64_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

}  // namespace

TestProject::TestProject(const std::string& state) : own_(std::make_unique<test::TempFolder>()), folder_(own_->path()) {
  std::filesystem::create_directories(folder_ + "/in");
  project_.root = folder_;
  project_.settings.name = "test";
  if (!state.empty()) project_.settings.state = state;
  Reopen();
}

TestProject::TestProject(const std::string& folder, const std::string& state) : folder_(folder) {
  project_.root = folder_;
  project_.settings.name = "test";
  if (!state.empty()) project_.settings.state = state;
  Reopen();
}

std::unique_ptr<TestProject> TestProject::Of(const std::string& folder, const std::string& state) {
  return std::unique_ptr<TestProject>(new TestProject(folder, state));
}

void TestProject::Reopen() {
  lakehouse_.reset();
  auto opened = Lakehouse::Open(folder_, project_.settings, true);
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  lakehouse_ = std::move(opened).value();
}

void TestProject::AddSource(const std::string& source, const std::string& name, const std::string& mode) {
  project::Asset asset;
  asset.id = "source." + source + "." + name;
  asset.kind = project::AssetKind::kSourceTable;
  asset.table = {"raw_" + source, name};
  asset.zone = "raw";
  asset.source_name = source;
  asset.source = &FolderSpec();
  asset.mode = mode;
  asset.fingerprint = "config of " + asset.id;
  project_.by_id[asset.id] = project_.assets.size();
  project_.assets.push_back(std::move(asset));
}

void TestProject::AddModel(const std::string& name, std::vector<std::string> from) {
  project::Asset asset;
  asset.id = "model." + name;
  asset.table = {"trusted", name};
  asset.zone = "trusted";
  asset.depends_on = std::move(from);
  asset.fingerprint = "config of " + asset.id;
  project_.by_id[asset.id] = project_.assets.size();
  project_.assets.push_back(std::move(asset));
}

void TestProject::WriteFile(const std::string& name, int rows) {
  std::ofstream file(folder_ + "/in/" + name);
  for (int i = 0; i < rows; ++i) file << name << ',' << i << '\n';
}

void TestProject::RemoveFile(const std::string& name) { std::filesystem::remove(folder_ + "/in/" + name); }

RunOptions TestProject::Options() {
  RunOptions options;
  options.workers = 3;
  options.step = [this](StepContext& context) { return DoTestStep(context); };
  return options;
}

int64_t TestProject::Rows(const std::string& ns, const std::string& name, const std::string& ref) {
  const auto view = lakehouse_->catalog->Resolve(ref);
  EXPECT_TRUE(view.ok());
  const auto entry = lakehouse_->catalog->FindTable(*view, {ns, name});
  EXPECT_TRUE(entry.ok());
  if (!*entry) return -1;
  const auto metadata = lakehouse_->catalog->LoadMetadata((*entry)->location);
  EXPECT_TRUE(metadata.ok());
  const lake::Snapshot* snapshot = (*metadata)->current_snapshot();
  return snapshot == nullptr ? 0 : std::stoll(snapshot->summary.at("total-records"));
}

int64_t TestProject::Snapshots(const std::string& ns, const std::string& name) {
  const auto view = lakehouse_->catalog->Resolve("main");
  const auto entry = lakehouse_->catalog->FindTable(*view, {ns, name});
  if (!*entry) return 0;
  return static_cast<int64_t>((*lakehouse_->catalog->LoadMetadata((*entry)->location))->snapshots.size());
}

std::string TestProject::Text(const std::string& sql) {
  const auto rows = lakehouse_->store->Read(sql);
  EXPECT_TRUE(rows.ok()) << rows.error().ToString();
  std::string text;
  for (const state::Row& row : rows->rows) {
    if (!text.empty()) text += '\n';
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ' ';
      if (const auto* number = std::get_if<int64_t>(&row[i])) text += std::to_string(*number);
      if (const auto* words = std::get_if<std::string>(&row[i])) text += *words;
      if (std::holds_alternative<std::monostate>(row[i])) text += '-';
    }
  }
  return text;
}

const StepResult& TestProject::Step(const RunResult& result, const std::string& asset) {
  for (const StepResult& step : result.steps) {
    if (step.asset == asset) return step;
  }
  static const StepResult none;
  ADD_FAILURE() << "no step " << asset;
  return none;
}

Result<StepOutcome> TestProject::DoTestStep(StepContext& context) {
  {
    std::lock_guard lock(mutex_);
    ++steps_run;
    order.push_back(context.step.asset);
  }
  if (before) LEAT_TRY(before(context));
  lake::Catalog& catalog = *context.lakehouse.catalog;
  const lake::TableName name = context.asset.table;
  const lake::CommitInfo info{"test", context.run_id, "step", "commit"};
  LEAT_ASSIGN(const lake::View view, catalog.Resolve(context.branch));
  StepOutcome outcome;
  StepResult& result = outcome.result;
  const bool load = context.asset.kind == project::AssetKind::kSourceTable;
  if (load) {
    for (const component::InputFile& file : context.step.files) {
      const int64_t lines = CountLines(file.path);
      result.rows_in += lines;
      outcome.files.push_back({file, lines, "archive/" + file.origin});
    }
  } else {
    for (const std::string& id : context.asset.depends_on) {
      const lake::TableName table = context.project.Find(id)->table;
      LEAT_ASSIGN(const std::optional<lake::Entry> entry, catalog.FindTable(view, table));
      if (!entry) return MakeError("TEST-001", ErrorKind::kNotFound, "no table {}", table.ToString());
      LEAT_ASSIGN(const lake::MetadataPtr metadata, catalog.LoadMetadata(entry->location));
      const lake::Snapshot* snapshot = metadata->current_snapshot();
      const int64_t rows = snapshot == nullptr ? 0 : std::stoll(snapshot->summary.at("total-records"));
      result.rows_in += rows;
      outcome.inputs.push_back({table, snapshot == nullptr ? 0 : snapshot->id, rows, 1, 100});
    }
  }
  result.rows_out = result.rows_in;
  LEAT_ASSIGN(const std::optional<lake::Properties> ns, catalog.FindNamespace(view, name.ns));
  if (!ns) {
    const Status made = catalog.CreateNamespace(context.branch, name.ns, {{"leat.zone", context.asset.zone}}, info);
    if (!made.ok() && made.error().kind() != ErrorKind::kExists) return made.error();
  }
  LEAT_ASSIGN(const std::optional<lake::Entry> entry, catalog.FindTable(view, name));
  lake::TableMetadata metadata;
  if (entry) {
    LEAT_ASSIGN(const lake::MetadataPtr now, catalog.LoadMetadata(entry->location));
    metadata = *now;
    if (metadata.current_snapshot_id) result.snapshot_before = *metadata.current_snapshot_id;
  } else {
    data::Schema schema;
    schema.fields.push_back({1, "x", data::Primitive(data::TypeId::kLong), false, "", {}, {}});
    const std::string uuid = NewUuidV4();
    LEAT_ASSIGN(metadata, lake::NewTableMetadata(uuid, catalog.NewTableLocation(name, uuid, {}), schema, {}, {}, {},
                                                 SystemClock().Now()));
  }
  const bool append = load && context.asset.mode == "append";
  if (append && context.step.files.empty() && entry) {
    outcome.item.change = lake::PublishItem::Change::kAppend;
    if (after) after(context, outcome);
    return outcome;
  }
  lake::DataFile file;
  file.path = io::JoinUri(metadata.location, "data/" + NewUuidV4() + ".parquet");
  file.record_count = result.rows_out;
  file.size_bytes = 100;
  std::vector<std::string> written;
  lake::ChangeInfo change{context.run_id, context.asset.id, {}, SystemClock().Now()};
  if (load) change.summary["leat.bookmark." + context.step.load_key] = NewUuidV4();
  LEAT_ASSIGN(lake::TableMetadata changed, lake::ApplyChange(*context.lakehouse.files, metadata,
                                                             append ? lake::DataChange(lake::Append{{file}})
                                                                    : lake::DataChange(lake::Overwrite{{file}}),
                                                             change, written));
  LEAT_ASSIGN(const std::string location,
              context.lakehouse.catalog->WriteMetadata(changed, entry ? entry->location : "", written));
  lake::CommitRequest request;
  request.ref = context.branch;
  request.info = info;
  request.changes.push_back({lake::ObjectKind::kTable, name, changed.uuid,
                             entry ? std::optional<std::string>(entry->location) : std::nullopt, location});
  LEAT_TRY(catalog.Commit(request));
  result.snapshot_branch = *changed.current_snapshot_id;
  outcome.changed = true;
  outcome.item.table = name;
  outcome.item.load_key = context.step.load_key;
  outcome.item.bookmark_before = context.step.bookmark;
  outcome.item.change = !entry   ? lake::PublishItem::Change::kCreate
                        : append ? lake::PublishItem::Change::kAppend
                                 : lake::PublishItem::Change::kOverwrite;
  if (after) after(context, outcome);
  return outcome;
}

}  // namespace leat::run
