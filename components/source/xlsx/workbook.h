#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "components/source/xlsx/serial_date.h"
#include "data/xml.h"

namespace leat::components::xlsx {

/// What a file is, by its first bytes and its members.
enum class BookKind { kWorkbook, kArchive, kOldOrEncrypted, kBinary, kOpenDocument, kOther };
/// SRC-341 kData: an archive whose list of members is damaged.
Result<BookKind> KindOfBook(const std::string& path, const std::string& origin);

/// The texts that cells share, one behind the other.
class SharedTexts {
 public:
  static constexpr size_t kMostBytes = size_t{1} << 30;
  void Add(std::string_view text);
  size_t size() const { return ends_.size(); }
  size_t bytes() const { return bytes_.size(); }
  std::string_view At(size_t index) const;

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

/// One part of a workbook as events; SRC-341 kData: it is not sound XML, or not there. `origin`: of the workbook, for errors.
Status ReadPart(const std::string& path, const std::string& origin, const std::string& part, CancelToken* cancel,
                data::XmlEvents& events);

/// A workbook (ECMA-376, part 1) without its sheets' cells.
struct Workbook {
  struct Sheet {
    std::string name;
    std::string part;  ///< its place in the file; "" for what is no sheet of cells (a chart)
    bool hidden = false;
  };
  std::vector<Sheet> sheets;  ///< in the order in which they are shown
  bool from_1904 = false;
  std::vector<NumberShape> shapes;  ///< by style of a cell
  SharedTexts texts;

  /// SRC-340 kData: no workbook that can be read. SRC-341 kData: it is damaged.
  static Result<Workbook> Open(const std::string& path, const std::string& origin, CancelToken* cancel);
  std::string SheetNames() const;
};

/// A text as cells keep it: _x000D_ stands for a character (ST_Xstring). One that is no text on its own stays as it is written.
std::string DecodedText(const std::string& text);

}  // namespace leat::components::xlsx
