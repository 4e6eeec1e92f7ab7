#include <algorithm>
#include <atomic>

#include "base/json_quoted.h"
#include "component/column_batch.h"
#include "component/row_columns.h"
#include "component/spec.h"
#include "components/source/http/options.h"
#include "data/exact_text.h"

namespace leat::components::http {
namespace {

using component::ReadRequest;
using component::SourceColumn;

/// Update keys by their order: numbers, times, else text.
struct Key {
  explicit Key(std::string_view key) : text(key) {
    if (data::ParseExact(text, number)) {
      kind = 1;
    } else if (data::ParseExactTimestampTz(text, number) || data::ParseExactTimestamp(text, number)) {
      kind = 2;
    }
  }
  bool operator<(const Key& other) const {
    if (kind != 0 && kind == other.kind) return number < other.number;
    return text < other.text;
  }
  std::string_view text;
  int64_t number = 0;
  int kind = 0;
};

/// The spool's runs, shared by the streams of one reading.
struct Reading {
  const Spool* spool = nullptr;
  std::vector<int> columns;         ///< of the request, in the spool; -1: no row has it
  std::vector<bool> empty_is_null;  ///< by column of the request
  int key = -1;                     ///< column whose rows up to `bookmark` are left out: they are in the table
  std::string key_name, bookmark;
  std::atomic<size_t> next{0};
};

class SpoolStream : public component::ArrowStream {
 public:
  SpoolStream(std::shared_ptr<Reading> reading, component::ColumnBatch batch, CancelToken* cancel)
      : reading_(std::move(reading)), reader_(*reading_->spool), batch_(std::move(batch)), cancel_(cancel) {}

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override {
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    const size_t run = reading_->next++;
    if (run >= reading_->spool->runs().size()) {
      if (!first_) return false;
      first_ = false;
      batch_.Take(0, array, schema);
      return true;
    }
    first_ = false;
    LEAT_TRY(reader_.Open(run));
    const size_t width = reading_->columns.size();
    int64_t rows = 0;
    for (int64_t number = static_cast<int64_t>(run) * Spool::kRunRows + 1; reader_.Next(cells_); ++number) {
      std::string refused(reader_.refused()), payload(reader_.payload());
      if (reading_->key >= 0 && refused.empty()) {
        const std::string_view key = cells_[static_cast<size_t>(reading_->key)];
        if (key.empty()) {
          refused = component::RefusedRow(
              "http.no_update_key", reading_->key_name,
              "without a value of the update key nobody can tell whether the row is in the table already");
          payload = Shown();
        } else if (!(Key(reading_->bookmark) < Key(key))) {
          continue;
        }
      }
      for (size_t i = 0; i < width; ++i) {
        const int at = reading_->columns[i];
        if (!refused.empty() || at < 0 || cells_[static_cast<size_t>(at)].data() == nullptr ||
            (reading_->empty_is_null[i] && cells_[static_cast<size_t>(at)].empty())) {
          batch_.AppendNullText(i);
        } else {
          batch_.AppendText(i, cells_[static_cast<size_t>(at)]);
        }
      }
      batch_.Values<int64_t>(width)[rows] = number;
      if (refused.empty()) {
        batch_.AppendNullText(width + 1);
        batch_.AppendNullText(width + 2);
      } else {
        batch_.AppendText(width + 1, refused);
        batch_.AppendText(width + 2, payload);
      }
      ++rows;
    }
    rows_ += rows;
    batch_.Take(rows, array, schema);
    return true;
  }

  int64_t rows_read() const override { return rows_; }

 private:
  /// The row at hand as a dead letter keeps it.
  std::string Shown() const {
    std::string object = "{";
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i].data() == nullptr) continue;
      object +=
          (object.size() > 1 ? "," : "") + JsonQuoted(reading_->spool->columns()[i].name) + ":" + JsonQuoted(cells_[i]);
    }
    return object + "}";
  }

  std::shared_ptr<Reading> reading_;
  SpoolReader reader_;
  component::ColumnBatch batch_;
  CancelToken* cancel_;
  std::vector<std::string_view> cells_;
  std::atomic<int64_t> rows_{0};
  bool first_ = true;
};

/// All answers are asked for first, into a spool on disk: only then it is known which columns there are, which types hold every
/// value, and how far the update key reaches.
class HttpSource : public component::Source {
 public:
  HttpSource(std::unique_ptr<Session> session, TableOptions options, std::string name, bool keyed, int connections)
      : session_(std::move(session)),
        options_(std::move(options)),
        name_(std::move(name)),
        keyed_(keyed),
        connections_(connections) {}

  Status Check() override { return session_->Reach(); }

  Status Begin(const ReadRequest& request) override {
    bookmark_ = request.bookmark;
    return Ok();
  }

  Result<component::SourceTable> Discover() override {
    LEAT_TRY(AskAll());
    component::SourceTable found;
    found.name = name_;
    for (const Spool::Column& column : spool_->columns()) found.columns.push_back({column.name, column.Type(), ""});
    if (found.columns.empty() && spool_->first_refusal() != nullptr) {
      return MakeError("SRC-255", ErrorKind::kData, "table {}: no record of the answers can be read; the first: {}",
                       name_, spool_->first_refusal()->message)
          .WithHint("set `format:` of the table where the API says it wrongly");
    }
    return found;
  }

  Result<std::string> Upper(const std::string& update_key) override {
    LEAT_TRY(AskAll());
    const int at = Find(update_key);
    if (at < 0) {
      if (spool_->rows() == 0) return bookmark_;
      std::string names;
      for (const Spool::Column& column : spool_->columns()) names += (names.empty() ? "" : ", ") + column.name;
      return MakeError("SRC-256", ErrorKind::kData, "table {}: no row has the update_key '{}'", name_, update_key)
          .WithHint("its members are: " + names);
    }
    std::string greatest = bookmark_;
    SpoolReader reader(*spool_);
    std::vector<std::string_view> cells;
    for (size_t run = 0; run < spool_->runs().size(); ++run) {
      LEAT_TRY(reader.Open(run));
      while (reader.Next(cells)) {
        const std::string_view value = cells[static_cast<size_t>(at)];
        if (value.data() != nullptr && (greatest.empty() || Key(greatest) < Key(value))) greatest = value;
      }
    }
    return greatest;
  }

  Result<std::vector<SourceColumn>> FindAdded(const ReadRequest& request) override {
    LEAT_TRY(AskAll());
    std::vector<SourceColumn> added;
    if (options_.on_new_column == "ignore") return added;
    for (const Spool::Column& column : spool_->columns()) {
      const bool known = std::any_of(request.table.columns.begin(), request.table.columns.end(),
                                     [&](const SourceColumn& one) { return one.name == column.name; });
      if (!known) added.push_back({column.name, column.Type(), ""});
    }
    if (!added.empty() && options_.on_new_column == "error") {
      return MakeError("SRC-213", ErrorKind::kData,
                       "table {}: the answers have a member '{}' that the table does not have", name_, added[0].name)
          .WithHint("set `on_new_column: add` or `ignore`");
    }
    return added;
  }

  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const ReadRequest& request,
                                                                           int count) override {
    LEAT_TRY(AskAll());
    auto reading = std::make_shared<Reading>();
    reading->spool = spool_.get();
    std::vector<component::ArrowBatchBuilder::Column> columns;
    for (const SourceColumn& column : request.table.columns) {
      columns.push_back({"k" + std::to_string(columns.size()), data::Primitive(data::TypeId::kString)});
      reading->columns.push_back(Find(column.name));
      reading->empty_is_null.push_back(options_.resource.format == "xml" && column.type->id != data::TypeId::kString);
    }
    component::AddRowColumns(columns);
    // APIs give what changed since then, that moment included. Rows that replace each other by key may come again.
    if (!request.bookmark.empty() && !request.update_key.empty() && !keyed_) {
      reading->key = Find(request.update_key);
      reading->key_name = request.update_key;
      reading->bookmark = request.bookmark;
    }
    const int useful = std::max(1, std::min(count, static_cast<int>(spool_->runs().size())));
    std::vector<std::unique_ptr<component::ArrowStream>> streams;
    for (int i = 0; i < useful; ++i) {
      LEAT_ASSIGN(component::ColumnBatch batch, component::ColumnBatch::Make(columns));
      streams.push_back(std::make_unique<SpoolStream>(reading, std::move(batch), session_->context().cancel));
    }
    return streams;
  }

  Result<std::unique_ptr<component::ArrowStream>> OpenStream(const ReadRequest& request) override {
    LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
    return std::move(streams[0]);
  }

 private:
  int Find(const std::string& column) const {
    for (size_t i = 0; i < spool_->columns().size(); ++i) {
      if (spool_->columns()[i].name == column) return static_cast<int>(i);
    }
    return -1;
  }

  /// The bookmark, or `start`, as a time where it is one.
  static std::optional<TimeMicros> TimeOf(const std::string& text) {
    auto time = ParseTime(text);
    if (time.ok()) return time.value();
    int64_t micros = 0;
    if (data::ParseExactTimestamp(text, micros)) return micros;
    return std::nullopt;
  }

  Status AskAll() {
    if (spool_ != nullptr) return Ok();
    Status asked = Ask();
    return asked.ok() ? Ok() : Status(std::move(std::move(asked).error()).In("table " + name_));
  }

  Status Ask() {
    const TimeMicros now = session_->context().clock->Now();
    const std::string since = bookmark_.empty() ? options_.start : bookmark_;
    const std::optional<TimeMicros> since_time = TimeOf(since);
    const bool as_is = options_.time_format == "as_is";
    const std::string format = as_is ? "iso" : options_.time_format;
    Placeholders values{{"since", as_is || !since_time ? since : TimeText(*since_time, format)},
                        {"until", TimeText(now, format)},
                        {"now", TimeText(now, format)}};
    Fetch fetch(*session_, connections_);
    PageOptions& pages = options_.resource.pages;
    if (pages.kind == PageOptions::Kind::kRange) {
      if (!since_time) {
        return MakeError("SRC-252", ErrorKind::kConfig,
                         "pagination of type range needs a begin that is a time, not '{}'", since)
            .WithHint("write `start: 2024-01-01T00:00:00Z`");
      }
      pages.from = *since_time;
      pages.to = now;
      pages.time_format = format;
    }
    if (options_.job) {
      LEAT_ASSIGN(values, fetch.RunJob(*options_.job, values));
    }
    std::vector<ParentRow> parents(1);
    if (options_.parent) {
      std::vector<std::string> names = PlaceholderNames(options_.resource.path);
      for (const auto& [param, text] : options_.resource.params) {
        for (std::string& name : PlaceholderNames(text)) names.push_back(std::move(name));
      }
      for (std::string& name : PlaceholderNames(options_.resource.body)) names.push_back(std::move(name));
      LEAT_ASSIGN(parents, fetch.Parents(*options_.parent, values, names));
    }
    LEAT_ASSIGN(spool_, fetch.Rows(options_.resource, values, parents));
    return Ok();
  }

  std::unique_ptr<Session> session_;
  TableOptions options_;
  std::string name_;
  bool keyed_;
  int connections_;
  std::string bookmark_;
  std::unique_ptr<Spool> spool_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  LEAT_ASSIGN(TableOptions options, ReadTableOptions(table, table_name));
  LEAT_ASSIGN(std::unique_ptr<Session> session, Session::Make(connection, context));
  const bool keyed =
      table.items.count("primary_key") > 0 && !table.TextList("primary_key").empty() && table.Text("mode") != "append";
  return std::unique_ptr<component::Source>(std::make_unique<HttpSource>(
      std::move(session), std::move(options), table_name, keyed, static_cast<int>(connection.Integer("connections"))));
}

}  // namespace
}  // namespace leat::components::http

leat::component::Spec leat_source_http_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "http";
  spec.summary = "Resources of an HTTP API: JSON, JSON lines, csv or XML, page by page.";
  spec.description =
      "Asks an API for its rows, by configuration alone: paging of every usual kind, authorisation, rate limits\n"
      "(`budget: { calls: 60/1m }` of the connection, shared by all runs), `Retry-After`, reports that are made in the API's own time, and\n"
      "resources below others. Members of a row become columns with the types that hold all their values; numbers keep their digits,\n"
      "objects and lists are kept as JSON text. `mode: incremental` goes on at the greatest `update_key` seen: {since}.";
  spec.examples = {
      "connections:\n  crm:\n    type: http\n    url: https://api.example.com/v2\n    auth: { type: bearer, token: \"${secret:CRM}\" }\n",
      "source: crm\nconnection: crm\ntables:\n  - name: customers\n    path: /customers\n    records: $.data\n"
      "    pagination: { type: cursor, next: $.meta.next }\n    params: { updated_since: \"{since}\" }\n    mode: incremental\n"
      "    update_key: updated_at\n    primary_key: [id]\n"
      "  - name: orders\n    parent: { path: /customers, records: $.data }\n    path: \"/customers/{parent.id}/orders\"\n"
      "    pagination: { type: page, total: $.pages }\n"};
  spec.connection_fields = components::http::ConnectionFields();
  spec.fields = components::http::TableFields();
  spec.source.incremental = true;
  spec.make_source = &components::http::Make;
  return spec;
}
