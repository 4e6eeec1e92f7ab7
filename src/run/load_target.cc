#include "run/load_target.h"

#include <algorithm>
#include <memory>

#include "base/ids.h"
#include "base/log.h"
#include "lake/column_change.h"
#include "lake/table_update.h"

namespace leat::run {
namespace {

lake::CommitInfo InfoOf(const StepContext& context) {
  lake::CommitInfo info;
  info.author = "leat";
  info.run_id = context.run_id;
  info.message = "step " + context.asset.id;
  return info;
}

lake::Properties NamespaceProperties(const StepContext& context) {
  lake::Properties properties{{"leat.zone", context.asset.zone}, {"leat.owner", "project"}};
  if (!context.asset.source_name.empty()) properties["leat.source"] = context.asset.source_name;
  return properties;
}

std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first);
}

Result<const data::Field*> FindColumn(const data::Schema& schema, const std::string& name, const std::string& text) {
  const data::Field* field = schema.FindColumn(name);
  if (field == nullptr) field = lake::FindColumnAt(schema, name);
  if (field != nullptr) return field;
  std::string columns;
  for (const data::Field& one : schema.fields) columns += (columns.empty() ? "" : ", ") + one.name;
  return MakeError("RUN-511", ErrorKind::kConfig, "'{}': the table has no column '{}'", text, name)
      .WithHint("it has " + columns);
}

/// A type whose members wait for ids of the table: those of a SELECT's columns start at 1 for each column.
data::TypePtr WithoutIds(const data::TypePtr& type) {
  if (!type->is_nested()) return type;
  auto copy = std::make_shared<data::Type>(*type);
  for (data::Field& field : copy->fields) {
    field.id = 0;
    field.type = WithoutIds(field.type);
  }
  return copy;
}

/// The new schema by name: ids of known columns stay, others get new ones.
data::Schema EvolveSchema(const data::Schema& before, const WantedSchema& wanted, int& last_column_id) {
  data::Schema after;
  for (const data::Field& field : wanted.fields) {
    data::Field next = field;
    next.type = WithoutIds(field.type);
    const data::Field* known = before.FindColumn(field.name);
    const auto old_name = wanted.renamed.find(field.name);
    const bool renamed = known == nullptr && old_name != wanted.renamed.end();
    if (renamed) known = before.FindColumn(old_name->second);
    next.id = 0;
    if (known != nullptr) {
      if (!renamed) next.name = known->name;
      if (next.doc.empty()) next.doc = known->doc;
      if (data::TypeName(*known->type) == data::TypeName(*field.type)) {
        next.type = known->type;  // nested ids stay too
        next.id = known->id;
      } else if (data::CanPromote(*known->type, *field.type)) {
        next.id = known->id;
      }
      if (next.id != 0) {
        next.initial_default = known->initial_default;
        next.write_default = known->write_default;
      }
    }
    after.fields.push_back(std::move(next));
  }
  if (wanted.keep_others) {
    for (const data::Field& field : before.fields) {
      const bool there = std::any_of(after.fields.begin(), after.fields.end(),
                                     [&](const data::Field& one) { return one.id == field.id; });
      if (!there && after.FindColumn(field.name) == nullptr) after.fields.push_back(field);
    }
  }
  last_column_id = data::AssignFieldIds(after, last_column_id + 1) - 1;
  return after;
}

int UseSchema(lake::TableMetadata& metadata, data::Schema schema) {
  // The current one first: older ones may differ in defaults and comments.
  if (data::SameSchema(metadata.current_schema(), schema)) return metadata.current_schema_id;
  int next = 0;
  for (const data::Schema& known : metadata.schemas) {
    if (data::SameSchema(known, schema)) return known.schema_id;
    next = std::max(next, known.schema_id + 1);
  }
  schema.schema_id = next;
  metadata.schemas.push_back(std::move(schema));
  return next;
}

bool SameFields(const lake::PartitionSpec& a, const lake::PartitionSpec& b) {
  return std::equal(
      a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
      [](const auto& x, const auto& y) { return x.source_id == y.source_id && x.transform == y.transform; });
}

bool SameOrder(const lake::SortOrder& a, const lake::SortOrder& b) {
  return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const auto& x, const auto& y) {
                      return x.source_id == y.source_id && x.transform == y.transform && x.ascending == y.ascending &&
                             x.nulls_first == y.nulls_first;
                    });
}

int UseSpec(lake::TableMetadata& metadata, lake::PartitionSpec spec) {
  int next = 0;
  for (const lake::PartitionSpec& known : metadata.specs) {
    if (SameFields(known, spec)) return known.spec_id;
    next = std::max(next, known.spec_id + 1);
  }
  spec.spec_id = next;
  // The same transform of the same column keeps its id over all specs (specification, "Partition Evolution").
  for (lake::PartitionField& field : spec.fields) {
    for (const lake::PartitionSpec& known : metadata.specs) {
      for (const lake::PartitionField& other : known.fields) {
        if (other.source_id == field.source_id && other.transform == field.transform) field.field_id = other.field_id;
      }
    }
    if (field.field_id == 0) field.field_id = ++metadata.last_partition_id;
  }
  metadata.specs.push_back(std::move(spec));
  return next;
}

int UseOrder(lake::TableMetadata& metadata, lake::SortOrder order) {
  if (order.fields.empty()) {
    bool has = std::any_of(metadata.sort_orders.begin(), metadata.sort_orders.end(),
                           [](const auto& known) { return known.order_id == 0; });
    if (!has) metadata.sort_orders.push_back({});
    return 0;
  }
  int next = 1;
  for (const lake::SortOrder& known : metadata.sort_orders) {
    if (known.order_id != 0 && SameOrder(known, order)) return known.order_id;
    next = std::max(next, known.order_id + 1);
  }
  order.order_id = next;
  metadata.sort_orders.push_back(std::move(order));
  return next;
}

/// The property that says what format the table has, which is no property of the table. 0: not said. A table never goes back.
int TakeFormatVersion(lake::Properties& properties) {
  const int version = FormatVersionIn(properties);
  properties.erase("format-version");
  return version;
}

}  // namespace

int FormatVersionIn(const lake::Properties& properties) {
  const auto found = properties.find("format-version");
  if (found == properties.end()) return 0;
  return found->second == "3" ? 3 : 2;  // the project reader lets nothing else through
}

int FormatVersionOf(const StepContext& context, const Target& target) {
  const int stored = target.metadata == nullptr ? 2 : target.metadata->format_version;
  return std::max(stored, FormatVersionIn(context.asset.table_properties));
}

data::Field DeletedAtField() {
  data::Field field;
  field.name = kDeletedAt;
  field.type = data::Primitive(data::TypeId::kTimestampTz);
  field.doc = "When the row was found to be gone from its source; NULL: it is there";
  return field;
}

int64_t Target::snapshot_id() const { return metadata == nullptr ? 0 : metadata->current_snapshot_id.value_or(0); }

Result<Target> OpenTarget(StepContext& context) {
  lake::Catalog& catalog = *context.lakehouse.catalog;
  const lake::TableName& name = context.asset.table;
  Target target;
  LEAT_ASSIGN(target.view, catalog.Resolve(context.branch));
  LEAT_ASSIGN(std::optional<lake::Properties> properties, catalog.FindNamespace(target.view, name.ns));
  if (!properties) {
    Status made = catalog.CreateNamespace(context.branch, name.ns, NamespaceProperties(context), InfoOf(context));
    if (!made.ok() && made.error().kind() != ErrorKind::kExists && made.error().kind() != ErrorKind::kConflict)
      return std::move(made).error();
    LEAT_ASSIGN(target.view, catalog.Resolve(context.branch));
    LEAT_ASSIGN(properties, catalog.FindNamespace(target.view, name.ns));
    if (!properties)
      return MakeError("RUN-501", ErrorKind::kInternal, "namespace {} is not on {} after it was made", name.ns,
                       context.branch);
  }
  target.namespace_properties = *properties;
  LEAT_ASSIGN(target.entry, catalog.FindTable(target.view, name));
  if (target.entry && target.entry->kind == lake::ObjectKind::kTable) {
    LEAT_ASSIGN(target.metadata, catalog.LoadMetadata(target.entry->location));
  }
  return target;
}

Result<lake::PartitionField> ParsePartition(const std::string& text, const data::Schema& schema) {
  std::string column = Trimmed(text);
  lake::PartitionField field;
  field.transform = "identity";
  size_t open = text.find('(');
  std::string suffix;
  if (open != std::string::npos) {
    size_t close = text.rfind(')');
    std::string function = Trimmed(text.substr(0, open));
    std::string arguments = text.substr(open + 1, close == std::string::npos ? close : close - open - 1);
    std::string width;
    size_t comma = arguments.find(',');
    if (comma != std::string::npos) {  // bucket(16, id) and bucket(id, 16)
      std::string first = Trimmed(arguments.substr(0, comma));
      std::string second = Trimmed(arguments.substr(comma + 1));
      bool number_first = first.find_first_not_of("0123456789") == std::string::npos;
      width = number_first ? first : second;
      column = number_first ? second : first;
    } else {
      column = Trimmed(arguments);
    }
    bool wide = function == "bucket" || function == "truncate";
    bool plain =
        function == "identity" || function == "year" || function == "month" || function == "day" || function == "hour";
    bool good_width = !width.empty() && width.size() < 10 &&
                      width.find_first_not_of("0123456789") == std::string::npos && width != "0";
    if (close == std::string::npos || !(wide || plain) || wide != !width.empty() || (wide && !good_width)) {
      return MakeError("RUN-511", ErrorKind::kConfig, "'{}' is no partition", text)
          .WithHint("write a column, year(c), month(c), day(c), hour(c), truncate(n, c) or bucket(n, c)");
    }
    field.transform = wide ? function + "[" + width + "]" : function;
    suffix = function == "identity" ? "" : "_" + function;
  }
  LEAT_ASSIGN(const data::Field* source, FindColumn(schema, column, text));
  field.source_id = source->id;
  field.name = (schema.FindColumn(column) != nullptr ? source->name : column) + suffix;
  return field;
}

Result<lake::SortField> ParseSort(const std::string& text, const data::Schema& schema) {
  lake::SortField field;
  std::string rest = Trimmed(text);
  const auto take = [&rest](const std::string& words) {
    if (rest.size() <= words.size()) return false;
    std::string end = rest.substr(rest.size() - words.size());
    for (char& c : end) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (end != words) return false;
    rest = Trimmed(rest.substr(0, rest.size() - words.size()));
    return true;
  };
  const bool first = take(" nulls first");
  const bool last = !first && take(" nulls last");
  field.ascending = !take(" desc");
  if (field.ascending) take(" asc");
  field.nulls_first = first || (!last && field.ascending);
  LEAT_ASSIGN(const lake::PartitionField source, ParsePartition(rest, schema));
  field.source_id = source.source_id;
  field.transform = source.transform;
  return field;
}

Result<Layout> LayOut(StepContext& context, const Target& target, const WantedSchema& wanted,
                      const lake::Properties& properties, const std::string& known_uuid) {
  lake::PartitionSpec spec;
  lake::SortOrder order;
  auto parse = [&](const data::Schema& schema) -> Status {
    for (const std::string& text : context.asset.partition_by) {
      LEAT_ASSIGN(lake::PartitionField field, ParsePartition(text, schema));
      spec.fields.push_back(std::move(field));
    }
    for (const std::string& text : context.asset.sort_by) {
      LEAT_ASSIGN(lake::SortField field, ParseSort(text, schema));
      order.fields.push_back(std::move(field));
    }
    return Ok();
  };
  lake::Properties all = context.asset.table_properties;
  for (const auto& [key, value] : properties) all[key] = value;
  const int version = TakeFormatVersion(all);

  Layout layout;
  if (target.metadata == nullptr) {
    data::Schema schema;
    schema.fields = wanted.fields;
    for (data::Field& field : schema.fields) field.type = WithoutIds(field.type);
    data::AssignFieldIds(schema, 1);
    LEAT_TRY(parse(schema));
    for (size_t i = 0; i < spec.fields.size(); ++i) spec.fields[i].field_id = 1000 + static_cast<int>(i);
    if (!order.fields.empty()) order.order_id = 1;
    const std::string uuid = known_uuid.empty() ? NewUuidV4() : known_uuid;
    std::string location =
        context.lakehouse.catalog->NewTableLocation(context.asset.table, uuid, target.namespace_properties);
    LEAT_ASSIGN(layout.metadata, lake::NewTableMetadata(uuid, location, schema, spec, order, all, SystemClock().Now(),
                                                        version == 0 ? 2 : version));
    layout.created = true;
  } else {
    const lake::TableMetadata& before = *target.metadata;
    layout.metadata = before;
    if (version > before.format_version) {
      LEAT_ASSIGN(layout.metadata,
                  lake::ApplyUpdates({lake::UpgradeFormatVersion{version}}, &before, SystemClock().Now()));
    }
    data::Schema schema = EvolveSchema(before.current_schema(), wanted, layout.metadata.last_column_id);
    LEAT_TRY(parse(schema));
    layout.metadata.current_schema_id = UseSchema(layout.metadata, schema);
    layout.metadata.default_spec_id = UseSpec(layout.metadata, spec);
    layout.metadata.default_sort_order_id = UseOrder(layout.metadata, order);
    for (const auto& [key, value] : all) layout.metadata.properties[key] = value;
    layout.schema_changed = layout.metadata.format_version != before.format_version ||
                            layout.metadata.current_schema_id != before.current_schema_id ||
                            layout.metadata.default_spec_id != before.default_spec_id ||
                            layout.metadata.default_sort_order_id != before.default_sort_order_id ||
                            layout.metadata.properties != before.properties;
    if (layout.metadata.current_schema_id == before.current_schema_id)
      layout.metadata.last_column_id = before.last_column_id;
  }
  layout.schema = layout.metadata.current_schema();
  return layout;
}

Result<Layout> LayOutDelete(StepContext& context, const Target& target) {
  const project::Asset* into = context.project.Find(context.asset.into);
  if (target.metadata == nullptr) {
    return MakeError("RUN-539", ErrorKind::kNotFound, "the table {}, from which {} deletes, is not there",
                     context.asset.table.ToString(), context.asset.id)
        .At(context.asset.where)
        .WithHint("it is made by the first load of " + context.asset.into);
  }
  Layout layout;
  layout.metadata = *target.metadata;
  if (into != nullptr && into->soft_delete && target.metadata->current_schema().FindColumn(kDeletedAt) == nullptr) {
    data::Schema schema = target.metadata->current_schema();
    schema.fields.push_back(DeletedAtField());
    data::AssignFieldIds(schema, layout.metadata.last_column_id + 1);
    LEAT_ASSIGN(layout.metadata, lake::ApplyUpdates({lake::AddSchema{std::move(schema)}, lake::SetCurrentSchema{}},
                                                    target.metadata.get(), SystemClock().Now()));
    layout.schema_changed = true;
  }
  layout.schema = layout.metadata.current_schema();
  return layout;
}

std::string DataFolder(const StepContext& context, const std::string& location) {
  std::string step = context.asset.id;
  for (char& c : step) {
    bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!plain) c = '_';
  }
  // Attempts of one run never share a folder, also when the step was planned again.
  return io::JoinUri(io::JoinUri(io::JoinUri(location, "data"), context.run_id),
                     step + "-" + std::to_string(context.attempt) + "-" + RandomHex(4));
}

Result<Committed> CommitTable(StepContext& context, const Target& target, const Layout& layout,
                              const std::optional<lake::DataChange>& change, const lake::Properties& summary,
                              const std::vector<state::Fence>& fences, const std::string& data_folder,
                              const std::function<Status(state::Transaction&, lake::CommitId)>& also) {
  const CommitPlace place{context.branch, context.asset.table, InfoOf(context), context.asset.id, fences, also};
  return CommitTable(context.lakehouse, place, target, layout.metadata, change, summary, data_folder);
}

Result<Committed> CommitTable(Lakehouse& lakehouse, const CommitPlace& place, const Target& target,
                              const lake::TableMetadata& metadata, const std::optional<lake::DataChange>& change,
                              const lake::Properties& summary, const std::string& data_folder) {
  io::FileSystem& files = *lakehouse.files;
  std::vector<std::string> written;
  Committed committed;
  auto attempt = [&]() -> Status {
    lake::TableMetadata after = metadata;
    if (change) {
      lake::ChangeInfo info;
      info.run_id = place.info.run_id;
      info.step = place.step;
      info.summary = summary;
      info.now = SystemClock().Now();
      LEAT_ASSIGN(after, lake::ApplyChange(files, metadata, *change, info, written));
    }
    LEAT_ASSIGN(committed.location, lakehouse.catalog->WriteMetadata(
                                        after, target.metadata == nullptr ? "" : target.entry->location, written));
    committed.snapshot_id = after.current_snapshot_id.value_or(0);

    lake::CommitRequest request;
    request.ref = place.ref;
    request.info = place.info;
    request.fences = place.fences;
    request.also = place.also;
    lake::PointerChange pointer;
    pointer.kind = lake::ObjectKind::kTable;
    pointer.name = place.table;
    pointer.uuid = after.uuid;
    if (target.metadata != nullptr) pointer.expected = target.entry->location;
    pointer.location = committed.location;
    if (target.entry && target.metadata == nullptr) {  // a view stood there, or a table that is made anew
      request.changes.push_back(
          {target.entry->kind, target.entry->name, target.entry->uuid, target.entry->location, {}});
    }
    request.changes.push_back(std::move(pointer));
    auto commit = lakehouse.catalog->Commit(request);
    if (commit.ok()) {
      committed.commit = *commit;
      return Ok();
    }
    if (commit.error().retry() != Retry::kUnknownOutcome) return std::move(commit).error();
    LEAT_ASSIGN(std::optional<lake::CommitId> found,
                lakehouse.catalog->FindCommitOf(place.ref, place.table, committed.location));
    committed.commit = found.value_or(0);
    return found ? Ok() : Status(std::move(commit).error());
  };
  Status status = attempt();
  if (status.ok()) return committed;
  if (status.error().retry() != Retry::kUnknownOutcome) {
    for (const std::string& file : written) (void)files.Remove(file).ok();
    if (!data_folder.empty()) (void)files.RemoveFolder(data_folder).ok();
  }
  return std::move(status).error();
}

}  // namespace leat::run
