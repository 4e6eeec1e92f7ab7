#include "components/source/odbc/odbc_stream.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "base/json_quoted.h"
#include "component/row_columns.h"
#include "component/text_cell.h"
#include "components/source/odbc/sql_server.h"

namespace leat::components::odbc {
namespace {

using data::TypeId;

bool IsMomentType(const data::Type& type) {
  return type.id == TypeId::kDate || type.id == TypeId::kTimestamp || type.id == TypeId::kTimestampTz;
}

/// SQLite's driver writes a double with 21 digits, of which the last ones are not its own: the shortest text that is this double.
bool ShortReal(std::string_view text, std::string& shortest) {
  constexpr size_t kLonger = std::numeric_limits<double>::max_digits10 + 4;  // sign, point, exponent
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.size() <= kLonger || failure != std::errc() || end != text.data() + text.size()) return false;
  shortest = fmt::format("{}", value);
  return true;
}

}  // namespace

OdbcStream::OdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection,
                       component::ColumnBatch batch, const component::SourceContext& context)
    : StatementStream(reading, std::move(batch), context),
      reading_(std::move(reading)),
      connection_(std::move(connection)),
      block_(reading_->columns, connection_->facts(), reading_->block_rows) {}

Status OdbcStream::Begin(const std::string& sql) {
  at_ = in_block_ = 0;
  LEAT_ASSIGN(statement_, connection_->Prepare(reading_->what));
  LEAT_TRY(block_.Prepare(*statement_));
  LEAT_TRY(statement_->Limit(longest()));
  LEAT_TRY(statement_->Execute(sql));
  return block_.Bind(*statement_);
}

Result<bool> OdbcStream::PutRow(int64_t row, int64_t& bytes) {
  if (at_ == in_block_) {
    at_ = 0;
    LEAT_ASSIGN(in_block_, block_.FetchNext(*statement_));
    if (in_block_ == 0) {
      Drop();
      return false;
    }
  }
  LEAT_TRY(block_.Take(*statement_, at_++));
  Put(row);
  bytes = block_.bytes();
  return true;
}

void OdbcStream::Drop() { statement_.reset(); }

Result<std::vector<component::TextRow>> OdbcStream::Ask(const std::string& sql) {
  return connection_->Query(sql, reading_->what, longest());
}

void OdbcStream::Put(int64_t row) {
  const size_t width = reading_->columns.size();
  std::string bad;
  for (size_t i = 0; i < width; ++i) {
    const Column& column = reading_->columns[i];
    std::string found;
    if (block_.IsNull(i)) {
      component::PutNull(batch_, i, row, *column.type);
    } else if (!PutValue(i, row, found) && bad.empty()) {
      bad = component::RefusedCell(column.name, found, column.type_name, *column.type);
    }
  }
  component::PutVerdict(batch_, width, row, bad, bad.empty() ? "" : RowAsJson());
}

/// False where the value is not exactly one of the type: NULL stands there then, and `found` is what there was.
bool OdbcStream::PutValue(size_t i, int64_t row, std::string& found) {
  const Column& column = reading_->columns[i];
  switch (column.fetch) {
    case Fetch::kDouble: {
      const double value = block_.Double(i);
      if (component::PutReal(batch_, i, row, *column.type, value)) return true;
      found = std::to_string(value);
      return false;
    }
    case Fetch::kFloat: return component::PutReal(batch_, i, row, *column.type, block_.Float(i));
    case Fetch::kBinary: batch_.AppendText(i, block_.Bytes(i)); return true;
    default: break;
  }
  bool sound = true;
  std::string_view text = block_.Text(i, sound);
  std::string iso;
  if (connection_->facts().dbms == Dbms::kSqlServer && IsMomentType(*column.type)) text = iso = SqlServerIso(text);
  if (column.type->id == TypeId::kBoolean) text = text == "0" ? "false" : text == "1" ? "true" : text;
  std::string real;
  const bool sqlite_real = column.type->id == TypeId::kDouble && connection_->facts().dbms == Dbms::kSqlite;
  if (sqlite_real && ShortReal(text, real)) text = real;
  const bool fits = column.instant ? component::PutUtcText(batch_, i, row, *column.type, text)
                                   : component::PutText(batch_, i, row, *column.type, text);
  const bool good = fits && sound;
  if (!good) found = text;
  return good;
}

std::string OdbcStream::RowAsJson() {
  std::string json = "{";
  for (size_t i = 0; i < reading_->columns.size(); ++i) {
    json += (i == 0 ? "" : ", ") + JsonQuoted(reading_->columns[i].name) + ": ";
    bool sound = true;
    if (block_.IsNull(i)) {
      json += "null";
    } else if (reading_->columns[i].fetch == Fetch::kBinary) {
      json += JsonQuoted(component::HexText(block_.Bytes(i)));
    } else if (reading_->columns[i].fetch == Fetch::kText) {
      json += JsonQuoted(block_.Text(i, sound));
    } else {
      json += JsonQuoted(
          fmt::format("{}", reading_->columns[i].fetch == Fetch::kDouble ? block_.Double(i) : block_.Float(i)));
    }
  }
  return json + "}";
}

}  // namespace leat::components::odbc
