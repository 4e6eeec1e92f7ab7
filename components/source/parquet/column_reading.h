#pragma once

#include <string>

#include "component/source.h"
#include "components/source/parquet/file_shape.h"

namespace leat::components::parquet {

/// A column of files as the lake keeps it; `engine_type`: what the engine makes of it, or of all files' together.
component::SourceColumn LakeColumn(const std::string& name, const std::string& engine_type);

/// How a column of a file is read as `wanted`: exactly, or NULL where a value does not fit (`checked`). Of delicate columns: from a
/// retold file.
component::ReadColumn ReadFileColumn(const FileColumn& column, const data::Type& wanted);

/// How many values inside of a bare retold file's column the engine would not keep as they are: SQL of one number a row.
std::string CountLost(const NestedLeaf& leaf);

}  // namespace leat::components::parquet
