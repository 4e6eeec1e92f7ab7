#include "sql/content_hash.h"

#include <fmt/format.h>

namespace leat::sql {
namespace {

/// Text that differs whenever the value differs. Nested values as JSON: their cast to text does not quote.
std::string ValueText(const Column& column) {
  std::string name = QuoteName(column.name);
  bool nested = column.type.find('[') != std::string::npos || column.type.rfind("STRUCT", 0) == 0 ||
                column.type.rfind("MAP", 0) == 0;
  return nested ? "CAST(to_json(" + name + ") AS VARCHAR)" : "CAST(" + name + " AS VARCHAR)";
}

}  // namespace

std::string ContentHashSql(const std::string& relation, const std::vector<Column>& columns,
                           const std::set<std::string>& excluded) {
  std::string row = "''";
  for (const Column& column : columns) {
    if (excluded.count(column.name) > 0) continue;
    std::string text = ValueText(column);
    row += fmt::format(" || {} || coalesce(strlen({}) || ':' || {}, 'null')",
                       QuoteLiteral(column.name + ":" + column.type + "="), text, text);
  }
  // The sum of 128-bit numbers from the sums of their halves, with the carry of the lower one.
  return fmt::format(
      "SELECT n, printf('%016x%016x', ((high + (low >> 64)) % 18446744073709551616)::UBIGINT, "
      "(low % 18446744073709551616)::UBIGINT) FROM (SELECT count(*) AS n, "
      "coalesce(sum(md5_number_lower(r)), 0)::HUGEINT AS low, "
      "coalesce(sum(md5_number_upper(r)), 0)::HUGEINT AS high FROM (SELECT {} AS r FROM {}))",
      row, relation);
}

ContentHashed ReadContentHash(const TextRows& rows) {
  return {std::stoll(rows.At(0, 0).value_or("0")), rows.At(0, 1).value_or("")};
}

}  // namespace leat::sql
