#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lake/manifest.h"
#include "sql/connection.h"

namespace leat::sql {

/// One file of COPY … RETURN_STATS.
struct CopiedFile {
  std::string path;
  int64_t rows = 0;
  int64_t size_bytes = 0;
  std::map<std::string, std::map<std::string, std::string>> columns;  ///< '"st"."a"' -> statistic -> text
  std::map<std::string, std::optional<std::string>> partition;        ///< PARTITION_BY column -> text
};

/// Reads the result of COPY … RETURN_STATS.
std::vector<CopiedFile> ReadCopiedFiles(QueryResult& result);

/// The manifest's description of a file: counts for columns outside lists and maps, bounds for simple types among them.
Result<lake::DataFile> DescribeFile(const CopiedFile& file, const data::Schema& schema);

}  // namespace leat::sql
