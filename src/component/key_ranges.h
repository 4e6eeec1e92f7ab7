#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/source.h"

namespace leat::component {

/// Parts of a table by a key that is one whole number, from `low` to `high` as far as is known: ranges of equal width with about
/// `rows_per_part` (0: a usual number) of its `rows` each, 10,000 at most. The outer ones have no outer bound: rows that come
/// meanwhile belong to one of them, so that every key is in exactly one. `column`: as the server's SQL writes it; `nullable`: as CutAtBounds.
std::vector<TablePart> CutKeyRange(const std::string& column, int64_t low, int64_t high, int64_t rows,
                                   int64_t rows_per_part, bool nullable = false);

/// The greatest keys of `count` ranges of equal width from `low` to `high`, but for the last range; fewer where there are fewer keys.
std::vector<std::string> EqualBounds(int64_t low, int64_t high, int64_t count);

/// True where `rows` different keys from `low` to `high` fill half of that range or more: no range of equal width can then hold
/// more than twice the mean.
bool LieClose(int64_t low, int64_t high, int64_t rows);

/// How many rows a part should have: what `aim` asks for, else so many that `streams` have three each, within usual numbers.
int64_t RowsPerPart(const SplitAim& aim, int streams, int64_t rows);

/// The key behind `skip` others, as SQL, of those that are greater than `after` (SQL; "": of all). Nullopt: there is none, or none that
/// can stand in a statement.
using NextBound = std::function<Result<std::optional<std::string>>(const std::string& after, int64_t skip)>;

/// The keys that end parts of `rows_per_part` rows each, ascending, as SQL: one question for each part, which together go through the
/// key's index once. 9,999 at most; what lies behind the last one is one part more.
Result<std::vector<std::string>> WalkKey(int64_t rows_per_part, const NextBound& next);

/// Parts "up to a bound" and behind the one before, the last without an end. `rows`: of the table, `rows_per_part` of them in each but
/// the last. `nullable`: rows without a key come with the first part.
std::vector<TablePart> CutAtBounds(const std::string& column, const std::vector<std::string>& bounds, int64_t rows,
                                   int64_t rows_per_part, bool nullable);

/// Functions of servers that make a number of a key whose order is not known.
enum class KeyHash {
  kNone,
  kCrc32,     ///< MySQL, MariaDB: CRC32
  kHashText,  ///< PostgreSQL: hashtext
  kChecksum,  ///< SQL Server: CHECKSUM
  kOraHash,   ///< Oracle: ORA_HASH
};

/// `count` parts of about the same size by a hash of all columns of a key. The server reads the whole table for each of them.
std::vector<TablePart> CutByHash(KeyHash hash, const std::vector<std::string>& columns, int count, int64_t rows);

/// What a source's database can be asked for parts of a table.
struct KeyWays {
  bool walk = false;      ///< its keys have an index that is read in order, so that WalkKey costs little
  bool unsure = false;    ///< its SQL is not known for sure: where a question fails there, the table is cut otherwise
  bool nullable = false;  ///< a primary key there may have rows without a value
  KeyHash hash = KeyHash::kNone;
};

/// True for types whose order every database agrees on, so that ranges of such a key can be read: whole and decimal numbers, dates
/// and moments.
bool HasPlainOrder(const data::Type& type);
/// True where `text`, as a server gave it, is a value of such a type: not "infinity", "NaN", "0000-00-00".
bool IsPlainValue(const data::Type& type, std::string_view text);

}  // namespace leat::component
