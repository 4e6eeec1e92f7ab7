#include "component/statement_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "component/key_ranges.h"

namespace leat::component {
namespace {

constexpr int64_t kPieceBytes = 32 << 20;
constexpr int64_t kGuessedRows = 1'000'000;  ///< of a piece that nobody counted

bool IsMariaDb(const std::string& version) { return version.find("MariaDB") != std::string::npos; }

std::string Seconds(std::chrono::milliseconds time) {
  return fmt::format("{}.{:03}", time.count() / 1000, time.count() % 1000);
}

std::string Where(const std::string& condition) { return condition.empty() ? "" : " WHERE " + condition; }

/// The pieces between `bounds`, which lie inside `piece` in ascending order.
std::vector<StatementPiece> Between(const StatementPiece& piece, const std::vector<std::string>& bounds) {
  std::vector<StatementPiece> pieces;
  pieces.reserve(bounds.size() + 1);
  const auto count = static_cast<int64_t>(bounds.size()) + 1;
  for (int64_t i = 0; i < count; ++i) {
    StatementPiece& one = pieces.emplace_back(piece);
    one.rows = piece.rows == 0 ? 0 : std::max<int64_t>(1, piece.rows / count);
    if (i > 0) one.above = bounds[static_cast<size_t>(i - 1)];
    if (i + 1 < count) one.through = bounds[static_cast<size_t>(i)];
  }
  return pieces;
}

/// Bounds of equal width between the least and the greatest key there is.
Result<std::vector<std::string>> EqualWidths(const PieceCut& cut, const CutColumn& key, const std::string& condition,
                                             int64_t count, const AskRows& ask) {
  LEAT_ASSIGN(const auto rows, ask(fmt::format("SELECT {} AS leat_low, {} AS leat_high FROM {}{}", key.least,
                                               key.greatest, cut.relation, Where(condition))));
  if (rows.empty()) return std::vector<std::string>();
  const std::optional<std::string>&least = rows[0].at(0), &greatest = rows[0].at(1);
  if (!least.has_value() || !greatest.has_value()) return std::vector<std::string>();
  const int64_t low = std::strtoll(key.value_of(*least).c_str(), nullptr, 10);
  const int64_t high = std::strtoll(key.value_of(*greatest).c_str(), nullptr, 10);
  return EqualBounds(low, high, count);
}

/// The key behind `skip` others of those above `after` ("": of all), as SQL; none where there is none that can stand in a statement.
Result<std::optional<std::string>> KeyBehind(const PieceCut& cut, const CutColumn& key, const std::string& condition,
                                             const std::string& after, int64_t skip, const AskRows& ask) {
  const std::string above = key.name + (after.empty() ? " IS NOT NULL" : " > " + after);
  const std::string select = fmt::format("SELECT {} AS leat_value FROM {}{} ORDER BY {}", key.value, cut.relation,
                                         Where(Both(condition, above)), key.name);
  LEAT_ASSIGN(const auto rows, ask(cut.row_behind(select, skip)));
  const std::optional<std::string> found = rows.empty() ? std::nullopt : rows[0].at(0);
  if (!found.has_value()) return std::optional<std::string>();
  const std::string value = key.value_of(*found);
  if (!IsPlainValue(*key.type, value)) return std::optional<std::string>();
  LEAT_ASSIGN(std::string literal, key.literal(value));
  return std::optional<std::string>(std::move(literal));
}

/// Bounds that are looked up. How many rows there are is a guess: there are fewer behind one another until there are bounds, or more until these
/// are not too many.
Result<std::vector<std::string>> LookedUp(const PieceCut& cut, const CutColumn& key, const std::string& condition,
                                          int64_t rows, int64_t count, const AskRows& ask) {
  const auto most = static_cast<size_t>(2 * count);
  std::vector<std::string> found;  // by fewer rows than these
  for (int64_t each = std::max<int64_t>(1, (rows > 0 ? rows : kGuessedRows) / count);;) {
    size_t asked = 0;
    auto bounds = WalkKey(each, [&](const std::string& after, int64_t skip) -> Result<std::optional<std::string>> {
      if (asked++ == most) return std::optional<std::string>();
      return KeyBehind(cut, key, condition, after, skip, ask);
    });
    if (!bounds.ok() && (bounds.error().code() != kStatementEnded || each == 1)) return bounds;
    if (!found.empty() && (!bounds.ok() || bounds->empty())) return found;
    if (bounds.ok() && bounds->size() == most) {
      found = std::move(*bounds);
      each *= kStopShrink;
      continue;
    }
    if (bounds.ok() && (!bounds->empty() || each == 1)) {
      if (bounds->size() == 1) {
        LEAT_ASSIGN(const auto more, KeyBehind(cut, key, condition, bounds->front(), 0, ask));
        if (!more) bounds->clear();  // all rows have this one value
      }
      return bounds;
    }
    each = std::max<int64_t>(1, each / kStopShrink);
  }
}

}  // namespace

std::string Both(const std::string& a, const std::string& b) { return a + (a.empty() || b.empty() ? "" : " AND ") + b; }

int64_t FittingUnits(int64_t units, std::chrono::microseconds time, int64_t bytes, std::chrono::microseconds longest) {
  units = std::max<int64_t>(1, units);
  const double by_time =
      static_cast<double>(longest.count()) / 2 / static_cast<double>(std::max<int64_t>(1, time.count()));
  const double by_weight = static_cast<double>(kPieceBytes) / static_cast<double>(std::max<int64_t>(1, bytes));
  const double fits = static_cast<double>(units) * std::min(by_time, by_weight);
  const double grown = static_cast<double>(units) * 1.5 + 1;
  return std::max<int64_t>(1, static_cast<int64_t>(std::min(fits, grown)));
}

Error StatementTooLong(const char* code, const std::string& what, const std::string& bounds,
                       std::chrono::milliseconds longest, const std::string& uncut, const std::string& locks) {
  const std::string rows = bounds.empty() ? "all rows" : "the rows " + bounds;
  if (!uncut.empty()) {
    return MakeError(code, ErrorKind::kEnvironment,
                     "{}: reading {} took longer than the {} ms that `budget` gives a statement, and cannot be cut: {}",
                     what, rows, longest.count(), uncut)
        .WithHint(
            "raise `budget: { statement: … }` of the connection, or load a table: a view or a query is computed as a whole");
  }
  return MakeError(code, ErrorKind::kEnvironment,
                   "{}: reading {} takes longer than the {} ms that a statement may take, however few they are", what,
                   rows, longest.count())
      .WithRetry(Retry::kSafe)
      .WithHint("does another session hold a lock on it" + (locks.empty() ? "" : " (" + locks + ")") +
                "? Run again when it is gone, or raise `budget: { statement: … }`");
}

std::string MySqlSessionLimit(const std::string& version, std::chrono::milliseconds longest) {
  return IsMariaDb(version) ? "SET max_statement_time = " + Seconds(longest)
                            : fmt::format("SET max_execution_time = {}", longest.count());
}

std::string MySqlLimited(const std::string& version, const std::string& select, std::chrono::milliseconds longest) {
  constexpr std::string_view kVerb = "SELECT";
  if (longest.count() == 0 || !select.starts_with(kVerb)) return select;
  if (IsMariaDb(version)) return "SET STATEMENT max_statement_time=" + Seconds(longest) + " FOR " + select;
  return fmt::format("SELECT /*+ MAX_EXECUTION_TIME({}) */{}", longest.count(), select.substr(kVerb.size()));
}

std::string PieceCut::ConditionOf(const StatementPiece& piece) const {
  std::string condition = piece.bounds;
  if (columns.empty()) return condition;
  const std::string& name = columns.at(piece.column).name;
  if (!piece.above.empty()) condition = Both(condition, name + " > " + piece.above);
  if (piece.through.empty()) return condition;
  const std::string through = name + " <= " + piece.through;
  const bool hollow = nullable && piece.above.empty();
  return Both(condition, hollow ? "(" + through + " OR " + name + " IS NULL)" : through);
}

Result<std::vector<StatementPiece>> CutPiece(const PieceCut& cut, const StatementPiece& whole, int64_t count,
                                             const AskRows& ask) {
  StatementPiece piece = whole;
  std::vector<StatementPiece> others;
  for (;;) {
    const CutColumn& key = cut.columns.at(piece.column);
    const std::string all = cut.ConditionOf(piece);
    LEAT_ASSIGN(const std::vector<std::string> bounds, IsWholeNumber(*key.type)
                                                           ? EqualWidths(cut, key, all, count, ask)
                                                           : LookedUp(cut, key, all, piece.rows, count, ask));
    if (!bounds.empty()) {
      std::vector<StatementPiece> pieces = Between(piece, bounds);
      pieces.insert(pieces.end(), others.begin(), others.end());
      return pieces;
    }
    if (piece.column + 1 == cut.columns.size()) return std::vector<StatementPiece>{whole};
    LEAT_ASSIGN(const auto value, KeyBehind(cut, key, all, "", 0, ask));
    if (!value) return std::vector<StatementPiece>{whole};
    piece.bounds = cut.ConditionOf(piece);
    piece.above.clear();
    piece.through.clear();
    // Rows with other values, which come while this is read.
    const std::string other = key.name + " <> " + *value;
    StatementPiece& rest = others.emplace_back(piece);
    rest.bounds = Both(rest.bounds, cut.nullable ? "(" + other + " OR " + key.name + " IS NULL)" : other);
    rest.rows = 0;
    piece.bounds = Both(piece.bounds, key.name + " = " + *value);
    ++piece.column;
  }
}

}  // namespace leat::component
