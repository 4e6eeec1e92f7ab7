#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "components/source/xlsx/cell_range.h"
#include "components/source/xlsx/workbook.h"
#include "data/xml.h"

namespace leat::components::xlsx {

/// One cell that is not empty.
struct SheetCell {
  enum class Kind {
    kText,
    kNumber,   ///< digits as the file has them
    kBoolean,  ///< true, false
    kMoment,   ///< a day, a moment or a time, as text
    kError,    ///< #N/A and the like, as they stand
    kNoDay,    ///< a number that is shown as a day and is none; `why`
    kNotKept   ///< a formula whose value is not in the file
  };
  int column = 0;  ///< 1 is A
  Kind kind = Kind::kText;
  std::string text;
  std::string why;
};

/// Gives the rows of a sheet (ECMA-376, part 1, 18.3) that have a value within `range`, in order, as its XML is read.
class SheetReader : public data::XmlEvents {
 public:
  using Take = std::function<void(int64_t row, const std::vector<SheetCell>& cells)>;
  static constexpr size_t kMostRowBytes = size_t{16} << 20;

  SheetReader(const Workbook& book, const CellRange& range, Take take)
      : book_(book), range_(range), take_(std::move(take)) {}

 private:
  enum class In { kSheet, kData, kRow, kCell, kValue, kFormula, kInline, kRun, kText, kOther };
  void Start(data::XmlParser& parser, const data::XmlName& name,
             const std::vector<data::XmlAttribute>& attributes) override;
  void End(data::XmlParser& parser) override;
  void Text(data::XmlParser& parser, std::string_view text) override;

  void StartRow(data::XmlParser& parser, const std::vector<data::XmlAttribute>& attributes);
  void StartCell(data::XmlParser& parser, const std::vector<data::XmlAttribute>& attributes);
  void EndCell(data::XmlParser& parser);
  bool MakeCell(data::XmlParser& parser, SheetCell& cell);

  const Workbook& book_;
  const CellRange range_;
  const Take take_;
  std::vector<In> open_;
  std::vector<SheetCell> cells_;
  int64_t row_ = 0;
  int column_ = 0;
  size_t bytes_ = 0;
  std::string type_, value_;
  size_t style_ = 0;
  bool has_value_ = false, has_formula_ = false;
};

}  // namespace leat::components::xlsx
