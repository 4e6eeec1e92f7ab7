#include "run/alter.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/retry.h"
#include "lake/table_update.h"
#include "run/load_target.h"

namespace leat::run {
namespace {

constexpr RetryPolicy kRaces{
    .attempts = 10, .first_wait = std::chrono::milliseconds(5), .longest_wait = std::chrono::milliseconds(200)};

std::string SpecText(const lake::PartitionSpec& spec, const data::Schema& schema) {
  std::string text;
  for (const lake::PartitionField& field : spec.fields) {
    if (field.transform == "void") continue;
    const data::Field* source = schema.FindById(field.source_id);
    const std::string name = source == nullptr ? "field " + std::to_string(field.source_id) : source->name;
    text += (text.empty() ? "" : ", ") + (field.transform == "identity" ? name : field.transform + "(" + name + ")");
  }
  return text.empty() ? "none" : text;
}

std::string OrderText(const lake::SortOrder& order, const data::Schema& schema) {
  std::string text;
  for (const lake::SortField& field : order.fields) {
    const data::Field* source = schema.FindById(field.source_id);
    const std::string name = source == nullptr ? "field " + std::to_string(field.source_id) : source->name;
    text += (text.empty() ? "" : ", ") + (field.transform == "identity" ? name : field.transform + "(" + name + ")") +
            (field.ascending ? "" : " desc");
    if (field.nulls_first != field.ascending) text += field.nulls_first ? " nulls first" : " nulls last";
  }
  return text.empty() ? "none" : text;
}

/// Columns at any depth, compared by their ids.
class ColumnComparison {
 public:
  explicit ColumnComparison(std::vector<TableDifference>& found) : found_(found) {}

  void Compare(const std::vector<data::Field>& before, const std::vector<data::Field>& after, const std::string& path) {
    for (const data::Field& field : before) {
      if (Find(after, field.id) == nullptr)
        found_.push_back({"column_dropped", path + field.name, data::TypeName(*field.type), ""});
    }
    std::vector<int> order_before, order_after;
    for (const data::Field& field : before) {
      if (Find(after, field.id) != nullptr) order_before.push_back(field.id);
    }
    for (size_t i = 0; i < after.size(); ++i) {
      const data::Field& field = after[i];
      const data::Field* old = Find(before, field.id);
      if (old == nullptr) {
        found_.push_back({"column_added", path + field.name, "",
                          data::TypeName(*field.type) + (field.required ? " not null" : "") +
                              (field.initial_default ? " default " + *field.initial_default : "")});
        continue;
      }
      order_after.push_back(field.id);
      One(*old, field, path);
    }
    if (order_before != order_after) found_.push_back({"columns_moved", path, Names(before), Names(after)});
  }

 private:
  static const data::Field* Find(const std::vector<data::Field>& fields, int id) {
    const auto found = std::find_if(fields.begin(), fields.end(), [id](const auto& field) { return field.id == id; });
    return found == fields.end() ? nullptr : &*found;
  }

  static std::string Names(const std::vector<data::Field>& fields) {
    std::string names;
    for (const data::Field& field : fields) names += (names.empty() ? "" : ", ") + field.name;
    return names;
  }

  void One(const data::Field& old, const data::Field& field, const std::string& path) {
    const std::string name = path + field.name;
    if (old.name != field.name) found_.push_back({"column_renamed", path + old.name, old.name, field.name});
    if (field.type->is_nested() && old.type->id == field.type->id) {
      Compare(old.type->fields, field.type->fields, name + ".");
    } else if (data::TypeName(*old.type) != data::TypeName(*field.type)) {
      found_.push_back({"type_changed", name, data::TypeName(*old.type), data::TypeName(*field.type)});
    }
    if (old.required != field.required)
      found_.push_back({field.required ? "made_required" : "made_optional", name, "", ""});
    if (old.doc != field.doc) found_.push_back({"comment_changed", name, old.doc, field.doc});
    if (old.write_default != field.write_default)
      found_.push_back({"default_changed", name, old.write_default.value_or(""), field.write_default.value_or("")});
  }

  std::vector<TableDifference>& found_;
};

/// Who may change this table by hand?
Status CheckWritable(Lakehouse& lakehouse, const lake::View& view, const lake::TableName& table) {
  const bool environment = view.ref.starts_with("env/");
  if (!view.writable || (view.ref != "main" && !environment)) {
    return MakeError("RUN-601", ErrorKind::kUsage, "'{}' is not written by hand",
                     view.asked.empty() ? view.ref : view.asked)
        .WithHint("change the table on an environment: leat env create dev; --ref env/dev");
  }
  if (environment) return Ok();
  LEAT_ASSIGN(const std::optional<lake::Properties> properties, lakehouse.catalog->FindNamespace(view, table.ns));
  if (!properties || !properties->contains("leat.owner")) return Ok();
  const auto rule = properties->find("leat.external_writes");
  if (rule != properties->end() && rule->second == "allow") return Ok();
  return MakeError("RUN-601", ErrorKind::kUsage, "{} belongs to a project: its runs decide how it looks on main",
                   table.ToString())
      .WithHint(
          "change the project's files (partition_by, sort_by, properties, columns), or try it on an environment: "
          "--ref env/dev");
}

/// One attempt on one state of the table.
class Alteration {
 public:
  Alteration(Lakehouse& lakehouse, const AlterRequest& request) : lakehouse_(lakehouse), request_(request) {}

  Result<AlterResult> Run() {
    LEAT_ASSIGN(target_.view, lakehouse_.catalog->Resolve(request_.ref));
    LEAT_ASSIGN(target_.entry, lakehouse_.catalog->FindTable(target_.view, request_.table));
    if (!target_.entry) {
      return MakeError("LAKE-201", ErrorKind::kNotFound, "there is no table {} on {}", request_.table.ToString(),
                       request_.ref);
    }
    if (target_.entry->kind != lake::ObjectKind::kTable)
      return MakeError("RUN-602", ErrorKind::kUsage, "{} is a view: it has no columns or files of its own",
                       request_.table.ToString());
    LEAT_TRY(CheckWritable(lakehouse_, target_.view, request_.table));
    LEAT_ASSIGN(target_.metadata, lakehouse_.catalog->LoadMetadata(target_.entry->location));
    LEAT_ASSIGN(lake::TableMetadata after, Changed());
    AlterResult result;
    result.differences = CompareTables(*target_.metadata, after);
    if (result.differences.empty() || request_.dry_run) return result;
    lake::CommitInfo info;
    info.author = request_.author;
    info.message = request_.message.empty() ? "alter " + request_.table.ToString() : request_.message;
    const CommitPlace place{request_.ref, request_.table, info, "alter"};
    LEAT_ASSIGN(const Committed committed, CommitTable(lakehouse_, place, target_, after, std::nullopt, {}, ""));
    result.commit = committed.commit;
    return result;
  }

 private:
  Result<lake::TableMetadata> Changed() {
    lake::TableMetadata after = *target_.metadata;
    LEAT_TRY(UpgradeFormat(after));
    LEAT_ASSIGN(after, lake::ChangeColumns(after, request_.columns));
    std::vector<lake::TableUpdate> updates;
    if (request_.partition_by) {
      lake::PartitionSpec spec;
      for (const std::string& text : *request_.partition_by) {
        LEAT_ASSIGN(lake::PartitionField field, ParsePartition(text, after.current_schema()));
        spec.fields.push_back(std::move(field));
      }
      updates.insert(updates.end(), {lake::AddSpec{std::move(spec)}, lake::SetDefaultSpec{}});
    }
    if (request_.sort_by) {
      lake::SortOrder order;
      for (const std::string& text : *request_.sort_by) {
        LEAT_ASSIGN(lake::SortField field, ParseSort(text, after.current_schema()));
        order.fields.push_back(std::move(field));
      }
      updates.insert(updates.end(), {lake::AddSortOrder{std::move(order)}, lake::SetDefaultSortOrder{}});
    }
    lake::Properties set = request_.set;
    set.erase("format-version");
    if (!set.empty()) updates.push_back(lake::SetProperties{set});
    if (!request_.unset.empty()) updates.push_back(lake::RemoveProperties{request_.unset});
    LEAT_ASSIGN(after, lake::ApplyUpdates(updates, &after, SystemClock().Now()));
    return lake::ChangeColumns(after, request_.last);
  }

  Status UpgradeFormat(lake::TableMetadata& metadata) const {
    const auto version = request_.set.find("format-version");
    if (version == request_.set.end()) return Ok();
    int number = 0;
    const std::string& text = version->second;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ptr != text.data() + text.size())
      return MakeError("LAKE-102", ErrorKind::kUnsupported, "format version '{}' is not supported", text)
          .WithHint("use format version 2 or 3");
    LEAT_ASSIGN(metadata, lake::ApplyUpdates({lake::UpgradeFormatVersion{number}}, &metadata, SystemClock().Now()));
    return Ok();
  }

  Lakehouse& lakehouse_;
  const AlterRequest& request_;
  Target target_;
};

}  // namespace

std::vector<TableDifference> CompareTables(const lake::TableMetadata& before, const lake::TableMetadata& after) {
  std::vector<TableDifference> found;
  if (before.format_version != after.format_version) {
    found.push_back(
        {"format_version_changed", "", std::to_string(before.format_version), std::to_string(after.format_version)});
  }
  ColumnComparison(found).Compare(before.current_schema().fields, after.current_schema().fields, "");
  // By id: a column that is only renamed partitions and sorts as before.
  const std::string spec_before = SpecText(before.default_spec(), after.current_schema());
  const std::string spec_after = SpecText(after.default_spec(), after.current_schema());
  if (spec_before != spec_after)
    found.push_back({"partitioning_changed", "", SpecText(before.default_spec(), before.current_schema()), spec_after});
  const std::string order_before = OrderText(before.default_sort_order(), after.current_schema());
  const std::string order_after = OrderText(after.default_sort_order(), after.current_schema());
  if (order_before != order_after)
    found.push_back(
        {"order_changed", "", OrderText(before.default_sort_order(), before.current_schema()), order_after});
  for (const auto& [name, value] : after.properties) {
    const auto old = before.properties.find(name);
    if (old == before.properties.end() || old->second != value)
      found.push_back({"property_set", name, old == before.properties.end() ? "" : old->second, value});
  }
  for (const auto& [name, value] : before.properties) {
    if (!after.properties.contains(name)) found.push_back({"property_removed", name, value, ""});
  }
  return found;
}

Result<AlterResult> AlterLakeTable(Lakehouse& lakehouse, const AlterRequest& request) {
  Result<AlterResult> last = AlterResult{};
  const Status raced = RunWithRetry(kRaces, nullptr, [&]() -> Status {
    last = Alteration(lakehouse, request).Run();
    if (last.ok() || last.error().code() != "LAKE-301") return Ok();
    Error error = last.error();
    return std::move(error).WithRetry(Retry::kSafe);
  });
  (void)raced;  // the same error as in `last`
  return last;
}

}  // namespace leat::run
