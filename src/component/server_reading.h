#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/observed_input.h"
#include "component/source.h"

namespace leat::component {

/// A row of a short answer as texts, none for NULL.
using TextRow = std::vector<std::optional<std::string>>;

/// `ask` with `column` in the place of each {0}.
std::string FilledIn(std::string_view ask, std::string_view column);

template <typename Column>
std::vector<std::string> NamesOf(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

/// The column of that name; null: there is none.
template <typename Column>
const Column* FindNamed(const std::vector<Column>& columns, std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& one) { return one.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

/// What to do about a column that `names`, those of the source now, no longer have.
std::string GoneColumnHint(const std::string& name, const std::vector<std::string>& names);

bool IsWholeNumber(const data::Type& type);
/// True when a column whose type is `found` now gives the values of the type that it is registered with.
bool IsReadAs(const data::Type& found, const data::Type& registered);

/// A table as a server describes it. A `Column` has at least a name and the lake's type.
template <typename Column>
struct DescribedTable {
  using ColumnType = Column;
  std::vector<Column> columns;
  std::vector<std::string> primary_key;
  std::optional<int64_t> estimated_rows;

  const Column* Find(std::string_view name) const { return FindNamed(columns, name); }
  /// The primary key where it is one whole number, else null.
  const Column* WholeKey() const {
    const Column* key = primary_key.size() == 1 ? Find(primary_key[0]) : nullptr;
    return key != nullptr && IsWholeNumber(*key->type) ? key : nullptr;
  }
  SourceTable AsSourceTable(const std::string& name) const {
    SourceTable table;
    table.name = name;
    for (const Column& column : columns) table.columns.push_back({column.name, column.type, ""});
    table.primary_key = primary_key;
    table.estimated_rows = estimated_rows;
    return table;
  }
};

/// Columns and key of a table that is one input.
std::vector<ObservedInput> Observed(SourceTable table);

/// True for what may stand in SQL as a number, without quotes: between quotes a server may compare it as a double.
bool IsNumberText(std::string_view text);
/// `code`, kData: the bookmark `text` is no value of the column, whose type the server calls `declared`.
Error NoValueOf(const char* code, const std::string& text, const std::string& column, const std::string& declared);

/// The conditions of one part (`bounds`; "": everything) and of the request's bookmark and upper end, or "". `key`: the update key in SQL; `literal`: one of its values in SQL, and the only thing that can fail.
Result<std::string> RequestCondition(const ReadRequest& request, const std::string& bounds, const std::string& key,
                                     const std::function<Result<std::string>(const std::string& text)>& literal);
/// The same as " WHERE …", or "".
Result<std::string> WhereClause(const ReadRequest& request, const std::string& bounds, const std::string& key,
                                const std::function<Result<std::string>(const std::string& text)>& literal);

/// Least and greatest value of a key among the rows that are asked for ("": there are none), and how many these are about.
struct KeyEnds {
  std::string low, high;
  int64_t rows = 0;
};

}  // namespace leat::component
