#pragma once

#include <set>
#include <string>
#include <vector>

#include "sql/engine.h"

namespace leat::sql {

/// What a relation contains, whatever the order and the files: the number of rows and the 128-bit sum of their hashes.
struct ContentHashed {
  int64_t rows = 0;
  std::string hash;  ///< 32 lower-case hex digits
};

/// The statement that hashes the rows of `relation` (a name or a parenthesised SELECT) over `columns` without those in
/// `excluded` (leat.run-bound: _loaded_at, _batch_id). Each value carries its column's name and type and its length, so that
/// NULL is apart from '', 1 from '1', and ('a', 'b') from ('ab', ''). Equal rows count as often as they are there.
std::string ContentHashSql(const std::string& relation, const std::vector<Column>& columns,
                           const std::set<std::string>& excluded = {});

/// What that statement answered.
ContentHashed ReadContentHash(const TextRows& rows);

}  // namespace leat::sql
