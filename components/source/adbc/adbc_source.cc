#include "components/source/adbc/adbc_source.h"

#include <algorithm>

#include "base/nearest.h"
#include "component/key_ranges.h"
#include "component/quoted_name.h"
#include "component/row_columns.h"

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

/// A value of a short answer, without the mark of a marked column.
std::string Unmarked(const Column& column, const std::optional<std::string>& value) {
  if (!value || !column.marked) return value.value_or("");
  return value->empty() ? "" : value->substr(1);
}

}  // namespace

Status AdbcSource::Check() {
  const auto table = Table();
  return table.ok() ? Ok() : Status(table.error());
}

Result<component::SourceTable> AdbcSource::Discover() {
  LEAT_ASSIGN(const ServerTable* table, Table());
  component::SourceTable found;
  found.name = options_.asset;
  for (const Column& column : table->columns) found.columns.push_back({column.name, column.type, ""});
  found.primary_key = table->primary_key;
  return found;
}

Result<std::string> AdbcSource::Upper(const std::string& update_key) {
  LEAT_ASSIGN(const Column* column, FindColumn(update_key));
  const std::string greatest = column->Asked("MAX(" + Quoted(column->name) + ")");
  LEAT_ASSIGN(const auto rows, leader_->Query("SELECT " + greatest + " FROM " + table_->relation, What()));
  return rows.empty() ? "" : Unmarked(*column, rows[0][0]);
}

Result<std::vector<component::ObservedInput>> AdbcSource::Observe(const ReadRequest&, const component::ObserveWish&) {
  LEAT_ASSIGN(component::SourceTable found, Discover());
  component::ObservedInput input;
  input.columns = std::move(found.columns);
  input.primary_key = std::move(found.primary_key);
  return std::vector<component::ObservedInput>{std::move(input)};
}

Result<component::TableParts> AdbcSource::Split(const ReadRequest& request, const component::SplitAim& aim) {
  component::TableParts parts;
  LEAT_ASSIGN(const ServerTable* table, Table());
  const Column* key = table->primary_key.size() == 1 ? table->Find(table->primary_key[0]) : nullptr;
  if (key == nullptr || (key->type->id != data::TypeId::kInt && key->type->id != data::TypeId::kLong)) {
    parts.reason = "in one piece: the primary key is not one whole number";
    return parts;
  }
  const std::string column = Quoted(key->name);
  LEAT_ASSIGN(const std::string condition, Condition(request, ""));
  const std::string sql = "SELECT " + key->Asked("MIN(" + column + ")") + " AS leat_low, " +
                          key->Asked("MAX(" + column + ")") + " AS leat_high, COUNT(*) AS leat_rows FROM ";
  LEAT_ASSIGN(const auto rows, leader_->Query(sql + table->relation + condition, What()));
  if (rows.empty() || Unmarked(*key, rows[0][0]).empty()) {
    parts.reason = "no rows";
    return parts;
  }
  const auto number = [](const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); };
  parts.parts = component::CutKeyRange(column, number(Unmarked(*key, rows[0][0])), number(Unmarked(*key, rows[0][1])),
                                       number(rows[0][2].value_or("0")), aim.rows_per_part);
  parts.reason = fmt::format("ranges of the primary key {} of equal width, {} parts", key->name, parts.parts.size());
  return parts;
}

Result<std::vector<std::unique_ptr<component::ArrowStream>>> AdbcSource::OpenStreams(const ReadRequest& request,
                                                                                     int count) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  auto reading = std::make_shared<Reading>();
  reading->what = What();
  for (const SourceColumn& wanted : request.table.columns) {
    LEAT_ASSIGN(const Column* found, FindColumn(wanted.name));
    reading->select += (reading->columns.empty() ? "SELECT " : ", ") + found->Asked(Quoted(found->name)) + " AS " +
                       Quoted("k" + std::to_string(reading->columns.size()));
    reading->columns.push_back(*found);
    reading->columns.back().type = wanted.type;
  }
  reading->select += " FROM " + table->relation;
  component::TableParts parts;
  parts.parts = request.parts;
  int streams = std::min(count, options_.streams);
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
    made.push_back(std::make_unique<AdbcStream>(reading, std::move(connection), std::move(batch), context_));
  }
  return made;
}

Result<std::unique_ptr<component::ArrowStream>> AdbcSource::OpenStream(const ReadRequest& request) {
  LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
  return std::move(streams[0]);
}

Result<const ServerTable*> AdbcSource::Table() {
  if (table_ != nullptr) return table_.get();
  if (leader_ == nullptr) {
    LEAT_ASSIGN(leader_, Connection::Open(options_.endpoint, context_));
  }
  LEAT_ASSIGN(ServerTable table, options_.query.empty()
                                     ? DescribeTable(*leader_, SplitName(options_.table, options_.place), What())
                                     : DescribeQuery(*leader_, options_.query, What()));
  table_ = std::make_unique<ServerTable>(std::move(table));
  return table_.get();
}

Result<const Column*> AdbcSource::FindColumn(const std::string& name) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  const Column* column = table->Find(name);
  if (column != nullptr) return column;
  std::vector<std::string> names;
  names.reserve(table->columns.size());
  for (const Column& one : table->columns) names.push_back(one.name);
  const std::string near = DidYouMean(name, names);
  return MakeError("SRC-317", ErrorKind::kData, "{}: there is no column '{}' any more", What(), name)
      .WithHint(near.empty() ? "was it renamed or dropped? Drop it from the table too, or bring it back" : near);
}

Result<std::string> AdbcSource::Condition(const ReadRequest& request, const std::string& bounds) {
  std::string condition = bounds;
  if (!request.update_key.empty()) {
    LEAT_ASSIGN(const Column* key, FindColumn(request.update_key));
    const std::pair<const char*, const std::string&> limits[] = {{" > ", request.bookmark}, {" <= ", request.upper}};
    for (const auto& [sign, text] : limits) {
      if (text.empty()) continue;
      auto literal = Literal(DbmsOf(leader_->vendor()), *key, text);
      if (!literal.ok()) return std::move(std::move(literal).error()).In(What());
      condition += (condition.empty() ? "" : " AND ") + Quoted(key->name) + sign + *literal;
    }
  }
  return condition.empty() ? "" : " WHERE " + condition;
}

}  // namespace leat::components::adbc
