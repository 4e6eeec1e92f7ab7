#include "components/source/odbc/odbc_source.h"

#include <algorithm>

#include "components/source/odbc/sql_server.h"

namespace leat::components::odbc {
namespace {

using component::ReadRequest;
using component::SourceColumn;

}  // namespace

Result<component::ServerFacts> OdbcSource::Server() {
  LEAT_TRY(Check());
  component::ServerFacts facts;
  facts.name = leader_->facts().dbms_name;
  return facts;
}

Result<component::KeyDialect> OdbcSource::ProbedDialect() {
  LEAT_TRY(Check());
  switch (leader_->facts().dbms) {
    case Dbms::kPostgres: return component::KeyDialect::kPostgres;
    case Dbms::kMySql: return component::KeyDialect::kMySql;
    default: return component::KeyDialect::kNone;
  }
}

Result<bool> OdbcSource::HasCertainText(const SourceColumn& column) {
  LEAT_ASSIGN(const Column* found, FindColumn(column.name));
  if (!component::IsReadAs(*found->type, *column.type)) return false;
  return leader_->facts().dbms != Dbms::kPostgres || component::HasPostgresText(found->type_name);
}

std::string OdbcSource::ProbedFirst(const std::string& select, int most) {
  const Dbms dbms = leader_->facts().dbms;
  if (dbms != Dbms::kOther && dbms != Dbms::kSqlServer) return StatementSource::ProbedFirst(select, most);
  return select + fmt::format(" OFFSET 0 ROWS FETCH NEXT {} ROWS ONLY", most);  // SQL Server, Oracle, DB2
}

std::string OdbcSource::ProbedSum(const std::string& expression) {
  // SQL Server's sum of an int is an int.
  if (leader_->facts().dbms != Dbms::kSqlServer) return StatementSource::ProbedSum(expression);
  return StatementSource::ProbedSum("CAST(" + expression + " AS bigint)");
}

Result<std::string> OdbcSource::ProbedColumn(const std::string& name) {
  LEAT_ASSIGN(const Column* column, FindColumn(name));
  const std::string quoted = InSql(*column);
  if (leader_->facts().dbms != Dbms::kSqlServer || !IsOldLong(column->type_name)) return quoted;
  return "CAST(" + quoted + (column->fetch == Fetch::kBinary ? " AS varbinary(max))" : " AS nvarchar(max))");
}

std::string OdbcSource::RowBehind(const std::string& select, int64_t skip) {
  const Dbms dbms = leader_->facts().dbms;
  if (dbms != Dbms::kOther && dbms != Dbms::kSqlServer) return StatementSource::RowBehind(select, skip);
  return select + fmt::format(" OFFSET {} ROWS FETCH NEXT 1 ROWS ONLY", skip);
}

/// One transaction is one connection.
int OdbcSource::MostStreams() const { return options_.endpoint.isolation.empty() ? options_.streams : 1; }

Result<std::vector<component::TextRow>> OdbcSource::LimitedRows(const std::string& sql) {
  LEAT_TRY(Check());
  return leader_->Query(sql, What(), Longest());
}

/// Most databases end it with the statement, and the next one would see another moment.
std::string OdbcSource::WhyNotAgain() const {
  return options_.endpoint.isolation.empty() ? ""
                                             : "with `isolation` all is read in one transaction, which the stop ends";
}

std::string OdbcSource::LocksView() const {
  switch (leader_->facts().dbms) {
    case Dbms::kPostgres: return "pg_locks";
    case Dbms::kMySql: return "SHOW FULL PROCESSLIST";
    case Dbms::kSqlServer: return "sys.dm_tran_locks";
    default: return "";
  }
}

component::KeyWays OdbcSource::Ways() const { return KeyWaysOf(leader_->facts().dbms, leader_->facts().dbms_name); }

Result<std::vector<std::unique_ptr<component::ArrowStream>>> OdbcSource::OpenStreams(const ReadRequest& request,
                                                                                     int count) {
  LEAT_ASSIGN(const ServerTable* table, Described());
  auto reading = std::make_shared<Reading>();
  reading->what = What();
  reading->block_rows = options_.block_rows;
  for (const SourceColumn& wanted : request.table.columns) {
    LEAT_ASSIGN(const Column* found, FindColumn(wanted.name));
    Column column = *found;
    column.type = wanted.type;
    const bool real = wanted.type->id == data::TypeId::kFloat || wanted.type->id == data::TypeId::kDouble;
    const bool binary = wanted.type->id == data::TypeId::kBinary;
    // Another type was asked for than the one that the driver has: from the text.
    if (column.fetch == Fetch::kBinary ? !binary : !real) column.fetch = binary ? column.fetch : Fetch::kText;
    reading->columns.push_back(std::move(column));
  }
  std::string& select = reading->statements.select;
  select = "SELECT ";
  const RowBlock block(reading->columns, leader_->facts(), options_.block_rows);
  for (const size_t at : block.order()) {
    const Column& column = reading->columns[at];
    select += (at == block.order().front() ? "" : ", ") + component::FilledIn(column.ask, InSql(column));
  }
  select += " FROM " + table->quoted;
  return OpenEach<OdbcStream>(request, std::min(count, MostStreams()), std::move(reading));
}

Result<std::shared_ptr<Connection>> OdbcSource::Connect() { return Connection::Open(options_.endpoint, context_); }

Result<ServerTable> OdbcSource::AskForTable() {
  if (!options_.query.empty()) return DescribeQuery(*leader_, options_.query, What());
  const bool catalogs_only = leader_->facts().catalogs && !leader_->facts().schemas;
  return Describe(*leader_, SplitName(options_.table, options_.place, catalogs_only), What());
}

Error OdbcSource::NoColumn(const ServerTable& table, const std::string& column) {
  return MakeError("SRC-295", ErrorKind::kData, "{}: {} has no column '{}' any more", What(),
                   table.name.name.empty() ? "its query" : "'" + table.name.name + "'", column);
}

std::string OdbcSource::InSql(const Column& column) { return leader_->Quote(column.name); }

std::string OdbcSource::Relation(const ServerTable& table) { return table.quoted; }

std::string OdbcSource::Asked(const Column& column, const std::string& expression) {
  return component::FilledIn(column.ask, expression);
}

Result<std::string> OdbcSource::Literal(const Column& column, const std::string& text) {
  return odbc::Literal(leader_->facts().dbms, column, text);
}

}  // namespace leat::components::odbc
