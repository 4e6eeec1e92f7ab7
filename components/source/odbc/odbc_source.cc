#include "components/source/odbc/odbc_source.h"

#include <algorithm>

#include "base/nearest.h"
#include "component/key_ranges.h"
#include "component/row_columns.h"

namespace leat::components::odbc {
namespace {

using component::ReadRequest;
using component::SourceColumn;

bool IsWhole(const Column* column) {
  return column != nullptr && column->number &&
         (column->type->id == data::TypeId::kInt || column->type->id == data::TypeId::kLong);
}

}  // namespace

Status OdbcSource::Check() { return Table().ok() ? Ok() : Status(Table().error()); }

Result<component::SourceTable> OdbcSource::Discover() {
  LEAT_ASSIGN(const ServerTable* table, Table());
  component::SourceTable found;
  found.name = options_.asset;
  for (const Column& column : table->columns) found.columns.push_back({column.name, column.type, ""});
  found.primary_key = table->primary_key;
  found.estimated_rows = table->estimated_rows;
  return found;
}

Result<std::string> OdbcSource::Upper(const std::string& update_key) {
  LEAT_ASSIGN(const Column* column, FindColumn(update_key));
  const std::string greatest = column->Asked("MAX(" + leader_->Quote(column->name) + ")");
  LEAT_ASSIGN(const auto rows, leader_->Query("SELECT " + greatest + " FROM " + table_->quoted, What()));
  return rows.empty() ? "" : rows[0][0].value_or("");
}

Result<std::vector<component::ObservedInput>> OdbcSource::Observe(const ReadRequest&, const component::ObserveWish&) {
  LEAT_ASSIGN(component::SourceTable found, Discover());
  component::ObservedInput input;
  input.columns = std::move(found.columns);
  input.primary_key = std::move(found.primary_key);
  return std::vector<component::ObservedInput>{std::move(input)};
}

Result<component::TableParts> OdbcSource::Split(const ReadRequest& request, const component::SplitAim& aim) {
  component::TableParts parts;
  LEAT_ASSIGN(const ServerTable* table, Table());
  const Column* key = table->primary_key.size() == 1 ? table->Find(table->primary_key[0]) : nullptr;
  if (!IsWhole(key)) {
    parts.reason = "in one piece: the primary key is not one whole number";
    return parts;
  }
  const std::string column = leader_->Quote(key->name);
  LEAT_ASSIGN(const std::string condition, Condition(request, ""));
  std::string sql = "SELECT MIN(" + column + "), MAX(" + column + ")";
  if (!table->estimated_rows) sql += ", COUNT(*)";
  LEAT_ASSIGN(const auto rows, leader_->Query(sql + " FROM " + table->quoted + condition, What()));
  if (rows.empty() || !rows[0][0] || !rows[0][1]) {
    parts.reason = "no rows";
    return parts;
  }
  const auto number = [&](size_t at) { return std::strtoll(rows[0][at].value_or("0").c_str(), nullptr, 10); };
  const int64_t low = number(0), high = number(1);
  const int64_t count = table->estimated_rows ? *table->estimated_rows : number(2);
  parts.parts = component::CutKeyRange(column, low, high, count, aim.rows_per_part);
  parts.reason = fmt::format("ranges of the primary key {} of equal width, {} parts", key->name, parts.parts.size());
  return parts;
}

Result<std::vector<std::unique_ptr<component::ArrowStream>>> OdbcSource::OpenStreams(const ReadRequest& request,
                                                                                     int count) {
  LEAT_ASSIGN(const ServerTable* table, Table());
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
  reading->select = "SELECT ";
  const RowBlock block(reading->columns, leader_->facts(), options_.block_rows);
  for (const size_t at : block.order()) {
    const Column& column = reading->columns[at];
    reading->select += (at == block.order().front() ? "" : ", ") + column.Asked(leader_->Quote(column.name));
  }
  reading->select += " FROM " + table->quoted;
  component::TableParts parts;
  parts.parts = request.parts;
  int streams = std::min(count, options_.streams);
  if (!options_.endpoint.isolation.empty()) streams = 1;  // one transaction is one connection
  if (parts.parts.empty() && streams > 1) {
    LEAT_ASSIGN(parts, Split(request, {}));
  }
  if (parts.parts.empty()) parts.parts.emplace_back();
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
      LEAT_ASSIGN(connection, Connection::Open(options_.endpoint, context_));
    }
    LEAT_ASSIGN(component::ColumnBatch batch,
                component::ColumnBatch::Make(component::StreamColumns(request.table.columns)));
    made.push_back(std::make_unique<OdbcStream>(reading, std::move(connection), std::move(batch), context_));
  }
  return made;
}

Result<std::unique_ptr<component::ArrowStream>> OdbcSource::OpenStream(const ReadRequest& request) {
  LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
  return std::move(streams[0]);
}

Result<const ServerTable*> OdbcSource::Table() {
  if (table_ == nullptr) {
    LEAT_ASSIGN(leader_, Connection::Open(options_.endpoint, context_));
    const bool catalogs_only = leader_->facts().catalogs && !leader_->facts().schemas;
    LEAT_ASSIGN(ServerTable table,
                Describe(*leader_, SplitName(options_.table, options_.place, catalogs_only), What()));
    table_ = std::make_unique<ServerTable>(std::move(table));
  }
  return table_.get();
}

Result<const Column*> OdbcSource::FindColumn(const std::string& name) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  const Column* column = table->Find(name);
  if (column != nullptr) return column;
  std::vector<std::string> names;
  names.reserve(table->columns.size());
  for (const Column& one : table->columns) names.push_back(one.name);
  const std::string near = DidYouMean(name, names);
  return MakeError("SRC-295", ErrorKind::kData, "{}: '{}' has no column '{}' any more", What(), table->name.name, name)
      .WithHint(near.empty() ? "was it renamed or dropped? Drop it from the table too, or bring it back" : near);
}

Result<std::string> OdbcSource::Condition(const ReadRequest& request, const std::string& bounds) {
  std::string condition = bounds;
  if (!request.update_key.empty()) {
    LEAT_ASSIGN(const Column* key, FindColumn(request.update_key));
    const std::pair<const char*, const std::string&> limits[] = {{" > ", request.bookmark}, {" <= ", request.upper}};
    for (const auto& [sign, text] : limits) {
      if (text.empty()) continue;
      auto literal = Literal(leader_->facts().dbms, *key, text);
      if (!literal.ok()) return std::move(std::move(literal).error()).In(What());
      condition += (condition.empty() ? "" : " AND ") + leader_->Quote(key->name) + sign + *literal;
    }
  }
  return condition.empty() ? "" : " WHERE " + condition;
}

}  // namespace leat::components::odbc
