#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "component/column_facts.h"
#include "component/json_lines.h"

namespace leat::component {

/// One value of a record on its way into a line.
struct RecordCell {
  std::string name;
  CellKind kind = CellKind::kText;
  std::string text;   ///< kNested: sound JSON
  bool null = false;  ///< there, and nothing
  bool odd = false;   ///< what only a dead letter shows: it says nothing about the column's type
};

/// What the records of a file are made of.
struct RecordColumns {
  struct Column {
    std::string name;
    ColumnFacts facts;
  };
  std::vector<Column> columns{};  ///< in the order in which they came first
  std::unordered_map<std::string, size_t> index{};
  int64_t first_line = 1;  ///< the number of the first record, as people count them in the file

  ColumnFacts& FactsOf(const std::string& name);
};

/// Writes records as lines of JSON, one a line, and notes what their columns could be. Text is UTF-8.
class RecordWriter {
 public:
  RecordWriter(std::ostream& out, RecordColumns& columns) : out_(out), columns_(columns) {}

  /// Of two cells of one name the first counts. SRC-333 kData: the record is longer than what is read of a line.
  Status Put(const std::vector<RecordCell>& cells);
  /// A record that is rejected: why, and what its dead letter keeps. Its columns are columns of the table all the same.
  Status Refuse(const std::string& code, const std::string& column, const std::string& message,
                const std::vector<RecordCell>& cells);
  /// An empty entry: filtered as kBlankLine.
  void Blank();
  int64_t lines() const { return lines_; }

 private:
  std::string Object(const std::vector<RecordCell>& cells);
  Status Line(const std::string& text);

  std::ostream& out_;
  RecordColumns& columns_;
  std::unordered_set<std::string_view> given_;
  int64_t lines_ = 0;
};

/// Sources of files whose records are found by a reader of their own. Prepare goes over each file once and writes its records
/// into the spool folder; what columns there are, and their types, is known from every record. A file that is not sound is not
/// taken at all.
class RecordFileSource : public JsonLinesSource {
 public:
  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override;

 protected:
  RecordFileSource(const config::Values& connection, const config::Values& table, std::string name,
                   SourceContext context);

  /// Files as the reader takes them: on this machine, unpacked.
  virtual Result<std::vector<InputFile>> Unpacked(const std::vector<InputFile>& files) = 0;
  /// Writes the records of one file. `columns.first_line` may be set.
  virtual Status WriteRecords(const InputFile& file, RecordWriter& writer, RecordColumns& columns) = 0;

 private:
  Status FindColumns(const std::vector<InputFile>& files, const std::vector<SourceColumn>& known,
                     std::vector<SourceColumn>& found) override;
  int64_t FirstLine(const InputFile& file) const override;

  std::map<std::string, RecordColumns> columns_;  ///< by path of the prepared file
};

}  // namespace leat::component
