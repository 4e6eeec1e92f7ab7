#pragma once

#include <functional>

#include "component/key_sums.h"
#include "component/server_reading.h"
#include "component/table_probe.h"

namespace leat::component {

/// The questions of a TableProbe in SQL.
class SqlProbe : public TableProbe {
 public:
  Result<ColumnCounts> Count(const std::vector<std::string>& columns) override;
  Result<int64_t> CountKeys(const std::vector<std::string>& columns) override;
  Result<std::map<int64_t, RangeFacts>> SumRanges(const std::string& column, int64_t width) override;
  Result<KeyDialect> SumsKeys(const std::vector<SourceColumn>& key) override;
  Result<KeySums> SumKeys(const std::vector<SourceColumn>& key, const KeyChunks& chunks) override;
  Result<TablePart> InChunks(const std::vector<SourceColumn>& key, const KeyChunks& chunks,
                             const std::vector<int64_t>& numbers) override;
  Result<std::vector<std::string>> Greatest(const std::string& column, int most) override;
  Result<std::optional<int64_t>> CountBetween(const std::string& column, TimeMicros from, TimeMicros to) override;

 protected:
  virtual Result<std::vector<TextRow>> ProbeRows(const std::string& sql) = 0;
  /// The table in SQL; it is looked at, so that it is there and its columns are known.
  virtual Result<std::string> ProbedTable() = 0;
  virtual Result<std::string> ProbedColumn(const std::string& name) = 0;
  /// What to select so that a value of the column comes as an ISO text.
  virtual Result<std::string> ProbedText(const std::string& name) { return ProbedColumn(name); }
  /// Of a value that ProbedText gave.
  virtual std::string ProbedValue(const std::string& name, const std::string& text) {
    (void)name;
    return text;
  }
  /// A moment as SQL that can be compared with the column; "": there is none.
  virtual Result<std::string> ProbedMoment(const std::string& name, TimeMicros at) = 0;
  /// A whole number, summed over many rows without an overflow.
  virtual std::string ProbedSum(const std::string& expression) { return "sum(" + expression + ")"; }
  /// Whose SQL the source speaks, as far as summing keys goes.
  virtual Result<KeyDialect> ProbedDialect() { return KeyDialect::kNone; }
  /// True where the server's type of the column, which is registered like that, is one whose text is certain.
  virtual Result<bool> HasCertainText(const SourceColumn& column) {
    (void)column;
    return false;
  }
  /// Asks once, or piece by piece of the table: `take` gets each answer. Between `select` and `rest` " WHERE …" may stand.
  virtual Status ProbePieces(const std::string& select, const std::string& rest,
                             const std::function<void(const std::vector<TextRow>&)>& take);
  /// TablePart::bounds of the rows for which `condition` holds.
  virtual std::string ProbedBounds(const std::string& condition) { return condition; }
  /// `select` with at most `most` rows.
  virtual std::string ProbedFirst(const std::string& select, int most) {
    return select + " LIMIT " + std::to_string(most);
  }

 private:
  Result<std::vector<KeyColumn>> KeyInSql(const std::vector<SourceColumn>& key);
};

/// "2026-11-01 12:00:00.000000", in UTC, as most databases read it.
std::string MomentText(TimeMicros at);
/// A number of an answer, nullopt for NULL.
std::optional<int64_t> WholeNumber(const std::optional<std::string>& text);

}  // namespace leat::component
