#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/arrow_abi.h"
#include "component/arrow_batch.h"
#include "component/arrow_parts.h"

namespace leat::component {

/// A decimal of more than 18 digits as it is in memory: the low half first (data::Int128 has the high half first).
struct WideDecimal {
  uint64_t low = 0;
  int64_t high = 0;
};

/// One Arrow record batch that is filled column by column, in place: for readers that convert much text. Its types are those
/// of ArrowBatchBuilder and lists of them; a decimal of up to 18 digits is an int64_t. Not thread-safe.
class ColumnBatch {
 public:
  static constexpr int64_t kRows = 2048;  ///< the most that one batch holds: DuckDB's vector size

  /// DATA-103 kUnsupported for a type that batches do not carry.
  static Result<ColumnBatch> Make(std::vector<ArrowBatchBuilder::Column> columns);

  /// kRows values of a column with values of fixed size: int32_t (int, date), int64_t (long, time, timestamps, narrow
  /// decimals), float, double, WideDecimal, bool as one byte each.
  template <typename T>
  T* Values(size_t column) {
    return reinterpret_cast<T*>(parts_[column].fixed.get());
  }
  /// Variable types: every row from 0 on gets exactly one of these, in order.
  void AppendText(size_t column, std::string_view text);
  void AppendNullText(size_t column) {
    SetNull(column, parts_[column].filled);
    AppendText(column, {});
  }
  void SetNull(size_t column, int64_t row);

  /// Lists: the elements of a row, then EndList, or AppendNullList alone; every row from 0 on, in order. Values as above.
  template <typename T>
  void AppendElement(size_t column, T value) {
    ColumnData& elements = *parts_[column].elements;
    elements.bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    MarkElement(elements, true);
  }
  void AppendElementText(size_t column, std::string_view text);
  void AppendNullElement(size_t column);
  void EndList(size_t column);
  void AppendNullList(size_t column) {
    SetNull(column, parts_[column].filled);
    EndList(column);
  }
  /// Forgets the elements since the last EndList.
  void AbandonList(size_t column);

  /// Moves the first `rows` rows into `array` and `schema` (the receiver releases them) and starts anew.
  void Take(int64_t rows, ArrowArray* array, ArrowSchema* schema);

 private:
  struct Part {
    std::unique_ptr<char[]> fixed;
    std::unique_ptr<int32_t[]> offsets;
    std::string text;
    std::unique_ptr<uint8_t[]> validity;  ///< made at the first NULL
    int64_t filled = 0;
    int64_t nulls = 0;
    size_t usual_text = 0;                 ///< bytes of the batch before, reserved at once
    std::unique_ptr<ColumnData> elements;  ///< of a list
  };
  static void MarkElement(ColumnData& elements, bool valid);
  void TakeList(size_t column, int64_t rows, struct ArrayData& parent, struct SchemaData& parent_schema);
  void Prepare(size_t column);

  std::vector<ArrowBatchBuilder::Column> columns_;
  std::vector<Part> parts_;
};

/// True when batches carry the type as a column of values; else a stream delivers its column as text.
bool BatchCarries(const data::Type& type);

}  // namespace leat::component
