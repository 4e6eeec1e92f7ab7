#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/type.h"
#include "sql/engine.h"

namespace leat::sql {

/// A column of a Parquet file as its footer has it. Lists have one child (the element), maps two (key, value); the
/// repeated groups between are left out.
struct ParquetNode {
  enum class Kind { kPrimitive, kStruct, kList, kMap };
  std::string name;
  int field_id = 0;  ///< 0: the footer has none
  Kind kind = Kind::kPrimitive;
  std::string physical;  ///< "INT32", …
  int precision = 0;
  int scale = 0;
  std::vector<ParquetNode> children;

  const ParquetNode* ChildById(int id) const;
  const ParquetNode* ChildByName(const std::string& name) const;
};

/// The columns of one file; `root` is a struct.
struct ParquetShape {
  ParquetNode root;
  bool has_ids = false;
  std::string signature;  ///< equal for files with equal names, ids and types
};
using ParquetShapePtr = std::shared_ptr<const ParquetShape>;

struct FileToRead {
  std::string path;  ///< as DuckDB reads it
  int64_t size_bytes = 0;
};

/// Footers of files, read in one statement and kept for the process (data files never change). Keyed by path.
Result<std::map<std::string, ParquetShapePtr>> ReadShapes(Connection& connection, const std::vector<FileToRead>& files);

/// True when read_parquet(schema => MAP {id: …}) gives this field right: it maps top-level ids only and matches members
/// by name, so nested names, ids and types must be those of the file.
bool ReadableById(const data::Field& field, const ParquetNode& root);

}  // namespace leat::sql
