#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/mapped_sql.h"
#include "sql/walker.h"

namespace leat::sql {

/// A name as written, with its place.
struct WrittenName {
  std::string text;
  size_t offset = 0;
  size_t length = 0;
};

/// A statement of a user that writes, taken apart: DuckDB never runs it. What it reads is a SELECT of its own, the writing is
/// Leat's.
struct WriteStatement {
  enum class Kind {
    kCreateSchema,
    kDropSchema,
    kCreateTable,  ///< from a SELECT; `with_data` false: columns only
    kInsert,
    kUpdate,
    kDelete,
    kDropTable,
    kAddColumn,
    kDropColumn,
    kRenameColumn,
    kChangeType,
    kRenameTable
  };
  Kind kind = Kind::kInsert;
  std::string verb;       ///< "INSERT INTO", for messages
  TableReference target;  ///< of a schema: `schema`
  bool or_replace = false;
  bool if_exists = false;  ///< IF EXISTS, or IF NOT EXISTS of a CREATE or ADD
  bool column_if_exists = false;
  bool with_data = true;
  bool by_name = false;              ///< INSERT … BY NAME
  std::vector<WrittenName> columns;  ///< of an INSERT or CREATE, set by an UPDATE, or the one that is altered
  std::vector<bool> required;        ///< of a CREATE with column definitions: NOT NULL
  std::string new_name;              ///< of a RENAME
  MappedSql select;  ///< CREATE, INSERT: the rows; ADD COLUMN and SET DATA TYPE: one row of the new type

  // UPDATE and DELETE: pieces for a SELECT over the target's rows.
  std::string alias;                   ///< how the statement calls the target
  MappedSql with;                      ///< WITH … in front, or empty
  MappedSql from;                      ///< USING … or FROM …, without the word
  MappedSql where;                     ///< the condition, without the word; empty: all rows
  std::vector<MappedSql> expressions;  ///< of an UPDATE, one per column of `columns`
};

/// Takes apart one statement: CREATE [OR REPLACE] TABLE … AS | (columns), INSERT INTO, UPDATE, DELETE FROM, TRUNCATE, DROP
/// TABLE, ALTER TABLE ADD | DROP | RENAME | ALTER COLUMN, CREATE SCHEMA, DROP SCHEMA. Only the skeleton is read here: DuckDB's
/// own parser judges the rest. SQL-420 kUnsupported with the place for anything else.
Result<WriteStatement> ParseWrite(std::string_view sql);

}  // namespace leat::sql
