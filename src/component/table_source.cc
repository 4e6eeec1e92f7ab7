#include "component/table_source.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/log.h"
#include "base/thread_pool.h"
#include "component/server_reading.h"
#include "component/sql_text.h"
#include "component/table_scan.h"
#include "data/arrow_abi.h"
#include "lake/deletion_vector.h"
#include "lake/row_lineage.h"

namespace leat::component {
namespace {

using data::TypeId;

constexpr int64_t kPartRows = 1'000'000;
constexpr size_t kFilesAtOnce = 200;                      ///< of one statement
constexpr int64_t kCopiedBytesAtOnce = int64_t{1} << 30;  ///< of copies on this machine's disk, for each stream
constexpr size_t kFetchedAtOnce = 4;

data::TypePtr Loose(const data::TypePtr& type) {
  if (!type->is_nested()) return type;
  auto copy = std::make_shared<data::Type>(*type);
  for (size_t i = 0; i < copy->fields.size(); ++i) {
    data::Field& field = copy->fields[i];
    const bool key = type->id == TypeId::kMap && i == 0;
    field = {.id = 0, .name = field.name, .type = Loose(field.type), .required = key, .doc = field.doc};
  }
  return copy;
}

bool HoldsVariant(const data::Type& type) {
  return type.id == TypeId::kVariant || std::any_of(type.fields.begin(), type.fields.end(),
                                                    [](const data::Field& one) { return HoldsVariant(*one.type); });
}

/// Pieces of the plan, each read by one statement. Thread-safe.
class ScanQueue {
 public:
  explicit ScanQueue(std::vector<std::vector<lake::ScanFile>> pieces) : pieces_(std::move(pieces)) {}
  std::optional<lake::ScanPlan> Take() {
    std::lock_guard lock(mutex_);
    if (next_ == pieces_.size()) return std::nullopt;
    return lake::ScanPlan{.files = pieces_[next_++]};
  }
  size_t size() const { return pieces_.size(); }

 private:
  std::mutex mutex_;
  std::vector<std::vector<lake::ScanFile>> pieces_;
  size_t next_ = 0;
};

/// What all streams of one read know.
struct Reading {
  explicit Reading(std::vector<std::vector<lake::ScanFile>> plan) : pieces(std::move(plan)) {}

  std::shared_ptr<const TableState> state;
  data::Schema schema;  ///< columns that are asked for, and keys of equality deletes
  std::string select;
  ScanQueue pieces;
};

/// Copies of files that the engine cannot read where they lie; gone with it.
class Copies {
 public:
  ~Copies() {
    std::error_code ignored;
    for (const auto& [uri, path] : places_) std::filesystem::remove(path, ignored);
  }
  Copies() = default;
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;

  Status Make(TableFiles& files, const lake::ScanPlan& plan) {
    std::map<std::string, int64_t> wanted;
    for (const lake::ScanFile& file : plan.files) {
      wanted[file.file.path] = file.file.size_bytes;
      for (const auto* deletes : {&file.position_deletes, &file.equality_deletes}) {
        for (const lake::DataFile& one : *deletes) {
          if (!lake::IsDeletionVector(one)) wanted[one.path] = one.size_bytes;
        }
      }
    }
    std::optional<Error> failed;
    std::mutex mutex;
    {
      ThreadPool pool(kFetchedAtOnce);
      for (const auto& [uri, size] : wanted) {
        LEAT_ASSIGN(const bool here, files.LiesHere(uri));
        if (here) continue;
        pool.Submit([&, uri = uri, size = size] {
          {
            std::lock_guard lock(mutex);
            if (failed) return;
          }
          auto path = files.Fetch(uri, size);
          std::lock_guard lock(mutex);
          if (path.ok()) {
            places_[uri] = std::move(*path);
          } else if (!failed) {
            failed = path.error();
          }
        });
      }
    }
    if (failed) return std::move(*failed);
    return Ok();
  }

  const std::map<std::string, std::string>& places() const { return places_; }

 private:
  std::map<std::string, std::string> places_;
};

class TableStream : public ArrowStream {
 public:
  TableStream(std::shared_ptr<Reading> reading, std::string what, SourceContext context)
      : reading_(std::move(reading)), what_(std::move(what)), context_(std::move(context)) {}

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override {
    for (;;) {
      if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
      if (rows_of_piece_ == nullptr) {
        LEAT_ASSIGN(const bool more, OpenPiece());
        if (!more) return false;
      }
      auto more = rows_of_piece_->Next(array, schema);
      if (!more.ok()) return std::move(more).error().In(what_);
      if (*more) {
        rows_ += array->length;
        return true;
      }
      rows_of_piece_.reset();
      copies_.reset();
    }
  }

  int64_t rows_read() const override { return rows_; }

 private:
  Result<bool> OpenPiece() {
    const std::optional<lake::ScanPlan> plan = reading_->pieces.Take();
    if (!plan) return false;
    copies_ = std::make_unique<Copies>();
    const TableState& state = *reading_->state;
    LEAT_TRY(copies_->Make(*state.files, *plan));
    auto opened = context_.scan(
        {state.metadata, reading_->schema, *plan, *state.files, copies_->places(), state.by_name, reading_->select});
    if (!opened.ok()) return std::move(opened).error().In(what_);
    rows_of_piece_ = std::move(*opened);
    return true;
  }

  const std::shared_ptr<Reading> reading_;
  const std::string what_;
  const SourceContext context_;
  std::unique_ptr<Copies> copies_;  ///< outlive the rows
  std::unique_ptr<ArrowStream> rows_of_piece_;
  int64_t rows_ = 0;
};

/// The plan's files in pieces that are not larger than one statement, or the disk, should take, enough for all streams.
Result<std::vector<std::vector<lake::ScanFile>>> Pieces(std::vector<lake::ScanFile> files, TableFiles& place,
                                                        int streams) {
  const size_t wanted =
      std::max<size_t>(1, (files.size() + static_cast<size_t>(streams) - 1) / static_cast<size_t>(streams));
  std::vector<std::vector<lake::ScanFile>> pieces(1);
  int64_t copied = 0;
  for (lake::ScanFile& file : files) {
    LEAT_ASSIGN(const bool here, place.LiesHere(file.file.path));
    const int64_t bytes = here ? 0 : file.file.size_bytes;
    const bool full = pieces.back().size() >= std::min(wanted, kFilesAtOnce) || copied + bytes > kCopiedBytesAtOnce;
    if (full && !pieces.back().empty()) {
      pieces.emplace_back();
      copied = 0;
    }
    copied += bytes;
    pieces.back().push_back(std::move(file));
  }
  return pieces;
}

/// The row's refusal where a date or time is one that the engine takes for infinite.
std::string InfiniteCase(const std::string& column, const std::string& name) {
  return " WHEN isinf(" + name + ") THEN " +
         SqlLiteral(
             RefusedRow("cast", column, "the value is the last one of its type, which stands for infinity here"));
}

bool MayBeInfinite(const data::Type& type) {
  return type.id == TypeId::kDate || type.id == TypeId::kTimestamp || type.id == TypeId::kTimestampTz;
}

/// "first-last" of the plan's files.
std::optional<std::pair<size_t, size_t>> ParseBounds(const std::string& text) {
  std::pair<size_t, size_t> bounds;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, bounds.first);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto last = std::from_chars(first.ptr + 1, end, bounds.second);
  if (last.ec != std::errc() || last.ptr != end) return std::nullopt;
  return bounds;
}

}  // namespace

SourceColumn TableColumn(const data::Field& field) {
  const bool nanoseconds = field.type->id == TypeId::kTimestampNs || field.type->id == TypeId::kTimestampTzNs;
  if (nanoseconds) return {field.name, nullptr, "TIMESTAMP_NS", field.id};
  const bool text = field.type->id == TypeId::kUnknown || field.type->id == TypeId::kVariant;
  return {field.name, text ? data::Primitive(TypeId::kString) : Loose(field.type), "", field.id};
}

std::string TableValue(const data::Field& field, const data::Type& wanted) {
  std::string name = SqlName(field.name);
  const data::TypePtr here = Loose(field.type);
  const data::TypePtr there = Loose(std::make_shared<data::Type>(wanted));
  if (data::SameType(*here, *there)) return name;
  if (field.type->id == TypeId::kUnknown) return "CAST(NULL AS " + data::DuckDbTypeName(wanted) + ")";
  if (data::CanPromote(*here, *there)) return "CAST(" + name + " AS " + data::DuckDbTypeName(wanted) + ")";
  // Members that the raw table lacks or has besides: the engine matches them by name.
  if (here->id == there->id && here->is_nested()) return name;
  return "CAST(" + name + " AS VARCHAR)";
}

Error TableSource::CannotGoOn(const std::string& reason) const {
  return MakeError("SRC-405", ErrorKind::kData, "{}: the rows that came since the last load cannot be told: {}", What(),
                   reason)
      .WithHint(
          "give it a primary_key and `mode: incremental`, which then reads all of it, or load it once with `mode: "
          "full-refresh`");
}

Result<const TableState*> TableSource::Look() {
  if (state_ != nullptr) return state_.get();
  LEAT_ASSIGN(TableState state, Load());
  state_ = std::make_shared<const TableState>(std::move(state));
  return state_.get();
}

Result<const TableRead*> TableSource::Planned(const ReadRequest& request) {
  const std::string key = request.bookmark + (request.by_key ? " by key" : "");
  if (read_ && read_for_ == key) return &*read_;
  LEAT_ASSIGN(const TableState* state, Look());
  LEAT_ASSIGN(read_, Plan(*state, request));
  read_for_ = key;
  Log(LogLevel::kInfo, "table_read",
      {{"table", name_},
       {"state", state->shown},
       {"files", std::to_string(read_->plan.files.size())},
       {"reason", read_->reason}});
  return &*read_;
}

Status TableSource::Check() {
  const auto state = Look();
  return state.ok() ? Ok() : Status(state.error());
}

Result<SourceTable> TableSource::Discover() {
  LEAT_ASSIGN(const TableState* state, Look());
  SourceTable table;
  table.name = name_;
  for (const data::Field& field : state->schema.fields) {
    table.columns.push_back(TableColumn(field));
    if (!state->ids_stay) table.columns.back().id = 0;
  }
  table.primary_key = state->primary_key;
  return table;
}

/// Rows that were read before have the values of one column under a name that is another's now.
Status TableSource::CheckNames(const ReadRequest& request) {
  LEAT_ASSIGN(const TableState* state, Look());
  if (!state->ids_stay || request.bookmark.empty()) return Ok();
  for (const SourceColumn& known : request.table.columns) {
    const data::Field* now = FindNamed(state->schema.fields, known.name);
    if (known.id == 0 || now == nullptr || now->id == known.id) continue;
    for (const SourceColumn& other : request.table.columns) {
      if (other.id != now->id) continue;
      return MakeError("SRC-408", ErrorKind::kData, "{}: column {} of the source is now called {}, as another one was",
                       What(), other.name, known.name)
          .WithHint(
              "load the table once with `mode: full-refresh`: rows that were read before have the other values there");
    }
  }
  return Ok();
}

Result<std::vector<ObservedInput>> TableSource::Observe(const ReadRequest& request, const ObserveWish&) {
  LEAT_TRY(CheckNames(request));
  LEAT_ASSIGN(SourceTable table, Discover());
  return Observed(std::move(table));
}

Result<std::string> TableSource::Upper(const std::string&) {
  LEAT_ASSIGN(const TableState* state, Look());
  return state->version;
}

Result<std::string> TableSource::Fingerprint() {
  LEAT_ASSIGN(const TableState* state, Look());
  return state->identity + "@" + state->version;
}

Result<TableParts> TableSource::Split(const ReadRequest& request, const SplitAim& aim) {
  LEAT_ASSIGN(const TableRead* read, Planned(request));
  const int64_t rows = aim.rows_per_part > 0 ? aim.rows_per_part : kPartRows;
  TableParts parts;
  size_t first = 0;
  int64_t gathered = 0;
  const std::vector<lake::ScanFile>& files = read->plan.files;
  for (size_t i = 0; i < files.size(); ++i) {
    gathered += files[i].file.record_count;
    if (gathered < rows && i + 1 < files.size() && i + 1 - first < kFilesAtOnce) continue;
    TablePart& part = parts.parts.emplace_back();
    part.id = part.bounds = fmt::format("{}-{}", first, i);
    part.shown = fmt::format("data files {} to {} of {}", first + 1, i + 1, files.size());
    part.estimated_rows = gathered;
    first = i + 1;
    gathered = 0;
  }
  parts.reason = fmt::format("whole data files, {} in all", files.size());
  return parts;
}

Result<std::unique_ptr<ArrowStream>> TableSource::OpenStream(const ReadRequest& request) {
  LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
  return std::move(streams[0]);
}

Result<std::vector<std::unique_ptr<ArrowStream>>> TableSource::OpenStreams(const ReadRequest& request, int count) {
  LEAT_ASSIGN(const TableState* state, Look());
  LEAT_ASSIGN(const TableRead* read, Planned(request));
  std::vector<lake::ScanFile> files;
  for (const TablePart& part : request.parts) {
    const auto bounds = ParseBounds(part.bounds);
    if (!bounds || bounds->first > bounds->second || bounds->second >= read->plan.files.size())
      return MakeError("SRC-406", ErrorKind::kInternal, "{}: no such part: {}", What(), part.bounds);
    for (size_t i = bounds->first; i <= bounds->second; ++i) files.push_back(read->plan.files[i]);
  }
  if (request.parts.empty()) files = read->plan.files;

  std::set<int> needed;  // of equality deletes
  for (const lake::ScanFile& file : files) {
    for (const lake::DataFile& deletes : file.equality_deletes)
      needed.insert(deletes.equality_ids.begin(), deletes.equality_ids.end());
  }
  std::string select, bad;
  data::Schema schema;
  schema.schema_id = state->schema.schema_id;
  for (size_t i = 0; i < request.table.columns.size(); ++i) {
    const SourceColumn& asked = request.table.columns[i];
    const data::Field* field = FindNamed(state->schema.fields, asked.name);
    // What became of a column that is gone, drift decides.
    std::string value = "CAST(NULL AS " + data::DuckDbTypeName(*asked.type) + ")";
    if (field != nullptr) {
      if (HoldsVariant(*field->type)) {
        return MakeError("SRC-407", ErrorKind::kUnsupported, "{}: column {} is of type variant, which cannot be read",
                         What(), asked.name)
            .WithHint(fmt::format("leave it out: `exclude: [{}]`", asked.name));
      }
      value = TableValue(*field, *asked.type);
      if (MayBeInfinite(*field->type)) bad += InfiniteCase(asked.name, SqlName(field->name));
      needed.insert(field->id);
    }
    select += fmt::format("{} AS k{}, ", value, i);
  }
  for (const data::Field& field : state->schema.fields) {
    if (needed.contains(field.id)) schema.fields.push_back(field);
  }
  if (schema.fields.empty()) schema.fields.push_back(state->schema.fields.at(0));
  select += fmt::format("CAST({} AS BIGINT) AS leat_row, {} AS leat_bad, CAST(NULL AS VARCHAR) AS leat_payload",
                        state->metadata.format_version > 2 ? lake::kRowId : "NULL",
                        bad.empty() ? "CAST(NULL AS VARCHAR)" : "CASE" + bad + " END");
  LEAT_ASSIGN(auto pieces, Pieces(std::move(files), *state->files, std::max(1, count)));
  auto reading = std::make_shared<Reading>(std::move(pieces));
  reading->state = state_;
  reading->schema = std::move(schema);
  reading->select = std::move(select);
  std::vector<std::unique_ptr<ArrowStream>> streams;
  for (size_t i = 0; i < std::min(reading->pieces.size(), static_cast<size_t>(std::max(1, count))); ++i)
    streams.push_back(std::make_unique<TableStream>(reading, What(), context_));
  return streams;
}

}  // namespace leat::component
