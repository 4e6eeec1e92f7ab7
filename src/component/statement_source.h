#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "component/key_cut.h"
#include "component/row_columns.h"
#include "component/server_reading.h"
#include "component/sql_probe.h"
#include "component/statement_stream.h"

namespace leat::component {

/// What sources have in common that read one table of a server with SELECTs: the whole of it, ranges of its key, or what lies
/// between bookmark and upper end. `Table`: a DescribedTable. `Connection`: has Query(sql, what). The first connection stays from
/// the first question to the end of its stream; where that stream failed, another one takes its place.
template <typename Table, typename Connection>
class StatementSource : public Source, public SchemaObserver, public SqlProbe {
 public:
  StatementSource(std::string name, SourceContext context) : name_(std::move(name)), context_(std::move(context)) {}

  Status Check() override {
    const auto table = Described();
    return table.ok() ? Ok() : Status(table.error());
  }

  Result<SourceTable> Discover() override {
    LEAT_ASSIGN(const Table* table, Described());
    return table->AsSourceTable(name_);
  }

  Result<std::vector<ObservedInput>> Observe(const ReadRequest&, const ObserveWish&) override {
    LEAT_ASSIGN(SourceTable table, Discover());
    return Observed(std::move(table));
  }

  Result<std::string> Upper(const std::string& update_key) override {
    LEAT_ASSIGN(const Column* column, FindColumn(update_key));
    LEAT_ASSIGN(const auto rows,
                ProbeRows("SELECT " + Asked(*column, "max(" + InSql(*column) + ")") + " FROM " + Relation(*table_)));
    if (rows.empty()) return std::string();
    const std::optional<std::string>& greatest = rows[0][0];
    if (!greatest.has_value()) return std::string();
    return ValueOf(*column, *greatest);
  }

  /// By the primary key (component/key_cut.h). What was cut for a request stays: its streams read those parts.
  Result<TableParts> Split(const ReadRequest& request, const SplitAim& aim) override {
    LEAT_ASSIGN(const Table* table, Described());
    LEAT_ASSIGN(const std::string where, Where(request, ""));
    if (cut_ && cut_where_ == where) return *cut_;
    KeyCut cut;
    const Column* first = nullptr;
    for (const std::string& name : table->primary_key) {
      const Column* column = table->Find(name);
      if (column == nullptr) return TableParts{{}, "in one piece: the primary key has a column that is not read"};
      if (first == nullptr) first = column;
      cut.names.push_back(name);
      cut.columns.push_back(InSql(*column));
    }
    if (first != nullptr) cut.type = first->type;
    cut.behind_bookmark = !request.update_key.empty() && !request.bookmark.empty();
    cut.lasting = !request.update_key.empty() && !request.upper.empty();
    cut.streams = std::min(aim.streams, MostStreams());
    if (context_.budget != nullptr) {
      cut.streams = std::min(cut.streams, context_.budget->limits().connections.value_or(cut.streams));
    }
    cut.aim = aim;
    cut.ways = Ways();
    const bool apart = cut.streams > 1 || cut.lasting;
    const bool count =
        cut.behind_bookmark || !table->estimated_rows || (apart && *table->estimated_rows < kTrustedRows);
    cut.measure = [&](bool ends) { return Measure(*table, ends ? first : nullptr, where, count); };
    cut.next = [&](const std::string& after, int64_t skip) { return NextKey(request, *first, after, skip); };
    cut.check = [&](const std::string& condition) -> Status {
      LEAT_TRY(ProbeRows("SELECT COUNT(*) FROM " + Relation(*table) + " WHERE 1 = 0 AND " + condition));
      return Ok();
    };
    auto parts = CutByKey(cut);
    if (!parts.ok() && parts.error().code() == kStatementEnded)
      parts = TableParts{{}, "in one piece: to look at its keys takes longer than a statement may"};
    LEAT_ASSIGN(cut_, std::move(parts));
    cut_where_ = where;
    return *cut_;
  }

  Result<std::unique_ptr<ArrowStream>> OpenStream(const ReadRequest& request) override {
    LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
    return std::move(streams[0]);
  }

 protected:
  using Column = typename Table::ColumnType;

  virtual Result<std::shared_ptr<Connection>> Connect() = 0;
  /// Asks for the table over `leader_`.
  virtual Result<Table> AskForTable() = 0;
  /// The source's own error for a column that the table does not have any more, without a hint.
  virtual Error NoColumn(const Table& table, const std::string& column) = 0;
  virtual std::string InSql(const Column& column) = 0;
  virtual std::string Relation(const Table& table) = 0;
  /// `expression`, a value of the column, so that its exact text comes.
  virtual std::string Asked(const Column& column, const std::string& expression) {
    (void)column;
    return expression;
  }
  /// The value in a text that Asked gave.
  virtual std::string ValueOf(const Column& column, const std::string& text) {
    (void)column;
    return text;
  }
  virtual Result<std::string> Literal(const Column& column, const std::string& text) = 0;
  /// Connections that may read the table at once.
  virtual int MostStreams() const = 0;
  /// Over `leader_`.
  virtual KeyWays Ways() const = 0;
  /// The longest statement of the budget ends the statements of the streams (StatementStream::Begin).
  virtual bool EndsStatements() const { return false; }
  /// All rows of a short question over `leader_`, with the limit of a statement.
  virtual Result<std::vector<TextRow>> LimitedRows(const std::string& sql) { return ProbeRows(sql); }
  /// The longest statement of the budget, where it ends them; else 0.
  std::chrono::milliseconds Longest() const {
    if (!EndsStatements() || context_.budget == nullptr) return {};
    const auto longest = context_.budget->limits().statement.value_or(std::chrono::microseconds(0));
    return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
  }
  /// Why a statement that was ended cannot be followed by others; "": it can.
  virtual std::string WhyNotAgain() const { return ""; }
  /// Where the server shows locks, for hints.
  virtual std::string LocksView() const { return ""; }
  /// `select`, which is ordered, without its first `skip` rows, and one row of it.
  virtual std::string RowBehind(const std::string& select, int64_t skip) {
    return select + " LIMIT 1 OFFSET " + std::to_string(skip);
  }

  std::string What() const { return "table " + name_; }

  Result<std::vector<TextRow>> ProbeRows(const std::string& sql) override {
    LEAT_TRY(Check());
    return leader_->Query(sql, What());
  }
  Result<std::string> ProbedTable() override {
    LEAT_ASSIGN(const Table* table, Described());
    return Relation(*table);
  }
  Result<std::string> ProbedColumn(const std::string& name) override {
    LEAT_ASSIGN(const Column* column, FindColumn(name));
    return InSql(*column);
  }
  Result<std::string> ProbedText(const std::string& name) override {
    LEAT_ASSIGN(const Column* column, FindColumn(name));
    return Asked(*column, InSql(*column));
  }
  std::string ProbedValue(const std::string& name, const std::string& text) override {
    const Column* column = table_->Find(name);
    return column == nullptr ? text : ValueOf(*column, text);
  }
  Result<std::string> ProbedMoment(const std::string& name, TimeMicros at) override {
    LEAT_ASSIGN(const Column* column, FindColumn(name));
    return Literal(*column, MomentText(at));
  }

  /// The table, which is asked for once; `leader_` is there and has not failed.
  Result<const Table*> Described() {
    if (leader_failed_->exchange(false)) leader_.reset();  // its place in the budget first
    if (leader_ == nullptr) {
      LEAT_ASSIGN(leader_, Connect());
    }
    if (table_ != nullptr) return table_.get();
    auto table = AskForTable();
    if (!table.ok()) {
      leader_.reset();  // its place in the budget, too
      return std::move(table).error();
    }
    table_ = std::make_unique<Table>(std::move(*table));
    return table_.get();
  }

  Result<const Column*> FindColumn(const std::string& name) {
    LEAT_ASSIGN(const Table* table, Described());
    const Column* column = table->Find(name);
    if (column != nullptr) return column;
    return NoColumn(*table, name).WithHint(GoneColumnHint(name, NamesOf(table->columns)));
  }

  /// Gives `reading` the statements of what is asked for and opens streams that run them, `most` of them at the most: the first
  /// over `leader_`, each other one over a connection of its own.
  template <typename Stream, typename Reading>
  Result<std::vector<std::unique_ptr<ArrowStream>>> OpenEach(const ReadRequest& request, int most,
                                                             std::shared_ptr<Reading> reading) {
    LEAT_ASSIGN(const int streams, Queue(request, most, reading->statements));
    std::vector<std::unique_ptr<ArrowStream>> made;
    for (int i = 0; i < streams; ++i) {
      std::shared_ptr<Connection> connection = leader_;
      if (i > 0) {
        LEAT_ASSIGN(connection, Connect());
      }
      LEAT_ASSIGN(ColumnBatch batch, ColumnBatch::Make(StreamColumns(request.table.columns)));
      auto stream = std::make_unique<Stream>(reading, std::move(connection), std::move(batch), context_);
      if (i == 0) stream->TellFailure(leader_failed_);
      made.push_back(std::move(stream));
    }
    return made;
  }

  const std::string name_;
  const SourceContext context_;
  std::shared_ptr<Connection> leader_;  ///< null: not asked yet
  const std::shared_ptr<std::atomic<bool>> leader_failed_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<Table> table_;

 private:
  /// Rows from which a server's estimate is taken for their number: fewer are counted at once, and more exactly.
  static constexpr int64_t kTrustedRows = 200'000;

  Result<std::string> Condition(const ReadRequest& request, const std::string& bounds) {
    const Column* key = nullptr;
    if (!request.update_key.empty()) {
      LEAT_ASSIGN(key, FindColumn(request.update_key));
    }
    auto condition = RequestCondition(request, bounds, key == nullptr ? "" : InSql(*key),
                                      [&](const std::string& text) { return Literal(*key, text); });
    if (!condition.ok()) return std::move(condition).error().In(What());
    return condition;
  }
  /// The same as " WHERE …", or "".
  Result<std::string> Where(const ReadRequest& request, const std::string& bounds) {
    LEAT_ASSIGN(const std::string condition, Condition(request, bounds));
    return condition.empty() ? "" : " WHERE " + condition;
  }

  Result<KeyEnds> Measure(const Table& table, const Column* key, const std::string& where, bool count) {
    std::string sql;
    if (key != nullptr) {
      for (const auto& [function, name] : {std::pair("MIN(", " AS leat_low"), {"MAX(", " AS leat_high"}})
        sql += (sql.empty() ? "" : ", ") + Asked(*key, function + InSql(*key) + ")") + name;
    }
    if (count) sql += (sql.empty() ? "" : ", ") + std::string("COUNT(*) AS leat_rows");
    KeyEnds ends;
    ends.rows = table.estimated_rows.value_or(0);
    if (sql.empty()) return ends;
    auto asked = LimitedRows("SELECT " + sql + " FROM " + Relation(table) + where);
    // To count takes too long: the server's estimate, or none.
    if (!asked.ok() && asked.error().code() == kStatementEnded && count) return Measure(table, key, where, false);
    LEAT_ASSIGN(const auto rows, std::move(asked));
    if (rows.empty()) return ends;
    if (count) ends.rows = WholeNumber(rows[0].back()).value_or(0);
    if (key != nullptr) {
      ends.low = ValueOf(*key, rows[0].at(0).value_or(""));
      ends.high = ValueOf(*key, rows[0].at(1).value_or(""));
    }
    return ends;
  }

  /// As NextBound.
  Result<std::optional<std::string>> NextKey(const ReadRequest& request, const Column& key, const std::string& after,
                                             int64_t skip) {
    const std::string name = InSql(key);
    LEAT_ASSIGN(const std::string where, Where(request, name + (after.empty() ? " IS NOT NULL" : " > " + after)));
    LEAT_ASSIGN(const auto rows, LimitedRows(RowBehind("SELECT " + Asked(key, name) + " AS leat_value FROM " +
                                                           Relation(*table_) + where + " ORDER BY " + name,
                                                       skip)));
    const std::optional<std::string> found = rows.empty() ? std::nullopt : rows[0].at(0);
    if (!found.has_value()) return std::optional<std::string>();
    const std::string value = ValueOf(key, *found);
    if (!IsPlainValue(*key.type, value)) return std::optional<std::string>();
    LEAT_ASSIGN(std::string literal, Literal(key, value));
    return std::optional<std::string>(std::move(literal));
  }

  /// By what statements become smaller that take too long. Its functions belong to the source and run on the streams' threads.
  PieceCut MakeCut(const Table& table) {
    PieceCut cut;
    cut.uncut = WhyNotAgain();
    if (!cut.uncut.empty()) return cut;
    const KeyWays ways = Ways();
    for (const std::string& name : table.primary_key) {
      const Column* key = table.Find(name);
      // Columns behind one without an order are no use.
      if (key == nullptr || !(IsWholeNumber(*key->type) || (ways.walk && HasPlainOrder(*key->type)))) break;
      const std::string column = InSql(*key);
      cut.columns.push_back({column, key->type, Asked(*key, column), Asked(*key, "MIN(" + column + ")"),
                             Asked(*key, "MAX(" + column + ")"),
                             [this, key](const std::string& text) { return ValueOf(*key, text); },
                             [this, key](const std::string& value) { return Literal(*key, value); }});
    }
    if (table.primary_key.empty()) cut.uncut = "it has no primary key";
    else if (cut.columns.empty()) cut.uncut = "the first column of its primary key has no order that is known";
    cut.relation = Relation(table);
    cut.nullable = ways.nullable;
    cut.row_behind = [this](const std::string& select, int64_t skip) { return RowBehind(select, skip); };
    return cut;
  }

  /// How many streams can run the statements, as the budget is now.
  Result<int> Queue(const ReadRequest& request, int most, StatementQueue& statements) {
    std::vector<TablePart> parts = request.parts;
    if (parts.empty() && most > 1) {
      LEAT_ASSIGN(TableParts cut, Split(request, {0, most}));
      parts = std::move(cut.parts);
    }
    LEAT_ASSIGN(statements.condition, Condition(request, ""));
    statements.longest = Longest();
    if (statements.limited()) {
      statements.locks = LocksView();
      LEAT_ASSIGN(const Table* table, Described());
      statements.cut = MakeCut(*table);
    }
    for (const TablePart& part : parts) statements.Add(part.bounds, part.estimated_rows);
    if (parts.empty()) statements.Add("", table_->estimated_rows.value_or(0));
    const int streams = std::max(1, std::min(most, statements.size()));
    return context_.budget != nullptr && streams > 1 ? context_.budget->Width(streams) : streams;
  }

  std::optional<TableParts> cut_;
  std::string cut_where_;
};

}  // namespace leat::component
