#include "components/source/odbc/row_block.h"

#include <algorithm>
#include <cstring>

#include "component/column_batch.h"
#include "components/source/odbc/wide_text.h"

namespace leat::components::odbc {
namespace {

constexpr size_t kBlockBytes = 4UL << 20;
constexpr size_t kPieceBytes = 256UL << 10;
constexpr int64_t kShort = 256;           ///< characters of a long value that come with the block
constexpr int64_t kLongestBound = 4'000;  ///< characters that are bound whole where the rest could not be had
constexpr size_t kNumberUnits = 64, kDecimalUnits = 160;

SQLPOINTER AsPointer(SQLULEN number) {
  return reinterpret_cast<SQLPOINTER>(number);  // NOLINT(performance-no-int-to-ptr): how ODBC passes numbers
}

SQLSMALLINT CType(Fetch fetch) {
  switch (fetch) {
    case Fetch::kBinary: return SQL_C_BINARY;
    case Fetch::kDouble: return SQL_C_DOUBLE;
    case Fetch::kFloat: return SQL_C_FLOAT;
    default: return SQL_C_WCHAR;
  }
}

/// Bytes for one value. A character may take two units of UTF-16; one more ends the text.
size_t WidthOf(const Column& column, int64_t characters) {
  switch (column.fetch) {
    case Fetch::kDouble: return sizeof(double);
    case Fetch::kFloat: return sizeof(float);
    case Fetch::kBinary: return static_cast<size_t>(std::max<int64_t>(characters, 1));
    default: break;
  }
  if (column.is_long()) return (static_cast<size_t>(characters) * 2 + 1) * sizeof(char16_t);
  return (column.type->id == data::TypeId::kDecimal ? kDecimalUnits : kNumberUnits) * sizeof(char16_t);
}

}  // namespace

RowBlock::RowBlock(const std::vector<Column>& columns, const DriverFacts& facts, int64_t rows)
    : completes_(facts.completes_blocks()), bound_completes_((facts.get_data & SQL_GD_BOUND) != 0) {
  // SQLite holds nobody to a declared size.
  const bool sizes_hold = facts.dbms != Dbms::kSqlite;
  const bool unsure = std::any_of(columns.begin(), columns.end(), [&](const Column& column) {
    return column.is_long() && (column.read_size <= 0 || column.read_size > kLongestBound || !sizes_hold);
  });
  const bool by_row = rows == 1 || (!completes_ && unsure);
  size_t row_bytes = 1;  // never none
  places_.resize(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    const Column& column = columns[i];
    Place& place = places_[i];
    place.fetch = column.fetch;
    place.name = column.name;
    int64_t characters = column.read_size > 0 ? column.read_size : kShort;
    if (completes_) characters = std::min(characters, kShort);
    if (!(by_row && column.is_long())) place.width = WidthOf(column, characters);
    row_bytes += place.width + sizeof(SQLLEN);
  }
  for (const bool last : {false, true}) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].is_long() != last) continue;
      order_.push_back(i);
      places_[i].number = static_cast<SQLUSMALLINT>(order_.size());
    }
  }
  constexpr int64_t kMost = component::ColumnBatch::kRows;
  rows_ = by_row ? 1
                 : std::clamp<int64_t>(static_cast<int64_t>(kBlockBytes / row_bytes), 1,
                                       rows > 0 ? std::min(rows, kMost) : kMost);
  for (Place& place : places_) {
    place.values.resize(place.width * static_cast<size_t>(rows_));
    place.lengths.resize(static_cast<size_t>(rows_));
  }
  states_.resize(static_cast<size_t>(rows_));
}

Status RowBlock::Prepare(Statement& statement) {
  const DriverManager& odbc = statement.odbc();
  const std::pair<SQLINTEGER, SQLPOINTER> attributes[] = {
      {SQL_ATTR_ROW_BIND_TYPE, AsPointer(SQL_BIND_BY_COLUMN)},
      {SQL_ATTR_ROW_ARRAY_SIZE, AsPointer(static_cast<SQLULEN>(rows_))},
      {SQL_ATTR_ROWS_FETCHED_PTR, &fetched_},
      {SQL_ATTR_ROW_STATUS_PTR, states_.data()}};
  for (const auto& [attribute, value] : attributes) {
    if (!SQL_SUCCEEDED(odbc.SetStmtAttr(statement.handle(), attribute, value, 0))) return statement.Failed();
  }
  return Ok();
}

Status RowBlock::Bind(Statement& statement) {
  for (Place& place : places_) {
    if (place.width == 0) continue;
    if (!SQL_SUCCEEDED(statement.odbc().BindCol(statement.handle(), place.number, CType(place.fetch),
                                                place.values.data(), static_cast<SQLLEN>(place.width),
                                                place.lengths.data())))
      return statement.Failed();
  }
  return Ok();
}

Result<int64_t> RowBlock::FetchNext(Statement& statement) {
  fetched_ = 0;
  const SQLRETURN outcome = statement.odbc().Fetch(statement.handle());
  if (outcome == SQL_NO_DATA) return 0;
  if (!SQL_SUCCEEDED(outcome)) return statement.Failed();
  if (outcome == SQL_SUCCESS_WITH_INFO) LEAT_TRY(statement.NoError());
  for (SQLULEN row = 0; row < fetched_; ++row) {
    if (states_[row] == SQL_ROW_ERROR) return statement.Failed();
  }
  return static_cast<int64_t>(fetched_);
}

bool RowBlock::IsCut(const Place& place) const {
  const SQLLEN length = place.lengths[static_cast<size_t>(row_)];
  if (length == SQL_NULL_DATA || place.fetch == Fetch::kDouble || place.fetch == Fetch::kFloat) return false;
  const size_t room = place.width - (place.fetch == Fetch::kText ? sizeof(char16_t) : 0);
  return length == SQL_NO_TOTAL || static_cast<size_t>(length) > room;
}

Status RowBlock::Take(Statement& statement, int64_t row) {
  row_ = row;
  bytes_ = 0;
  bool there = rows_ == 1;
  for (const size_t at : order_) {
    Place& place = places_[at];
    place.apart = place.width == 0;
    if (place.width > 0 && IsCut(place)) {
      if (!(there ? bound_completes_ : completes_)) {
        return MakeError("SRC-296", ErrorKind::kUnsupported,
                         "a value of '{}' is longer than the driver said, and it does not give the rest", place.name)
            .WithHint("set `block_rows: 1` of the connection: long values are then got piece by piece");
      }
      if (!there) {
        const auto number = static_cast<SQLSETPOSIROW>(row + 1);
        if (!SQL_SUCCEEDED(statement.odbc().SetPos(statement.handle(), number, SQL_POSITION, SQL_LOCK_NO_CHANGE)))
          return statement.Failed();
        there = true;
      }
      place.apart = true;
    }
    if (place.apart) {
      LEAT_TRY(GetWhole(statement, place));
      bytes_ += static_cast<int64_t>(place.whole.size());
    } else {
      bytes_ += std::max<SQLLEN>(place.lengths[static_cast<size_t>(row)], 0);
    }
  }
  return Ok();
}

Status RowBlock::GetWhole(Statement& statement, Place& place) {
  place.whole.clear();
  piece_.resize(kPieceBytes);
  const size_t room = kPieceBytes - (place.fetch == Fetch::kText ? sizeof(char16_t) : 0);
  SQLLEN& length = place.lengths[static_cast<size_t>(row_)];
  for (bool first = true;; first = false) {
    SQLLEN bytes = 0;
    const SQLRETURN outcome = statement.odbc().GetData(statement.handle(), place.number, CType(place.fetch),
                                                       piece_.data(), static_cast<SQLLEN>(kPieceBytes), &bytes);
    if (outcome == SQL_NO_DATA && !first) break;
    if (!SQL_SUCCEEDED(outcome)) return statement.Failed();
    if (bytes == SQL_NULL_DATA) {
      length = SQL_NULL_DATA;
      return Ok();
    }
    const bool more = bytes == SQL_NO_TOTAL || static_cast<size_t>(bytes) > room;
    place.whole.append(piece_.data(), more ? room : static_cast<size_t>(bytes));
    if (!more) break;
  }
  length = static_cast<SQLLEN>(place.whole.size());
  return Ok();
}

bool RowBlock::IsNull(size_t column) const {
  return places_[column].lengths[static_cast<size_t>(row_)] == SQL_NULL_DATA;
}

std::string_view RowBlock::Bytes(size_t column) const {
  const Place& place = places_[column];
  if (place.apart) return place.whole;
  const auto row = static_cast<size_t>(row_);
  return {place.values.data() + row * place.width, static_cast<size_t>(place.lengths[row])};
}

std::string_view RowBlock::Text(size_t column, bool& sound) {
  const std::string_view bytes = Bytes(column);
  text_.clear();
  sound = AppendUtf8({reinterpret_cast<const char16_t*>(bytes.data()), bytes.size() / sizeof(char16_t)}, text_);
  return text_;
}

double RowBlock::Double(size_t column) const {
  double value = 0;
  std::memcpy(&value, places_[column].values.data() + static_cast<size_t>(row_) * sizeof value, sizeof value);
  return value;
}

float RowBlock::Float(size_t column) const {
  float value = 0;
  std::memcpy(&value, places_[column].values.data() + static_cast<size_t>(row_) * sizeof value, sizeof value);
  return value;
}

}  // namespace leat::components::odbc
