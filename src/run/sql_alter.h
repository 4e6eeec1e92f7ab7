#pragma once

#include <string>

#include "lake/table_metadata.h"
#include "sql/write_statement.h"

namespace leat::run {

/// `before` after ALTER TABLE ADD COLUMN, DROP COLUMN, RENAME COLUMN or SET DATA TYPE by Iceberg's rules; nothing is written.
/// `type`: of ADD and SET DATA TYPE. The same metadata comes back when IF [NOT] EXISTS leaves nothing to do. Errors are
/// RUN-604 with the place in `sql`: unknown or known column, one that partitions or sorts the table, a type that the present
/// one cannot become.
Result<lake::TableMetadata> AlterTable(const lake::TableMetadata& before, const std::string& sql,
                                       const sql::WriteStatement& statement, const data::TypePtr& type, TimeMicros now);

/// RUN-604 at `name`: there is no such column, with the nearest ones.
Error NoSuchColumn(const data::Schema& schema, const std::string& sql, const sql::WrittenName& name);

}  // namespace leat::run
