#pragma once

#include <string>
#include <vector>

#include "run/load_schema.h"

namespace leat::run {

/// Lines that DuckDB's csv reader refused, one dead letter a line, from its reject tables to `keep`.
Status ReadReaderRejects(sql::Connection& connection, const component::Relation& relation,
                         const std::vector<component::InputFile>& files,
                         const std::function<Status(const RejectedRow&)>& keep);

/// SQL over the inner SELECT's columns: NULL for a good row, else what does not fit: "e|" for an entry that is none,
/// "c<number>|<text>" for a value. `text_column(i)` names the column that holds the text of value i.
std::string ReaderReason(const component::Relation& relation, const RegisteredTable& registered);
/// Name of the inner SELECT's column with the text of value `i`.
std::string TextColumn(size_t i);

/// Explains a reason of ReaderReason, or of a stream ("b|" and component::RefusedRow).
void DescribeReaderReason(const std::string& reason, const component::Relation& relation,
                          const RegisteredTable& registered, RejectedRow& row);

}  // namespace leat::run
