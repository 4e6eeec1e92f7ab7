#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

#include "base/json_quoted.h"
#include "base/log.h"
#include "base/nearest.h"
#include "component/input_files.h"
#include "component/key_ranges.h"
#include "component/observed_input.h"
#include "component/row_columns.h"
#include "component/spec.h"
#include "component/text_cell.h"
#include "components/source/mysql/server_table.h"
#include "config/field_builders.h"
#include "data/exact_text.h"

namespace leat::components::mysql {
namespace {

using component::ReadRequest;
using component::SourceColumn;

struct Options {
  Endpoint endpoint;
  std::string database, table, asset;
  bool one_snapshot = true, zero_dates_null = false;
  int streams = 0;
};

/// What the streams of one reading share: the statements that are still to be run.
struct Reading {
  std::vector<ServerColumn> columns;  ///< of the request, with the request's types
  std::string select;
  std::string what;
  bool zero_dates_null = false;
  std::mutex mutex;
  std::deque<std::string> conditions;

  std::optional<std::string> Take() {
    std::lock_guard lock(mutex);
    if (conditions.empty()) return std::nullopt;
    std::string next = std::move(conditions.front());
    conditions.pop_front();
    return next;
  }
};

class MysqlStream : public component::ArrowStream {
 public:
  MysqlStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, component::ColumnBatch batch,
              const component::SourceContext& context)
      : reading_(std::move(reading)), connection_(std::move(connection)), batch_(std::move(batch)), context_(context) {}

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override {
    if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
    int64_t rows = 0;
    int64_t bytes = 0;
    while (rows < component::ColumnBatch::kRows) {
      if (!asking_) {
        const std::optional<std::string> condition = reading_->Take();
        if (!condition) break;
        LEAT_TRY(connection_->Start(reading_->select + *condition, reading_->what));
        began_ = std::chrono::steady_clock::now();
        asking_ = true;
      }
      char** values = nullptr;
      unsigned long* lengths = nullptr;
      LEAT_ASSIGN(const bool more, connection_->Next(values, lengths));
      if (!more) {
        asking_ = false;
        Note();
        continue;
      }
      bytes += Put(rows++, values, lengths);
    }
    if (rows == 0 && !first_) return false;
    first_ = false;
    rows_ += rows;
    cost_.rows += rows;
    cost_.bytes += bytes;
    if (context_.budget != nullptr && bytes > 0) LEAT_TRY(context_.budget->Spend(bytes, context_.cancel));
    batch_.Take(rows, array, schema);
    return true;
  }

  int64_t rows_read() const override { return rows_; }

 private:
  void Note() {
    if (context_.budget == nullptr) return;
    cost_.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
    context_.budget->Note(cost_);
    cost_ = {};
  }

  int64_t Put(int64_t row, char** values, unsigned long* lengths) {
    const size_t width = reading_->columns.size();
    std::string bad;
    int64_t bytes = 0;
    for (size_t i = 0; i < width; ++i) {
      const ServerColumn& column = reading_->columns[i];
      if (values[i] == nullptr) {
        component::PutNull(batch_, i, row, *column.type);
        continue;
      }
      std::string_view text(values[i], lengths[i]);
      bytes += static_cast<int64_t>(text.size());
      if (column.bit && column.type->id == data::TypeId::kBoolean) text = text == "0" ? "false" : "true";
      const bool no_date =
          reading_->zero_dates_null && text.starts_with("0000-00-00") && column.type->id != data::TypeId::kString;
      if (no_date) {
        component::PutNull(batch_, i, row, *column.type);
        continue;
      }
      bool good = false;
      if (column.instant && column.type->id == data::TypeId::kTimestampTz) {
        int64_t micros = 0;
        good = data::ParseExactTimestamp(text, micros);
        batch_.Values<int64_t>(i)[row] = micros;
        if (!good) batch_.SetNull(i, row);
      } else {
        good = component::PutText(batch_, i, row, *column.type, text);
      }
      if (!good && bad.empty())
        bad = component::RefusedRow("cast", column.name,
                                    fmt::format("'{}' of {} is not exactly a {}", text.substr(0, 100), column.declared,
                                                data::TypeName(*column.type)));
    }
    component::PutVerdict(batch_, width, row, bad, bad.empty() ? "" : RowAsJson(values, lengths));
    return bytes;
  }

  std::string RowAsJson(char** values, const unsigned long* lengths) const {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string json = "{";
    for (size_t i = 0; i < reading_->columns.size(); ++i) {
      json += (i == 0 ? "" : ", ") + JsonQuoted(reading_->columns[i].name) + ": ";
      if (values[i] == nullptr) {
        json += "null";
      } else if (!reading_->columns[i].binary) {
        json += JsonQuoted({values[i], lengths[i]});
      } else {
        json += '"';
        for (size_t at = 0; at < lengths[i]; ++at) {
          const auto byte = static_cast<unsigned char>(values[i][at]);
          json += kHex[byte >> 4];
          json += kHex[byte & 15];
        }
        json += '"';
      }
    }
    return json + "}";
  }

  std::shared_ptr<Reading> reading_;
  std::shared_ptr<Connection> connection_;
  component::ColumnBatch batch_;
  component::SourceContext context_;
  component::SourceCost cost_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<int64_t> rows_{0};
  bool asking_ = false, first_ = true;
};

/// One table. Its first connection keeps one snapshot from the first question to the end of its stream.
class MysqlSource : public component::Source, public component::SchemaObserver {
 public:
  MysqlSource(Options options, component::SourceContext context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Status Check() override { return Table().ok() ? Ok() : Status(Table().error()); }

  Result<component::SourceTable> Discover() override {
    LEAT_ASSIGN(const ServerTable* table, Table());
    component::SourceTable found;
    found.name = options_.asset;
    for (const ServerColumn& column : table->columns) found.columns.push_back({column.name, column.type, ""});
    found.primary_key = table->primary_key;
    found.estimated_rows = table->estimated_rows;
    return found;
  }

  Result<std::string> Upper(const std::string& update_key) override {
    LEAT_ASSIGN(const ServerColumn* column, FindColumn(update_key));
    LEAT_ASSIGN(const auto rows,
                leader_->Query("SELECT max(" + column->value + ") FROM " + table_->FullName(), What()));
    return rows.empty() ? "" : rows[0][0].value_or("");
  }

  Result<std::vector<component::ObservedInput>> Observe(const ReadRequest&, const component::ObserveWish&) override {
    LEAT_ASSIGN(component::SourceTable found, Discover());
    component::ObservedInput input;
    input.columns = std::move(found.columns);
    input.primary_key = std::move(found.primary_key);
    return std::vector<component::ObservedInput>{std::move(input)};
  }

  /// Ranges of a primary key that is one whole number, of equal width.
  Result<component::TableParts> Split(const ReadRequest& request, const component::SplitAim& aim) override {
    component::TableParts parts;
    LEAT_ASSIGN(const ServerTable* table, Table());
    const ServerColumn* key = table->primary_key.size() == 1 ? table->Find(table->primary_key[0]) : nullptr;
    const bool whole = key != nullptr && (key->type->id == data::TypeId::kInt || key->type->id == data::TypeId::kLong);
    if (!whole) {
      parts.reason = "in one piece: the primary key is not one whole number";
      return parts;
    }
    LEAT_ASSIGN(const std::string condition, Condition(request, ""));
    LEAT_ASSIGN(const auto rows, leader_->Query(fmt::format("SELECT min({0}), max({0}) FROM {1}{2}", key->value,
                                                            table->FullName(), condition),
                                                What()));
    if (rows.empty() || !rows[0][0]) {
      parts.reason = "no rows";
      return parts;
    }
    const int64_t low = std::strtoll(rows[0][0].value_or("0").c_str(), nullptr, 10);
    const int64_t high = std::strtoll(rows[0][1].value_or("0").c_str(), nullptr, 10);
    parts.parts = component::CutKeyRange(key->value, low, high, table->estimated_rows.value_or(0), aim.rows_per_part);
    parts.reason = fmt::format("ranges of the primary key {} of equal width, {} parts", key->name, parts.parts.size());
    return parts;
  }

  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const ReadRequest& request,
                                                                           int count) override {
    LEAT_ASSIGN(const ServerTable* table, Table());
    auto reading = std::make_shared<Reading>();
    reading->what = What();
    reading->zero_dates_null = options_.zero_dates_null;
    reading->select = "SELECT ";
    for (const SourceColumn& wanted : request.table.columns) {
      LEAT_ASSIGN(const ServerColumn* found, FindColumn(wanted.name));
      ServerColumn column = *found;
      column.type = wanted.type;
      reading->select += (reading->columns.empty() ? "" : ", ") + column.value;
      reading->columns.push_back(std::move(column));
    }
    reading->select += " FROM " + table->FullName();
    component::TableParts parts;
    parts.parts = request.parts;
    int streams = options_.streams > 0 ? options_.streams : count;
    if (options_.one_snapshot) streams = 1;  // connections cannot share one
    if (parts.parts.empty() && streams > 1) {
      LEAT_ASSIGN(parts, Split(request, {}));
    }
    if (parts.parts.empty()) {
      LEAT_ASSIGN(std::string condition, Condition(request, ""));
      reading->conditions.push_back(std::move(condition));
    }
    for (const component::TablePart& part : parts.parts) {
      LEAT_ASSIGN(std::string condition, Condition(request, part.bounds));
      reading->conditions.push_back(std::move(condition));
    }
    streams = std::max(1, std::min(streams, static_cast<int>(reading->conditions.size())));
    if (context_.budget != nullptr && streams > 1) streams = context_.budget->Width(streams);
    std::vector<std::unique_ptr<component::ArrowStream>> made;
    for (int i = 0; i < streams; ++i) {
      std::shared_ptr<Connection> connection = leader_;
      if (i > 0) {
        LEAT_ASSIGN(connection, Connect());
      }
      LEAT_ASSIGN(component::ColumnBatch batch,
                  component::ColumnBatch::Make(component::StreamColumns(request.table.columns)));
      made.push_back(std::make_unique<MysqlStream>(reading, std::move(connection), std::move(batch), context_));
    }
    return made;
  }

  Result<std::unique_ptr<component::ArrowStream>> OpenStream(const ReadRequest& request) override {
    LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
    return std::move(streams[0]);
  }

 private:
  std::string What() const { return "table " + options_.asset; }

  Result<std::shared_ptr<Connection>> Connect() {
    LEAT_ASSIGN(std::shared_ptr<Connection> made, Connection::Open(options_.endpoint, context_));
    LEAT_TRY(made->Query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", What()));
    LEAT_TRY(made->Query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", What()));
    return made;
  }

  Result<const ServerTable*> Table() {
    if (table_ == nullptr) {
      LEAT_ASSIGN(leader_, Connect());
      LEAT_ASSIGN(ServerTable table, Describe(*leader_, options_.database, options_.table, What()));
      table_ = std::make_unique<ServerTable>(std::move(table));
    }
    return table_.get();
  }

  Result<const ServerColumn*> FindColumn(const std::string& name) {
    LEAT_ASSIGN(const ServerTable* table, Table());
    const ServerColumn* column = table->Find(name);
    if (column != nullptr) return column;
    std::vector<std::string> names;
    names.reserve(table->columns.size());
    for (const ServerColumn& one : table->columns) names.push_back(one.name);
    const std::string near = DidYouMean(name, names);
    return MakeError("SRC-278", ErrorKind::kData, "{}: '{}' has no column '{}' any more", What(), table->name, name)
        .WithHint(near.empty() ? "was it renamed or dropped? Drop it from the table too, or bring it back" : near);
  }

  /// A value of a column as SQL. A number between quotes would be compared as a double, which has 53 bits.
  Result<std::string> Literal(const ServerColumn& column, const std::string& text) const {
    if (!column.number) return leader_->Escape(text);
    if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string::npos) {
      return MakeError("SRC-278", ErrorKind::kData, "{}: the bookmark '{}' is no value of {} ({})", What(), text,
                       column.name, column.declared)
          .WithHint("was the update_key changed? Load the table whole once: `mode: full-refresh`");
    }
    return text;
  }

  Result<std::string> Condition(const ReadRequest& request, const std::string& bounds) {
    std::string condition = bounds;
    if (!request.update_key.empty()) {
      LEAT_ASSIGN(const ServerColumn* key, FindColumn(request.update_key));
      const std::pair<const char*, const std::string&> limits[] = {{" > ", request.bookmark}, {" <= ", request.upper}};
      for (const auto& [sign, text] : limits) {
        if (text.empty()) continue;
        LEAT_ASSIGN(const std::string literal, Literal(*key, text));
        condition += (condition.empty() ? "" : " AND ") + key->value + sign + literal;
      }
    }
    return condition.empty() ? "" : " WHERE " + condition;
  }

  Options options_;
  component::SourceContext context_;
  std::shared_ptr<Connection> leader_;
  std::unique_ptr<ServerTable> table_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  Options options;
  if (!connection.Text("uri").empty()) {
    auto endpoint = ParseUri(connection.Text("uri"));
    if (!endpoint.ok()) return std::move(std::move(endpoint).error()).At(connection.Where("uri"));
    options.endpoint = std::move(endpoint).value();
  }
  Endpoint& endpoint = options.endpoint;
  const std::pair<const char*, std::string*> texts[] = {
      {"host", &endpoint.host},         {"user", &endpoint.user},     {"password", &endpoint.password},
      {"database", &endpoint.database}, {"socket", &endpoint.socket}, {"tls", &endpoint.tls}};
  for (const auto& [field, text] : texts) {
    if (connection.Has(field)) *text = connection.Text(field);
  }
  if (connection.Has("port")) endpoint.port = static_cast<int>(connection.Integer("port"));
  if (!connection.Text("ca_file").empty())
    endpoint.ca_file = component::BelowProject(context.project_root, connection.Text("ca_file"));
  endpoint.connect_timeout = std::chrono::duration_cast<std::chrono::seconds>(connection.Duration("connect_timeout"));
  options.asset = table_name;
  const std::string name = table.Text("table").empty() ? table_name : table.Text("table");
  const size_t dot = name.find('.');
  options.database = dot == std::string::npos ? endpoint.database : name.substr(0, dot);
  options.table = dot == std::string::npos ? name : name.substr(dot + 1);
  options.one_snapshot = connection.Text("consistency") == "snapshot";
  options.zero_dates_null = connection.Text("zero_dates") == "null";
  options.streams = connection.Has("streams") ? static_cast<int>(connection.Integer("streams")) : 0;
  return std::unique_ptr<component::Source>(std::make_unique<MysqlSource>(std::move(options), context));
}

using config::FieldType;
using config::MakeField;
using config::SecretField;
using config::TextField;
using config::WholeField;
using config::WordField;

std::vector<config::FieldSpec> ConnectionFields() {
  return {
      TextField("uri", "Everything in one: mysql://user@host:3306/database.", "", "mysql://reader@db.example.com/shop"),
      TextField("host", "Name or address of the server."),
      MakeField("port", FieldType::kInteger, "Port of the server; default 3306."),
      TextField("socket", "The server's local socket instead of host and port."),
      TextField("database", "Database of the tables that name none."),
      TextField("user", "Name of the user, who needs no more than SELECT."),
      SecretField("password", "Password.", "${secret:SHOP_PASSWORD}"),
      WordField(
          "tls",
          "preferred: where the server has it. required: always. verify: and its certificate is checked. off: never.",
          "preferred", {"preferred", "required", "verify", "off"}),
      MakeField("ca_file", FieldType::kPath, "File with the certificates that sign the server's."),
      WordField(
          "consistency",
          "snapshot: all rows of a table are from one moment, over one connection. part: ranges of the primary key over several, each "
          "with a snapshot of its own.",
          "snapshot", {"snapshot", "part"}),
      WholeField("streams",
                 "Connections that read one table at once, with `consistency: part`; default: one for each thread.", "",
                 1, 64),
      WordField("zero_dates", "What 0000-00-00 becomes: the row is rejected, or the value is NULL.", "reject",
                {"reject", "null"}),
      MakeField("connect_timeout", FieldType::kDuration, "How long the server may take to answer a connection.",
                "10s")};
}

}  // namespace
}  // namespace leat::components::mysql

leat::component::Spec leat_source_mysql_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "mysql";
  spec.summary = "Tables and views of MySQL and MariaDB.";
  spec.description =
      "Reads a table in one consistent snapshot, row by row as the server gives it, without loss: unsigned 64-bit numbers,\n"
      "DECIMAL of any size, FLOAT with all its digits, microseconds, 0000-00-00. A value that does not fit is rejected with its row.\n"
      "`mode: incremental` with `update_key` reads rows whose key is greater than the last one seen.";
  spec.examples = {
      "connections:\n  shop: { type: mysql, host: db.example.com, database: shop, user: reader, password: \"${secret:SHOP}\" }\n",
      "source: shop\nconnection: shop\ntables:\n  - name: orders\n    mode: incremental\n    update_key: updated_at\n"
      "    primary_key: [id]\n"};
  spec.connection_fields = components::mysql::ConnectionFields();
  spec.fields = {
      config::TextField("table", "Table or view in the database (or database.table); default: the entry's name.")};
  spec.source.incremental = true;
  spec.source.splits = true;
  spec.make_source = &components::mysql::Make;
  return spec;
}
