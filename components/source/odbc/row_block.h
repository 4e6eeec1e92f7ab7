#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "components/source/odbc/connection.h"

namespace leat::components::odbc {

/// Rows as the driver writes them into our memory, many at once (SQLBindCol with arrays), and the values that are longer than
/// the place they were given (SQLGetData): for any row of a block where the driver can, else row by row. Nothing is cut.
class RowBlock {
 public:
  /// `rows`: the most rows at once, 0: as many as fit. Long columns stand last in the statement: `order()`.
  RowBlock(const std::vector<Column>& columns, const DriverFacts& facts, int64_t rows);

  /// The columns in the order of the SELECT.
  const std::vector<size_t>& order() const { return order_; }
  int64_t rows_at_once() const { return rows_; }

  /// Before a statement is executed, and behind it.
  Status Prepare(Statement& statement);
  Status Bind(Statement& statement);
  /// The number of rows that came, 0 at the end.
  Result<int64_t> FetchNext(Statement& statement);

  /// Takes row `row` of the block: its long values are got. SRC-296 kUnsupported: one is longer than the driver said and its
  /// rest cannot be had.
  Status Take(Statement& statement, int64_t row);

  /// Values of that row. Text (UTF-8, `sound` false where it is no Unicode) and bytes hold until the next call.
  bool IsNull(size_t column) const;
  std::string_view Text(size_t column, bool& sound);
  std::string_view Bytes(size_t column) const;
  double Double(size_t column) const;
  float Float(size_t column) const;
  int64_t bytes() const { return bytes_; }  ///< of that row

 private:
  struct Place {
    Fetch fetch = Fetch::kText;
    std::string name;
    SQLUSMALLINT number = 0;  ///< in the statement, from 1
    size_t width = 0;         ///< bytes a row; 0: not bound
    std::vector<char> values;
    std::vector<SQLLEN> lengths;
    bool apart = false;  ///< this row's value is in `whole`
    std::string whole;   ///< got by SQLGetData
  };
  bool IsCut(const Place& place) const;
  Status GetWhole(Statement& statement, Place& place);

  std::vector<Place> places_;
  std::vector<size_t> order_;
  std::vector<SQLUSMALLINT> states_;
  SQLULEN fetched_ = 0;
  int64_t rows_ = 1, row_ = 0, bytes_ = 0;
  bool completes_ = false, bound_completes_ = false;
  std::string text_;
  std::vector<char> piece_;
};

}  // namespace leat::components::odbc
