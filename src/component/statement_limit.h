#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "component/server_reading.h"
#include "data/type.h"

namespace leat::component {

/// The longest statement of a budget as a hard stop: what the server ends for its time is read again in smaller pieces.

constexpr int kMostStops = 12;                ///< of statements that read the same rows
constexpr int64_t kStopShrink = 4;            ///< what was ended is read again in so many pieces
constexpr size_t kMostHeldBytes = 48U << 20;  ///< of rows that are kept until their statement has ended

/// What a source's error is called that says: the server ended the statement because it took too long.
constexpr const char* kStatementEnded = "SRC-440";

/// How many units (rows, pages, values of a key) the next piece should have, where `units` that weigh `bytes` took `time`: those of half
/// the longest statement and of 32 MB at most; half again as many as before at most, since one quick piece says little about the next.
int64_t FittingUnits(int64_t units, std::chrono::microseconds time, int64_t bytes, std::chrono::microseconds longest);

/// `code`, kEnvironment: the rows of `bounds` ("": all) take longer than a statement may. `uncut`: why they cannot be read in smaller pieces;
/// "": they were, and it did not help. `locks`: where locks of others are seen, "" where that is not known.
Error StatementTooLong(const char* code, const std::string& what, const std::string& bounds,
                       std::chrono::milliseconds longest, const std::string& uncut, const std::string& locks);

/// Ends each statement of a session of MariaDB or MySQL, whose version() is `version`, after `longest`.
std::string MySqlSessionLimit(const std::string& version, std::chrono::milliseconds longest);
/// The same for one SELECT.
std::string MySqlLimited(const std::string& version, const std::string& select, std::chrono::milliseconds longest);

/// The rows of one statement: a part of a table, or a range of a column of the key inside it.
struct StatementPiece {
  std::string bounds;  ///< of the part, as a condition; "": all rows
  size_t column = 0;   ///< of the key, that the range is of; those before it have one value each, as `bounds` says
  std::string above, through;  ///< literals of it: behind the first, up to the second; "": no bound
  int64_t rows = 0;            ///< about; 0: not known
  int stops = 0;               ///< how often a statement was ended that read these rows
  bool alone = false;  ///< its rows are given as they come: there is no smaller piece, and they are too many to be kept
};

/// A column of the key whose order is known.
struct CutColumn {
  std::string name;  ///< in SQL
  data::TypePtr type;
  std::string value, least, greatest;  ///< it, its least and its greatest value, so that their exact texts come
  std::function<std::string(const std::string& text)> value_of;          ///< of such a text
  std::function<Result<std::string>(const std::string& value)> literal;  ///< of a value
};

/// How the pieces of a reading become smaller: by the table's own key, its second column where the first has one value, and so on.
struct PieceCut {
  std::string uncut;  ///< why not; "": they can
  std::string relation;
  std::vector<CutColumn> columns;  ///< the first of the key
  bool nullable = false;           ///< rows may have no key: they are in the piece without a lower bound
  /// An ordered SELECT without its first `skip` rows, and one row of it.
  std::function<std::string(const std::string& select, int64_t skip)> row_behind;

  /// "id > 3 AND id <= 7" with the part's own condition before it; "": all rows.
  std::string ConditionOf(const StatementPiece& piece) const;
};

using AskRows = std::function<Result<std::vector<TextRow>>(const std::string& sql)>;

/// `piece` in about `count` pieces that together hold each of its rows once: ranges of equal width of a whole number, else ranges that end at
/// keys that are looked up; among all rows of the table, so that its key's index answers at once. Itself alone where its rows have one value of
/// each column, or there are none. Errors: those of `ask`, which runs on the thread that calls.
Result<std::vector<StatementPiece>> CutPiece(const PieceCut& cut, const StatementPiece& piece, int64_t count,
                                             const AskRows& ask);

/// "a AND b" of two conditions, each of which may be "".
std::string Both(const std::string& a, const std::string& b);

}  // namespace leat::component
