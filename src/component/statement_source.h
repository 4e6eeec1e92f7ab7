#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

  /// Ranges of a primary key that is one whole number, of equal width.
  Result<TableParts> Split(const ReadRequest& request, const SplitAim& aim) override {
    LEAT_ASSIGN(const Table* table, Described());
    const Column* key = table->WholeKey();
    if (key == nullptr) return TableParts{{}, "in one piece: the primary key is not one whole number"};
    LEAT_ASSIGN(const std::string where, Where(request, ""));
    LEAT_ASSIGN(const KeyEnds ends, EndsOf(*table, *key, where));
    TableParts parts = PartsOfKey(key->name, InSql(*key), ends, aim);
    parts.lasting = !request.update_key.empty() && !request.upper.empty();
    return parts;
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
  /// Of the rows that `where` leaves.
  virtual Result<KeyEnds> EndsOf(const Table& table, const Column& key, const std::string& where) = 0;

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
  Result<std::string> Where(const ReadRequest& request, const std::string& bounds) {
    const Column* key = nullptr;
    if (!request.update_key.empty()) {
      LEAT_ASSIGN(key, FindColumn(request.update_key));
    }
    auto where = WhereClause(request, bounds, key == nullptr ? "" : InSql(*key),
                             [&](const std::string& text) { return Literal(*key, text); });
    if (!where.ok()) return std::move(where).error().In(What());
    return where;
  }

  /// How many streams can run the statements, as the budget is now.
  Result<int> Queue(const ReadRequest& request, int most, StatementQueue& statements) {
    std::vector<TablePart> parts = request.parts;
    if (parts.empty() && most > 1) {
      LEAT_ASSIGN(TableParts cut, Split(request, {}));
      parts = std::move(cut.parts);
    }
    if (parts.empty()) parts.emplace_back();
    for (const TablePart& part : parts) {
      LEAT_ASSIGN(std::string where, Where(request, part.bounds));
      statements.Add(std::move(where));
    }
    const int streams = std::max(1, std::min(most, statements.size()));
    return context_.budget != nullptr && streams > 1 ? context_.budget->Width(streams) : streams;
  }
};

}  // namespace leat::component
