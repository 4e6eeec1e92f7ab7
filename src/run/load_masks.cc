#include "run/load_masks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/log.h"
#include "base/lower.h"
#include "project/drift_policy.h"
#include "run/row_change.h"

namespace leat::run {
namespace {

using project::DriftClass;

bool IsMasked(const project::Asset& asset, const std::string& column) {
  const project::ColumnInfo* info = FindColumnInfo(asset, column);
  return info != nullptr && info->mask != nullptr;
}

std::map<std::string, std::string> Parse(const std::string& marks) {
  const nlohmann::json json = nlohmann::json::parse(marks, nullptr, false);
  std::map<std::string, std::string> parsed;
  if (!json.is_object()) return parsed;
  for (const auto& [column, mark] : json.items()) {
    if (mark.is_string()) parsed[column] = mark.get<std::string>();
  }
  return parsed;
}

Error NotRead(const project::Asset& asset, const std::string& column, const SourceSpan& where,
              const std::string& what) {
  return MakeError("RUN-568", ErrorKind::kConfig, "table {}: the masked column '{}' {}", asset.table.ToString(), column,
                   what)
      .WithHint(
          "nothing was loaded: under another name its values would come unmasked. Name the column as the source does "
          "(`leat drift` shows what changed), or take the mask out where it is gone for good")
      .At(where);
}

}  // namespace

bool MasksColumns(const project::Asset& asset) {
  return std::any_of(asset.columns.begin(), asset.columns.end(),
                     [](const project::ColumnInfo& column) { return column.mask != nullptr; });
}

Result<LoadMasks> LoadMasks::Of(const project::Asset& asset, const RegisteredTable& registered) {
  LoadMasks masks;
  for (const project::ColumnInfo& info : asset.columns) {
    if (info.mask == nullptr) continue;
    bool read = false;
    for (size_t i = 0; i < registered.names.size(); ++i) {
      const component::SourceColumn& column = registered.table.columns[i];
      if (Lower(column.name) != Lower(info.name)) continue;
      read = true;
      if (info.mask->instance->TypeOf(column.type) == nullptr) {
        return MakeError("RUN-567", ErrorKind::kConfig, "table {}: mask {} of column '{}', which is {}",
                         asset.table.ToString(), info.mask->spec->name, column.name, data::TypeName(*column.type))
            .WithHint("`leat describe mask " + info.mask->spec->name +
                      "` says what it is for; `fixed` and `nothing` take every type, `data_type` declares another one")
            .At(info.mask->where);
      }
      masks.columns_[i] = {column.name, registered.names[i], column.type, info.mask.get()};
    }
    if (!read) return NotRead(asset, info.name, info.mask->where, "is not among those that are read");
  }
  return masks;
}

Status LoadMasks::CheckDrift(const project::Asset& asset, const std::vector<DriftNote>& notes) {
  const auto added = std::find_if(notes.begin(), notes.end(), [](const DriftNote& note) {
    return note.kind == project::DriftClassName(DriftClass::kAdditive);
  });
  if (added == notes.end()) return Ok();
  for (const DriftNote& note : notes) {
    if (note.kind != project::DriftClassName(DriftClass::kRemoved) || !IsMasked(asset, note.column)) continue;
    return NotRead(asset, note.column, FindColumnInfo(asset, note.column)->mask->where,
                   fmt::format("is missing{}, where '{}' appeared", note.origin.empty() ? "" : " in " + note.origin,
                               added->column));
  }
  return Ok();
}

bool LoadMasks::HasColumn(const std::string& name) const {
  return std::any_of(columns_.begin(), columns_.end(), [&](const auto& entry) {
    return Lower(entry.second.source_name) == Lower(name) || Lower(entry.second.raw_name) == Lower(name);
  });
}

bool LoadMasks::MasksKey(const project::Asset& asset, const RegisteredTable& registered) const {
  const auto masked = [&](const std::string& name) { return HasColumn(name); };
  const auto& there = registered.table.primary_key;
  return std::any_of(asset.primary_key.begin(), asset.primary_key.end(), masked) ||
         std::any_of(there.begin(), there.end(), masked);
}

data::TypePtr LoadMasks::RawType(size_t i, const data::TypePtr& type) const {
  const auto at = columns_.find(i);
  return at == columns_.end() ? type : at->second.mask->instance->TypeOf(type);
}

void LoadMasks::Retype(std::vector<data::Field>& fields) const {
  for (const auto& [i, column] : columns_) {
    for (data::Field& field : fields) {
      if (field.name == column.raw_name) field.type = RawType(i, column.type);
    }
  }
}

std::string LoadMasks::Select(size_t i, const std::string& value) const {
  const auto at = columns_.find(i);
  return at == columns_.end() ? value : at->second.mask->instance->Masked(value, *at->second.type);
}

std::string LoadMasks::Marks() const {
  nlohmann::json marks = nlohmann::json::object();
  for (const auto& [i, column] : columns_) marks[column.raw_name] = column.mask->mark;
  return marks.dump();
}

void LoadMasks::AddProperty(const Target& target, lake::Properties& properties) const {
  const bool had = target.metadata != nullptr && target.metadata->properties.contains(kMasksProperty);
  if (any() || had) properties[kMasksProperty] = Marks();
}

Result<std::string> LoadMasks::CheckOldRows(const project::Asset& asset, const Target& target,
                                            const std::map<std::string, std::string>& renamed) const {
  if (RowsBefore(target) == 0 || (asset.replaces_all() && !asset.soft_delete)) return std::string();
  const auto property = target.metadata->properties.find(kMasksProperty);
  const bool none = property == target.metadata->properties.end();
  const std::map<std::string, std::string> before =
      none ? std::map<std::string, std::string>() : Parse(property->second);
  const std::map<std::string, std::string> now = Parse(Marks());
  std::map<std::string, std::string> was;  // by the names of now
  for (const auto& [column, mark] : before) {
    const auto to = std::find_if(renamed.begin(), renamed.end(),
                                 [&, &name = column](const auto& one) { return one.second == name; });
    was[to == renamed.end() ? column : to->first] = mark;
  }
  std::set<std::string> columns;
  for (const auto& [column, mark] : was) columns.insert(column);
  for (const auto& [column, mark] : now) columns.insert(column);
  std::string differing;
  for (const std::string& column : columns) {
    const auto old = was.find(column);
    const auto then = now.find(column);
    if (old != was.end() && then != now.end() && old->second == then->second) continue;
    const auto& key = asset.primary_key;
    const bool is_key =
        std::any_of(key.begin(), key.end(), [&](const std::string& name) { return Lower(name) == Lower(column); });
    if (!is_key && asset.mode == "delete") continue;  // only keys are looked at
    if (is_key && asset.mode != "append") {
      return MakeError("RUN-569", ErrorKind::kConfig,
                       "table {}: the key column '{}' is masked otherwise than in the rows that are there",
                       asset.table.ToString(), column)
          .WithHint(
              "no row would find the one that it replaces: put mask and salt back, or load all of it anew "
              "(`mode: full-refresh` once)")
          .At(asset.where);
    }
    differing += (differing.empty() ? "" : ", ") + column;
  }
  if (!differing.empty()) Log(LogLevel::kWarn, "other_masks", {{"asset", asset.id}, {"columns", differing}});
  return differing;
}

}  // namespace leat::run
