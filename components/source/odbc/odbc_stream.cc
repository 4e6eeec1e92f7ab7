#include "components/source/odbc/odbc_stream.h"

#include <cmath>

#include "base/json_quoted.h"
#include "component/row_columns.h"
#include "component/text_cell.h"
#include "data/exact_text.h"

namespace leat::components::odbc {
namespace {

using data::TypeId;

constexpr size_t kShownBytes = 100;

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

}  // namespace

std::optional<std::string> Reading::Take() {
  std::lock_guard lock(mutex);
  if (conditions.empty()) return std::nullopt;
  std::string next = std::move(conditions.front());
  conditions.pop_front();
  return next;
}

OdbcStream::OdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection,
                       component::ColumnBatch batch, const component::SourceContext& context)
    : reading_(std::move(reading)),
      connection_(std::move(connection)),
      batch_(std::move(batch)),
      context_(context),
      block_(reading_->columns, connection_->facts(), reading_->block_rows) {}

Result<bool> OdbcStream::NextBlock() {
  for (;;) {
    if (statement_ == nullptr) {
      const std::optional<std::string> condition = reading_->Take();
      if (!condition) return false;
      LEAT_ASSIGN(statement_, connection_->Prepare(reading_->what));
      began_ = std::chrono::steady_clock::now();
      LEAT_TRY(block_.Prepare(*statement_));
      LEAT_TRY(statement_->Execute(reading_->select + *condition));
      LEAT_TRY(block_.Bind(*statement_));
    }
    at_ = 0;
    LEAT_ASSIGN(in_block_, block_.FetchNext(*statement_));
    if (in_block_ > 0) return true;
    statement_.reset();
    Note();
  }
}

Result<bool> OdbcStream::Next(ArrowArray* array, ArrowSchema* schema) {
  if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
  int64_t rows = 0, bytes = 0;
  while (rows < component::ColumnBatch::kRows) {
    if (at_ == in_block_) {
      LEAT_ASSIGN(const bool more, NextBlock());
      if (!more) break;
    }
    LEAT_TRY(block_.Take(*statement_, at_++));
    Put(rows++);
    bytes += block_.bytes();
  }
  if (rows == 0 && !first_) return false;
  first_ = false;
  rows_ += rows;
  cost_.rows += rows;
  cost_.bytes += bytes;
  if (context_.budget != nullptr && bytes > 0) LEAT_TRY(context_.budget->Spend(bytes, context_.cancel));
  batch_.Take(rows, array, schema);
  return true;
}

void OdbcStream::Note() {
  if (context_.budget == nullptr) return;
  cost_.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
  context_.budget->Note(cost_);
  cost_ = {};
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
      bad = component::RefusedRow("cast", column.name,
                                  fmt::format("'{}' of {} is not exactly a {}", found.substr(0, kShownBytes),
                                              column.type_name, data::TypeName(*column.type)));
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
      if (column.type->id == TypeId::kDouble) {
        batch_.Values<double>(i)[row] = value;
        return true;
      }
      const auto narrow = static_cast<float>(value);
      batch_.Values<float>(i)[row] = narrow;
      if (static_cast<double>(narrow) == value || std::isnan(value)) return true;
      batch_.SetNull(i, row);
      found = std::to_string(value);
      return false;
    }
    case Fetch::kFloat: {
      if (column.type->id == TypeId::kFloat) {
        batch_.Values<float>(i)[row] = block_.Float(i);
      } else {
        batch_.Values<double>(i)[row] = block_.Float(i);
      }
      return true;
    }
    case Fetch::kBinary: batch_.AppendText(i, block_.Bytes(i)); return true;
    default: break;
  }
  bool sound = true;
  std::string_view text = block_.Text(i, sound);
  if (column.type->id == TypeId::kBoolean) text = text == "0" ? "false" : text == "1" ? "true" : text;
  bool good = false;
  if (column.instant && column.type->id == TypeId::kTimestampTz) {
    int64_t micros = 0;
    good = data::ParseExactTimestamp(text, micros);
    batch_.Values<int64_t>(i)[row] = micros;
    if (!good) batch_.SetNull(i, row);
  } else {
    good = component::PutText(batch_, i, row, *column.type, text) && sound;
  }
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
      json += JsonQuoted(Hex(block_.Bytes(i)));
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
