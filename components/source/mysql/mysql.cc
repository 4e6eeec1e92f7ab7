#include <algorithm>

#include "base/json_quoted.h"
#include "component/input_files.h"
#include "component/row_columns.h"
#include "component/spec.h"
#include "component/statement_source.h"
#include "component/text_cell.h"
#include "components/source/mysql/server_table.h"
#include "components/source/mysql/server_facts.h"
#include "components/source/mysql/table_list.h"
#include "config/field_builders.h"

namespace leat::components::mysql {
namespace {

using component::ReadRequest;
using component::SourceColumn;

constexpr int kMostStreams = 64;

struct Options {
  Endpoint endpoint;
  std::string database, table, asset;
  component::TableQuery query;  ///< instead of a table
  bool one_snapshot = true, zero_dates_null = false;
  int streams = 0;
};

struct Reading : component::StatementReading<ServerColumn> {
  bool zero_dates_null = false;
};

class MysqlStream : public component::StatementStream {
 public:
  MysqlStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, component::ColumnBatch batch,
              const component::SourceContext& context)
      : StatementStream(reading, std::move(batch), context),
        reading_(std::move(reading)),
        connection_(std::move(connection)) {}

 protected:
  Status Begin(const std::string& sql) override { return connection_->Start(Limited(sql), reading_->what); }

  Result<bool> PutRow(int64_t row, int64_t& bytes) override {
    char** values = nullptr;
    unsigned long* lengths = nullptr;
    LEAT_ASSIGN(const bool more, connection_->Next(values, lengths));
    if (more) bytes = Put(row, values, lengths);
    return more;
  }

  void Drop() override { connection_->Drop(); }

  Result<std::vector<component::TextRow>> Ask(const std::string& sql) override {
    return connection_->Query(Limited(sql), reading_->what);
  }

 private:
  std::string Limited(const std::string& select) const {
    return component::MySqlLimited(connection_->version(), select, longest());
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
      const bool good = column.instant ? component::PutUtcText(batch_, i, row, *column.type, text)
                                       : component::PutText(batch_, i, row, *column.type, text);
      if (!good && bad.empty()) bad = component::RefusedCell(column.name, text, column.declared, *column.type);
    }
    component::PutVerdict(batch_, width, row, bad, bad.empty() ? "" : RowAsJson(values, lengths));
    return bytes;
  }

  std::string RowAsJson(char** values, const unsigned long* lengths) const {
    std::string json = "{";
    for (size_t i = 0; i < reading_->columns.size(); ++i) {
      const ServerColumn& column = reading_->columns[i];
      json += (i == 0 ? "" : ", ") + JsonQuoted(column.name) + ": ";
      if (values[i] == nullptr) {
        json += "null";
      } else {
        const std::string_view text(values[i], lengths[i]);
        json += JsonQuoted(column.binary ? component::HexText(text) : text);
      }
    }
    return json + "}";
  }

  std::shared_ptr<Reading> reading_;
  std::shared_ptr<Connection> connection_;
};

/// One table. Its first connection keeps one snapshot from the first question to the end of its stream.
class MysqlSource : public component::StatementSource<ServerTable, Connection> {
 public:
  MysqlSource(Options options, component::SourceContext context)
      : StatementSource(options.asset, std::move(context)), options_(std::move(options)) {}

  void LimitStatements(std::chrono::milliseconds longest) override { longest_ = longest; }

  Result<component::ServerFacts> Server() override {
    LEAT_TRY(Check());
    return ReadServerFacts(*leader_);
  }

  Result<std::optional<component::WriteCounters>> Writes() override {
    LEAT_ASSIGN(const ServerTable* table, Described());
    return ReadWriteCounters(*leader_, table->database, table->name);
  }

  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const ReadRequest& request,
                                                                           int count) override {
    LEAT_ASSIGN(const ServerTable* table, Described());
    auto reading = std::make_shared<Reading>();
    reading->what = What();
    reading->zero_dates_null = options_.zero_dates_null;
    std::string& select = reading->statements.select;
    select = "SELECT ";
    for (const SourceColumn& wanted : request.table.columns) {
      LEAT_ASSIGN(const ServerColumn* found, FindColumn(wanted.name));
      ServerColumn column = *found;
      column.type = wanted.type;
      select += (reading->columns.empty() ? "" : ", ") + column.value;
      reading->columns.push_back(std::move(column));
    }
    select += " FROM " + table->FullName();
    const int streams = options_.streams > 0 ? options_.streams : count;
    return OpenEach<MysqlStream>(request, std::min(streams, MostStreams()), std::move(reading));
  }

 protected:
  Result<std::shared_ptr<Connection>> Connect() override {
    LEAT_ASSIGN(std::shared_ptr<Connection> made, Connection::Open(options_.endpoint, context_));
    if (longest_.count() > 0) LEAT_TRY(LimitEach(*made, longest_));
    LEAT_TRY(made->Query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", What()));
    LEAT_TRY(made->Query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", What()));
    return made;
  }

  Result<ServerTable> AskForTable() override {
    if (!options_.query.empty()) return DescribeQuery(*leader_, options_.query, What());
    return Describe(*leader_, options_.database, options_.table, What());
  }

  Error NoColumn(const ServerTable& table, const std::string& column) override {
    return MakeError("SRC-278", ErrorKind::kData, "{}: {} has no column '{}' any more", What(), table.Shown(), column);
  }

  std::string InSql(const ServerColumn& column) override { return column.value; }
  std::string Relation(const ServerTable& table) override { return table.FullName(); }

  Result<component::KeyDialect> ProbedDialect() override { return component::KeyDialect::kMySql; }

  Result<bool> HasCertainText(const SourceColumn& column) override {
    LEAT_ASSIGN(const ServerColumn* found, FindColumn(column.name));
    return component::IsReadAs(*found->type, *column.type) && IsPlain(*found);
  }

  /// A number between quotes would be compared as a double, which has 53 bits. A plain value is quoted without asking the connection: streams do.
  Result<std::string> Literal(const ServerColumn& column, const std::string& text) override {
    if (component::IsPlainValue(*column.type, text)) return column.number ? text : "'" + text + "'";
    if (!column.number) return leader_->Escape(text);
    if (!component::IsNumberText(text)) return component::NoValueOf("SRC-278", text, column.name, column.declared);
    return text;
  }

  /// Connections cannot share a snapshot.
  int MostStreams() const override {
    return options_.one_snapshot ? 1 : options_.streams > 0 ? options_.streams : kMostStreams;
  }
  bool EndsStatements() const override { return true; }
  Result<std::vector<component::TextRow>> LimitedRows(const std::string& sql) override {
    LEAT_TRY(Check());
    return leader_->Query(component::MySqlLimited(leader_->version(), sql, Longest()), What());
  }
  std::string LocksView() const override { return "SHOW FULL PROCESSLIST"; }
  component::KeyWays Ways() const override { return {true, false, false, component::KeyHash::kCrc32}; }

 private:
  const Options options_;
  std::chrono::milliseconds longest_{};  ///< of a statement, 0: as the server has it
};

Result<Endpoint> EndpointOf(const config::Values& connection, const component::SourceContext& context) {
  Endpoint endpoint;
  if (!connection.Text("uri").empty()) {
    auto parsed = ParseUri(connection.Text("uri"));
    if (!parsed.ok()) return std::move(std::move(parsed).error()).At(connection.Where("uri"));
    endpoint = std::move(parsed).value();
  }
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
  return endpoint;
}

Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context) {
  LEAT_ASSIGN(const Endpoint endpoint, EndpointOf(connection, context));
  LEAT_ASSIGN(const auto server, Connection::Open(endpoint, context));
  return ReadTableList(*server, endpoint.database);
}

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  Options options;
  LEAT_ASSIGN(options.endpoint, EndpointOf(connection, context));
  options.asset = table_name;
  LEAT_ASSIGN(options.query, component::ReadTableQuery(table, table_name));
  LEAT_TRY(component::CheckQuery(options.query, {.backslashes = true, .backticks = true}, "table " + table_name));
  const std::string name = table.Text("table").empty() ? table_name : table.Text("table");
  const size_t dot = name.find('.');
  options.database = dot == std::string::npos ? options.endpoint.database : name.substr(0, dot);
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
          "snapshot: all rows of a table are from one moment, over one connection. part: parts of it by its primary key over several, "
          "each with a snapshot of its own.",
          "snapshot", {"snapshot", "part"}),
      WholeField("streams",
                 "Connections that read one table at once, with `consistency: part`; default: one for each thread.", "",
                 1, kMostStreams),
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
  spec.summary = "Tables, views and queries of MySQL and MariaDB.";
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
      config::TextField("table", "Table or view in the database (or database.table); default: the entry's name."),
      component::QueryField()};
  spec.source.incremental = true;
  spec.source.ranges = true;
  spec.source.splits = true;
  spec.make_source = &components::mysql::Make;
  spec.list_tables = &components::mysql::List;
  return spec;
}
