#include "lake/column_change.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "base/nearest.h"
#include "data/value_json.h"
#include "lake/catalog_names.h"

namespace leat::lake {
namespace {

using data::Field;
using data::TypeId;

Error Refused(const std::string& path, const std::string& why) {
  return MakeError("LAKE-120", ErrorKind::kUsage, "column {}: {}", path, why);
}

size_t IndexOf(const std::vector<Field>& fields, const std::string& name) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (FoldName(fields[i].name) == FoldName(name)) return i;
  }
  return fields.size();
}

void CollectIds(const Field& field, std::set<int>& ids) {
  ids.insert(field.id);
  for (const Field& child : field.type->fields) CollectIds(child, ids);
}

/// A type whose members wait for ids of the table.
data::TypePtr WithoutIds(const data::TypePtr& type) {
  if (!type->is_nested()) return type;
  auto copy = std::make_shared<data::Type>(*type);
  for (Field& field : copy->fields) {
    field.id = 0;
    field.type = WithoutIds(field.type);
  }
  return copy;
}

Status CheckDefaultValue(const std::string& path, const data::Type& type, const std::string& json) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  if (value.is_null()) return Ok();
  if (type.is_nested() || type.id == TypeId::kVariant) {
    // Struct defaults may be the empty struct, whose members have defaults of their own.
    if (type.id == TypeId::kStruct && value.is_object() && value.empty()) return Ok();
    return Refused(path, data::TypeName(type) + " can only be NULL by default")
        .WithHint(type.id == TypeId::kStruct ? "give its members defaults" : "leave the default out");
  }
  if (!value.is_discarded() && data::ValueFromJson(value, type).ok()) return Ok();
  return Refused(path, fmt::format("its default {} is no value of type {}", json, data::TypeName(type)))
      .WithHint("write it as the specification does: 5, true, \"text\", \"2024-02-29\", \"14.20\" for decimal(9,2)");
}

/// What only a later format version has: "" for all others.
std::string NeedsVersionThree(const Field& field) {
  switch (field.type->id) {
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
    case TypeId::kVariant:
    case TypeId::kUnknown: return "type " + data::TypeName(*field.type);
    default: return field.initial_default || field.write_default ? "default values" : "";
  }
}

Status FieldsFitFormat(const std::vector<Field>& fields, int version, const std::string& path) {
  for (const Field& field : fields) {
    const std::string needed = NeedsVersionThree(field);
    if (!needed.empty() && version < 3) {
      return Refused(path + field.name, fmt::format("{} need{} format version 3, the table has {}", needed,
                                                    needed.starts_with("type") ? "s" : "", version))
          .WithHint("upgrade the table first: format-version 3");
    }
    for (const auto& json : {field.initial_default, field.write_default}) {
      if (json) LEAT_TRY(CheckDefaultValue(path + field.name, *field.type, *json));
    }
    if (field.type->id == TypeId::kUnknown && (field.required || field.initial_default || field.write_default))
      return Refused(path + field.name, "a column of type unknown is always NULL: optional, without a default");
    LEAT_TRY(FieldsFitFormat(field.type->fields, version, path + field.name + "."));
  }
  return Ok();
}

/// The fields among which a column stands, and what they are the fields of.
struct Neighbours {
  std::vector<Field>& fields;
  TypeId of;        ///< kStruct at the top, too
  bool in_map_key;  ///< below the key of a map
};

class Changer {
 public:
  Changer(const TableMetadata& before, data::Schema& schema) : before_(before), schema_(schema) {}

  Status operator()(const AddColumn& change) {
    return At(change.path, true, [&](Neighbours at, size_t index, const std::string& name) -> Status {
      if (at.of != TypeId::kStruct)
        return Refused(change.path, "only a struct takes members")
            .WithHint("lists have an element, maps a key and a value");
      if (index < at.fields.size()) return Refused(change.path, "it is there already, as " + at.fields[index].name);
      if (name.empty()) return Refused(change.path, "a column needs a name");
      if (change.required && HasRows() && !change.default_json) {
        return Refused(change.path, "a required column cannot be added: the rows that are there have no value for it")
            .WithHint("add it as an optional column");
      }
      if (change.default_json) LEAT_TRY(CheckDefault(change.path, *change.type, *change.default_json));
      Field field;
      field.name = name;
      field.type = WithoutIds(change.type);
      field.required = change.required;
      field.doc = change.doc;
      field.initial_default = field.write_default = change.default_json;
      at.fields.push_back(std::move(field));
      return Place(change.path, at.fields, at.fields.size() - 1, change.place);
    });
  }

  Status operator()(const DropColumn& change) {
    return At(change.path, false, [&](Neighbours at, size_t index, const std::string&) -> Status {
      if (at.of != TypeId::kStruct)
        return Refused(change.path, "a list keeps its element, a map its key and value")
            .WithHint("drop the whole column");
      if (at.fields.size() == 1) {
        return Refused(change.path, "a table or struct keeps at least one column").WithHint("add the other one first");
      }
      std::set<int> ids;
      CollectIds(at.fields[index], ids);
      const auto uses = [&](const auto& fields) {
        return std::any_of(fields.begin(), fields.end(),
                           [&](const auto& field) { return ids.contains(field.source_id); });
      };
      if (uses(before_.default_spec().fields))
        return Refused(change.path, "the table is partitioned by it").WithHint("change partition_by first");
      if (uses(before_.default_sort_order().fields))
        return Refused(change.path, "the table is sorted by it").WithHint("change sort_by first");
      for (const int id : schema_.identifier_field_ids) {
        if (ids.contains(id)) return Refused(change.path, "it identifies the table's rows (identifier field)");
      }
      at.fields.erase(at.fields.begin() + static_cast<std::ptrdiff_t>(index));
      return Ok();
    });
  }

  Status operator()(const RenameColumn& change) {
    return At(change.path, false, [&](Neighbours at, size_t index, const std::string&) -> Status {
      if (at.of != TypeId::kStruct)
        return Refused(change.path, "the parts of lists and maps have the names of the specification");
      if (change.name.empty()) return Refused(change.path, "a column needs a name");
      const size_t other = IndexOf(at.fields, change.name);
      if (other < at.fields.size() && other != index)
        return Refused(change.path, "there is a column " + at.fields[other].name + " already");
      at.fields[index].name = change.name;
      return Ok();
    });
  }

  Status operator()(const ChangeColumnType& change) {
    return At(change.path, false, [&](Neighbours at, size_t index, const std::string&) -> Status {
      Field& field = at.fields[index];
      const std::string from = data::TypeName(*field.type), to = data::TypeName(*change.type);
      if (from == to) return Ok();
      if (at.of == TypeId::kMap && index == 0) return Refused(change.path, "the key of a map keeps its type");
      if (field.type->is_nested() || change.type->is_nested()) {
        return Refused(change.path, fmt::format("{} cannot become {}", from, to))
            .WithHint("change, add or drop its members one by one: " + change.path + ".…");
      }
      if (!data::CanPromote(*field.type, *change.type)) {
        return Refused(change.path, fmt::format("{} cannot become {}: not every value would stay what it is", from, to))
            .WithHint("int -> long, float -> double and decimals with more digits can; else add a column of that type");
      }
      field.type = change.type;
      return Ok();
    });
  }

  Status operator()(const SetColumnRequired& change) {
    return At(change.path, false, [&](Neighbours at, size_t index, const std::string&) -> Status {
      Field& field = at.fields[index];
      if (field.required == change.required) return Ok();
      if (at.of == TypeId::kMap && index == 0) return Refused(change.path, "the key of a map is always required");
      if (change.required && HasRows())
        return Refused(change.path, "it cannot become required: rows that are there may have no value")
            .WithHint("check it instead: checks: [not_null]");
      const auto& ids = schema_.identifier_field_ids;
      if (!change.required && std::find(ids.begin(), ids.end(), field.id) != ids.end())
        return Refused(change.path, "it identifies the table's rows (identifier field) and stays required");
      field.required = change.required;
      return Ok();
    });
  }

  Status operator()(const MoveColumn& change) {
    return At(change.path, false, [&](Neighbours at, size_t index, const std::string&) -> Status {
      if (at.of != TypeId::kStruct) return Refused(change.path, "the parts of lists and maps have one order");
      return Place(change.path, at.fields, index, change.place);
    });
  }

  Status operator()(const CommentColumn& change) {
    return At(change.path, false, [&](Neighbours at, size_t index, const std::string&) -> Status {
      at.fields[index].doc = change.doc;
      return Ok();
    });
  }

  Status operator()(const SetColumnDefault& change) {
    return At(change.path, false, [&](Neighbours at, size_t index, const std::string&) -> Status {
      if (change.json) LEAT_TRY(CheckDefault(change.path, *at.fields[index].type, *change.json));
      at.fields[index].write_default = change.json;
      return Ok();
    });
  }

 private:
  using Edit = std::function<Status(Neighbours, size_t index, const std::string& name)>;

  bool HasRows() const { return before_.current_snapshot() != nullptr; }

  /// Calls `edit` with the neighbours of the column at `path`. `add`: the column itself need not be there.
  Status At(const std::string& path, bool add, const Edit& edit) {
    const std::vector<std::string> names = SplitColumnPath(path);
    return Descend(path, names, 0, {schema_.fields, TypeId::kStruct, false}, add, edit);
  }

  Status Descend(const std::string& path, const std::vector<std::string>& names, size_t depth, Neighbours at, bool add,
                 const Edit& edit) {
    const std::string& name = names[depth];
    const size_t index = IndexOf(at.fields, name);
    const bool last = depth + 1 == names.size();
    if (index == at.fields.size() && !(last && add)) return NotThere(path, name, at.fields);
    if (last) {
      if (at.in_map_key) return Refused(path, "the key of a map keeps its members").WithHint("add another column");
      return edit(at, index, name);
    }
    Field& field = at.fields[index];
    if (!field.type->is_nested())
      return Refused(path, fmt::format("{} is {} and has no members", field.name, data::TypeName(*field.type)));
    auto type = std::make_shared<data::Type>(*field.type);
    const bool key = at.in_map_key || (at.of == TypeId::kMap && index == 0);
    LEAT_TRY(Descend(path, names, depth + 1, {type->fields, type->id, key}, add, edit));
    field.type = std::move(type);
    return Ok();
  }

  static Error NotThere(const std::string& path, const std::string& name, const std::vector<Field>& fields) {
    std::vector<std::string> names;
    std::string all;
    for (const Field& field : fields) {
      names.push_back(field.name);
      all += (all.empty() ? "" : ", ") + field.name;
    }
    const std::string near = DidYouMean(name, names);
    return MakeError("LAKE-122", ErrorKind::kNotFound, "there is no column {}", path)
        .WithHint(near.empty() ? "there are " + all : near);
  }

  Status CheckDefault(const std::string& path, const data::Type& type, const std::string& json) const {
    if (before_.format_version < 3) {
      return Refused(path,
                     fmt::format("a table of format version {} cannot have default values", before_.format_version))
          .WithHint("upgrade it first: format-version 3");
    }
    return CheckDefaultValue(path, type, json);
  }

  static Status Place(const std::string& path, std::vector<Field>& fields, size_t index, const ColumnPlace& place) {
    using Where = ColumnPlace::Where;
    size_t to = place.where == Where::kFirst ? 0 : fields.size();
    if (place.where == Where::kAfter || place.where == Where::kBefore) {
      const size_t other = IndexOf(fields, place.other);
      if (other == fields.size()) return NotThere(path, place.other, fields);
      if (other == index) return Refused(path, "it cannot stand beside itself");
      to = other + (place.where == Where::kAfter ? 1 : 0);
    }
    Field field = std::move(fields[index]);
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(index));
    if (to > index) --to;
    fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(to), std::move(field));
    return Ok();
  }

  const TableMetadata& before_;
  data::Schema& schema_;
};

// Dates become timestamps in format version 3.
bool CanFollow(const data::Type& from, const data::Type& to) {
  if (from.is_nested() || to.is_nested()) return from.id == to.id;
  return data::CanPromote(from, to) ||
         (from.id == TypeId::kDate && (to.id == TypeId::kTimestamp || to.id == TypeId::kTimestampNs));
}

Status TypesFollow(const data::Schema& before, const std::vector<Field>& fields, const std::string& path) {
  for (const Field& field : fields) {
    const Field* old = before.FindById(field.id);
    if (old != nullptr && !CanFollow(*old->type, *field.type)) {
      return Refused(path + field.name, fmt::format("{} cannot become {}: the rows that are there could not be read",
                                                    data::TypeName(*old->type), data::TypeName(*field.type)))
          .WithHint("give the column of the new type a new id, or replace the rows in the same commit");
    }
    LEAT_TRY(TypesFollow(before, field.type->fields, path + field.name + "."));
  }
  return Ok();
}

}  // namespace

bool SameColumns(const std::vector<Field>& a, const std::vector<Field>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Field& x, const Field& y) {
    return x.id == y.id && x.name == y.name && x.required == y.required && x.doc == y.doc &&
           x.initial_default == y.initial_default && x.write_default == y.write_default && x.type->id == y.type->id &&
           x.type->precision == y.type->precision && x.type->scale == y.type->scale &&
           x.type->length == y.type->length && SameColumns(x.type->fields, y.type->fields);
  });
}

Status CheckColumnsFitFormat(const TableMetadata& metadata) {
  return FieldsFitFormat(metadata.current_schema().fields, metadata.format_version, "");
}

std::vector<std::string> SplitColumnPath(const std::string& path) {
  std::vector<std::string> names(1);
  bool quoted = false;
  for (const char c : path) {
    if (c == '"') quoted = !quoted;
    else if (c == '.' && !quoted) names.emplace_back();
    else names.back() += c;
  }
  return names;
}

const data::Field* FindColumnAt(const data::Schema& schema, const std::string& path) {
  const std::vector<Field>* fields = &schema.fields;
  const Field* found = nullptr;
  for (const std::string& name : SplitColumnPath(path)) {
    const size_t index = IndexOf(*fields, name);
    if (index == fields->size()) return nullptr;
    found = &(*fields)[index];
    fields = &found->type->fields;
  }
  return found;
}

Status CheckTypesFollow(const TableMetadata& before, const TableMetadata& after) {
  const bool rows_stay = before.current_snapshot_id && before.current_snapshot_id == after.current_snapshot_id;
  if (!rows_stay || before.current_schema_id == after.current_schema_id) return Ok();
  return TypesFollow(before.current_schema(), after.current_schema().fields, "");
}

Result<TableMetadata> ChangeColumns(const TableMetadata& before, const std::vector<ColumnChange>& changes) {
  data::Schema schema = before.current_schema();
  int next_id = before.last_column_id + 1;
  for (const ColumnChange& change : changes) {
    Changer changer(before, schema);
    LEAT_TRY(std::visit(changer, change));
    next_id = data::AssignFieldIds(schema, next_id);
  }
  TableMetadata after = before;
  if (SameColumns(schema.fields, before.current_schema().fields)) return after;
  for (const data::Schema& known : before.schemas) {
    if (SameColumns(known.fields, schema.fields) && known.identifier_field_ids == schema.identifier_field_ids) {
      after.current_schema_id = known.schema_id;  // back to what it was
      return after;
    }
    schema.schema_id = std::max(schema.schema_id, known.schema_id + 1);
  }
  after.last_column_id = next_id - 1;
  after.current_schema_id = schema.schema_id;
  after.schemas.push_back(std::move(schema));
  return after;
}

}  // namespace leat::lake
