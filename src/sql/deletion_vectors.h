#pragma once

#include <string>
#include <vector>

#include "lake/scan.h"
#include "sql/writer.h"

namespace leat::sql {

// Reserved ids of position delete files (Iceberg specification, "Reserved Field IDs").
inline constexpr int kDeletePathId = 2147483546;
inline constexpr int kDeletePositionId = 2147483545;

/// Format v3: the positions in `table` (file_path, pos) of the data files `paths` as deletion vectors, one for each data file in
/// a Puffin file of its own below `options.folder`. What these files have of vectors and of position delete files from before an
/// upgrade is merged in. A delete file that holds for other data files too is merged into theirs as well, so that it can go
/// as a whole: result.replaced. Adds rows to `table`.
Status WriteVectors(io::FileSystem& files, Connection& connection, const std::string& table, const lake::ScanPlan& plan,
                    const std::vector<std::string>& paths, const WriteOptions& options, WriteResult& result);

/// SQL of (file_index, path, pos) over position delete files, read by their field ids. SQL-411 for one without ids.
Result<std::string> ReadPositionDeletes(Connection& connection, const std::vector<lake::DataFile>& deletes);

}  // namespace leat::sql
