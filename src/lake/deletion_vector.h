#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/file_system.h"
#include "lake/manifest.h"

namespace leat::lake {

/// Rows of one data file that are deleted: positions from 0, any order, no duplicates needed.
struct DeletedPositions {
  std::string data_file;  ///< URI as the manifest has it
  int spec_id = 0;        ///< spec and partition of the data file
  std::vector<data::Value> partition;
  std::vector<int64_t> positions;
};

/// Format-v3 deletion vectors (specification, "Deletion Vectors"; Puffin specification, "deletion-vector-v1").
/// Writes one Puffin file with a blob per data file and returns the delete files to commit in a RowDelta. A data file has
/// at most one vector: include the positions of the vector that it has already (ApplyChange drops the old one).
Result<std::vector<DataFile>> WriteDeletionVectors(io::FileSystem& files, const std::string& uri,
                                                   const std::vector<DeletedPositions>& deleted);

/// Positions, ascending. `vector` is a delete file with format PUFFIN. LAKE-132 when the blob is broken (length, magic or
/// checksum), naming the file.
Result<std::vector<int64_t>> ReadDeletionVector(io::FileSystem& files, const DataFile& vector);

/// True for a deletion vector, false for a parquet position delete file.
bool IsDeletionVector(const DataFile& file);

}  // namespace leat::lake
