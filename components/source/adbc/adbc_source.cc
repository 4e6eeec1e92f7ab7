#include "components/source/adbc/adbc_source.h"

#include <algorithm>

#include "component/quoted_name.h"

namespace leat::components::adbc {
namespace {

using component::ReadRequest;
using component::SourceColumn;

TableName SplitName(const std::string& text, const TableName& defaults) {
  const std::vector<std::string> parts = component::SplitQuotedName(text, 3);
  TableName name = defaults;
  name.name = parts.back();
  if (parts.size() > 1) name.schema = parts[parts.size() - 2];
  if (parts.size() > 2) name.catalog = parts[0];
  return name;
}

}  // namespace

Result<component::ServerFacts> AdbcSource::Server() {
  LEAT_TRY(Check());
  component::ServerFacts facts;
  facts.name = leader_->vendor();
  return facts;
}

/// Of others it is not known that they have an index of the key: each bound would be a sort of the table.
component::KeyWays AdbcSource::Ways() const {
  using component::KeyHash;
  switch (DbmsOf(leader_->vendor())) {
    case Dbms::kPostgres: return {true, false, false, KeyHash::kHashText};
    case Dbms::kSqlite: return {true, false, true, KeyHash::kNone};
    default: return {false, true, true, KeyHash::kNone};
  }
}

Result<std::vector<std::unique_ptr<component::ArrowStream>>> AdbcSource::OpenStreams(const ReadRequest& request,
                                                                                     int count) {
  LEAT_ASSIGN(const ServerTable* table, Described());
  auto reading = std::make_shared<Reading>();
  reading->what = What();
  std::string& select = reading->statements.select;
  for (const SourceColumn& wanted : request.table.columns) {
    LEAT_ASSIGN(const Column* found, FindColumn(wanted.name));
    select += (reading->columns.empty() ? "SELECT " : ", ") + component::FilledIn(found->ask, InSql(*found)) + " AS " +
              Quoted("k" + std::to_string(reading->columns.size()));
    reading->columns.push_back(*found);
    reading->columns.back().type = wanted.type;
  }
  select += " FROM " + table->relation;
  return OpenEach<AdbcStream>(request, std::min(count, MostStreams()), std::move(reading));
}

Result<std::shared_ptr<Connection>> AdbcSource::Connect() { return Connection::Open(options_.endpoint, context_); }

Result<ServerTable> AdbcSource::AskForTable() {
  return options_.query.empty() ? DescribeTable(*leader_, SplitName(options_.table, options_.place), What())
                                : DescribeQuery(*leader_, options_.query, What());
}

Error AdbcSource::NoColumn(const ServerTable&, const std::string& column) {
  return MakeError("SRC-317", ErrorKind::kData, "{}: there is no column '{}' any more", What(), column);
}

Result<component::KeyDialect> AdbcSource::ProbedDialect() {
  LEAT_TRY(Check());
  const bool postgres = DbmsOf(leader_->vendor()) == Dbms::kPostgres;
  return postgres ? component::KeyDialect::kPostgres : component::KeyDialect::kNone;
}

Result<bool> AdbcSource::HasCertainText(const component::SourceColumn& column) {
  LEAT_ASSIGN(const Column* found, FindColumn(column.name));
  return component::HasPostgresText(found->type_name) && component::IsReadAs(*found->type, *column.type);
}

std::string AdbcSource::InSql(const Column& column) { return Quoted(column.name); }

std::string AdbcSource::Relation(const ServerTable& table) { return table.relation; }

std::string AdbcSource::Asked(const Column& column, const std::string& expression) {
  return component::FilledIn(column.ask, expression);
}

/// Without the mark of a marked column.
std::string AdbcSource::ValueOf(const Column& column, const std::string& text) {
  return column.marked && !text.empty() ? text.substr(1) : text;
}

Result<std::string> AdbcSource::Literal(const Column& column, const std::string& text) {
  return adbc::Literal(DbmsOf(leader_->vendor()), column, text);
}

}  // namespace leat::components::adbc
