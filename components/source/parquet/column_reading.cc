#include "components/source/parquet/column_reading.h"

#include <fmt/format.h>

#include "component/engine_column.h"
#include "component/sql_text.h"
#include "component/text_inference.h"

namespace leat::components::parquet {
namespace {

using component::ReadColumn;
using data::TypeId;

/// Text for dead letters is made of rows that are refused only.
ReadColumn Checked(const std::string& value, const std::string& text) { return {value, text, true}; }

ReadColumn ReadText(const std::string& text, const data::Type& wanted) {
  if (wanted.id == TypeId::kString) return {text, "", false};
  return Checked(component::ExactCast(text, wanted), text);
}

ReadColumn ReadDelicate(const FileColumn& column, const std::string& name, const data::Type& wanted) {
  switch (column.delicate) {
    case Delicate::kInt96: {
      const std::string text = "leat_int96_text(" + name + ")";
      return wanted.id == TypeId::kTimestamp ? Checked("leat_int96(" + name + ")", text) : ReadText(text, wanted);
    }
    case Delicate::kNanoTime: {
      const std::string text = "substr(CAST(make_timestamp_ns(" + name + ") AS VARCHAR), 12)";
      return ReadText(text, wanted);
    }
    case Delicate::kNanoUtc: {
      const std::string text = "CAST(" + name + " AS VARCHAR) || '+00'";
      if (wanted.id != TypeId::kTimestampTz) return ReadText(text, wanted);
      // The session's zone is UTC.
      return Checked("CAST(" + component::FittingTimestamp(name, "TIMESTAMP_NS") + " AS TIMESTAMPTZ)", text);
    }
    default: return ReadText(fmt::format("leat_long_decimal({}, {})", name, column.scale), wanted);
  }
}

}  // namespace

component::SourceColumn LakeColumn(const std::string& name, const std::string& engine_type) {
  // Nested types stay; of nanoseconds the table's format decides.
  if (component::IsNestedEngineType(engine_type) || engine_type == "TIMESTAMP_NS") return {name, nullptr, engine_type};
  return component::EngineColumn(name, engine_type);
}

ReadColumn ReadFileColumn(const FileColumn& column, const data::Type& wanted) {
  const std::string name = component::SqlName(column.engine_name);
  if (column.delicate != Delicate::kNone) return ReadDelicate(column, name, wanted);
  const std::string& type = column.engine_type;
  if (!component::IsNestedEngineType(type))
    return component::ReadEngineColumn({column.engine_name, nullptr, type}, wanted);
  if (!wanted.is_nested()) return ReadText("CAST(" + name + " AS VARCHAR)", wanted);
  if (type == data::DuckDbTypeName(wanted)) return {name, "", false};
  return component::ReadThereAndBack(name, type, wanted);
}

std::string CountLost(const NestedLeaf& leaf) {
  std::string values = fmt::format("[{}]", component::SqlName(leaf.steps[0].name));
  for (size_t i = 0; i < leaf.steps.size(); ++i) {
    const NestedLeaf::Step& step = leaf.steps[i];
    if (i > 0 && !step.name.empty())
      values =
          fmt::format("list_transform({}, lambda x: struct_extract(x, {}))", values, component::SqlLiteral(step.name));
    if (step.repeated) values = fmt::format("flatten({})", values);
  }
  std::string lost;
  switch (leaf.delicate) {
    case Delicate::kInt96: lost = "leat_int96(x) IS NULL"; break;
    case Delicate::kNanoTime: lost = "x % 1000 <> 0"; break;
    case Delicate::kNanoUtc: lost = "(" + component::FittingTimestamp("x", "TIMESTAMP_NS") + ") IS NULL"; break;
    default: lost = "true"; break;  // the engine makes other numbers of them
  }
  return fmt::format("coalesce(len(list_filter({}, lambda x: x IS NOT NULL AND {})), 0)", values, lost);
}

}  // namespace leat::components::parquet
