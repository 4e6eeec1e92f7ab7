#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/table_probe.h"
#include "data/type.h"

namespace leat::component {

/// A column of a key: how it stands in SQL, and its type in the lake.
struct KeyColumn {
  std::string sql;
  data::TypePtr type;
};

/// The value as a whole number in the order of the values, of 64 bits: days, microseconds, units of the last decimal place, the
/// first 15 digits of a UUID. Equal in every dialect. "": the type has none there, or its order is not certain.
std::string OrdinalSql(KeyDialect dialect, const KeyColumn& column);
/// The value with that ordinal that a source reads as a bookmark; the last one that has it where `last`. Dates and times: of the years 1 to 9999.
std::string OrdinalText(const data::Type& type, int64_t ordinal, bool last);
/// Ordinals that OrdinalText can write.
bool HasOrdinalText(const data::Type& type, int64_t low, int64_t high);

/// False where a column has no text that is equal in every dialect (floating point numbers, binary values, times of day).
bool HasKeyText(const data::Type& type);
/// True for PostgreSQL's types whose values have one text each, by what pg_type calls them. char(n) is none (a cast to text takes its
/// spaces off), nor is numeric (without digits each value is written with as many as it came with).
bool HasPostgresText(std::string_view type_name);
/// MD5, in hexadecimal digits, of the texts of a key's columns: another key has another text. NULL where a column is NULL. Columns
/// without HasKeyText are none of its keys.
std::string KeyHashSql(KeyDialect dialect, const std::vector<KeyColumn>& key);

/// What KeySums are asked with, in two pieces between which a condition (" WHERE …") may stand: columns are the chunk (NULL: outside), rows, rows
/// with a key, the sum.
struct SumsQuestion {
  std::string select, rest;
};
SumsQuestion AskForSums(KeyDialect dialect, const std::vector<KeyColumn>& key, const KeyChunks& chunks,
                        const std::string& table);
/// A condition: the row's key is in one of `numbers`.
std::string InChunksSql(KeyDialect dialect, const std::vector<KeyColumn>& key, const KeyChunks& chunks,
                        const std::vector<int64_t>& numbers);
/// Adds an answer to AskForSums.
void AddSums(KeySums& sums, const std::vector<std::vector<std::optional<std::string>>>& rows);

}  // namespace leat::component
