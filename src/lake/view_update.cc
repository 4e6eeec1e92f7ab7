#include "lake/view_update.h"

#include <algorithm>
#include <set>
#include <type_traits>

#include "base/ids.h"
#include "lake/catalog_names.h"
#include "lake/json_reader.h"

namespace leat::lake {
namespace {

using nlohmann::json;

constexpr const char* kDropDialect = "replace.drop-dialect.allowed";
constexpr const char* kHistorySize = "version.history.num-entries";

Error Wrong(std::string_view what) {
  return MakeError("LAKE-105", ErrorKind::kUsage, "the update of the view cannot be applied: {}", what);
}

/// Applies updates one by one; remembers what "the last one added" is.
class ViewUpdater {
 public:
  ViewUpdater(ViewMetadata& metadata, bool fresh, TimeMicros now)
      : metadata_(metadata), fresh_(fresh), now_ms_(now / 1000) {}

  Status operator()(const AssignUuid& u) {
    if (u.uuid.empty()) return Wrong("an uuid cannot be empty");
    if (!fresh_ && metadata_.uuid != u.uuid)
      return Wrong(fmt::format("the view's uuid is {}, it cannot become {}", metadata_.uuid, u.uuid));
    metadata_.uuid = u.uuid;
    return Ok();
  }

  Status operator()(const UpgradeFormatVersion& u) {
    if (u.version == 1) return Ok();
    return MakeError("LAKE-102", ErrorKind::kUnsupported, "views of format version {} are not supported", u.version)
        .WithHint("use format version 1");
  }

  Status operator()(const AddSchema& u) {
    int id = 0;
    for (const data::Schema& known : metadata_.schemas) {
      if (data::SameSchema(known, u.schema)) {
        last_schema_ = known.schema_id;
        return Ok();
      }
      id = std::max(id, known.schema_id + 1);
    }
    data::Schema schema = u.schema;
    schema.schema_id = id;
    last_schema_ = id;
    metadata_.schemas.push_back(std::move(schema));
    return Ok();
  }

  Status operator()(const SetLocation& u) {
    metadata_.location = u.location;
    while (metadata_.location.size() > 1 && metadata_.location.ends_with('/')) metadata_.location.pop_back();
    return Ok();
  }

  Status operator()(const SetProperties& u) {
    for (const auto& [name, value] : u.properties) metadata_.properties[name] = value;
    return Ok();
  }

  Status operator()(const RemoveProperties& u) {
    for (const std::string& name : u.names) metadata_.properties.erase(name);
    return Ok();
  }

  Status operator()(const AddViewVersion& u) {
    ViewVersion version = u.version;
    if (version.schema_id == -1) {
      if (!last_schema_) return Wrong("-1 names the schema that was added last, none was");
      version.schema_id = *last_schema_;
    }
    if (metadata_.FindSchema(version.schema_id) == nullptr)
      return Wrong(fmt::format("the view has no schema {}", version.schema_id));
    if (version.representations.empty()) return Wrong("a version needs at least one text (representations)");
    std::set<std::string> dialects;
    for (const ViewRepresentation& form : version.representations) {
      if (!dialects.insert(FoldName(form.dialect)).second)
        return Wrong(fmt::format("it has two texts in the dialect {}", form.dialect));
    }
    for (const ViewVersion& known : metadata_.versions) {
      if (Same(known, version)) {
        last_version_ = known.id;
        return Ok();
      }
    }
    version.id = std::max<int64_t>(version.id, 1);
    for (const ViewVersion& known : metadata_.versions) version.id = std::max(version.id, known.id + 1);
    last_version_ = version.id;
    added_.insert(version.id);
    metadata_.versions.push_back(std::move(version));
    return Ok();
  }

  Status operator()(const SetCurrentViewVersion& u) {
    if (u.id == -1 && !last_version_) return Wrong("-1 names the version that was added last, none was");
    const int64_t id = u.id == -1 ? last_version_.value_or(-1) : u.id;
    const ViewVersion* version = metadata_.FindVersion(id);
    if (version == nullptr) return Wrong(fmt::format("the view has no version {}", id));
    if (metadata_.current_version_id == id) return Ok();
    metadata_.current_version_id = id;
    metadata_.version_log.push_back({added_.contains(id) ? version->timestamp_ms : now_ms_, id});
    return Ok();
  }

  const std::set<int64_t>& added() const { return added_; }

 private:
  /// They would behave alike: id and time are not compared.
  static bool Same(const ViewVersion& a, const ViewVersion& b) {
    return a.schema_id == b.schema_id && a.summary == b.summary && a.representations == b.representations &&
           a.default_catalog == b.default_catalog && a.default_namespace == b.default_namespace;
  }

  ViewMetadata& metadata_;
  const bool fresh_;
  const int64_t now_ms_;
  std::optional<int> last_schema_;
  std::optional<int64_t> last_version_;
  std::set<int64_t> added_;
};

Status KeepsDialects(const ViewMetadata& before, const ViewMetadata& after) {
  const auto allowed = after.properties.find(kDropDialect);
  if (allowed != after.properties.end() && FoldName(allowed->second) == "true") return Ok();
  for (const ViewRepresentation& form : before.current_version()->representations) {
    if (after.current_version()->FindDialect(form.dialect) == nullptr) {
      return MakeError("LAKE-105", ErrorKind::kUsage,
                       "the update of the view cannot be applied: its text in the dialect {} would be lost",
                       form.dialect)
          .WithHint(fmt::format("send a text for it too, or set the property {} of the view to true", kDropDialect));
    }
  }
  return Ok();
}

/// Is this update of tables one of views too?
template <typename Update>
constexpr bool kOfViews = std::is_same_v<Update, AssignUuid> || std::is_same_v<Update, UpgradeFormatVersion> ||
                          std::is_same_v<Update, AddSchema> || std::is_same_v<Update, SetLocation> ||
                          std::is_same_v<Update, SetProperties> || std::is_same_v<Update, RemoveProperties>;

/// Drops the oldest versions above the history size; the current one and those of this commit stay.
Status TrimVersions(ViewMetadata& metadata, const std::set<int64_t>& added) {
  size_t most = 10;
  if (const auto given = metadata.properties.find(kHistorySize); given != metadata.properties.end()) {
    const std::string& text = given->second;
    const bool number = !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
    most = number ? std::stoul(text) : 0;
    if (most == 0) return Wrong(fmt::format("{} must be a number above 0, not '{}'", kHistorySize, text));
  }
  std::vector<int64_t> ids;
  ids.reserve(metadata.versions.size());
  for (const ViewVersion& version : metadata.versions) ids.push_back(version.id);
  std::sort(ids.begin(), ids.end());
  size_t surplus = ids.size() > most ? ids.size() - most : 0;
  std::set<int64_t> gone;
  for (const int64_t id : ids) {
    if (gone.size() == surplus) break;
    if (id != metadata.current_version_id && !added.contains(id)) gone.insert(id);
  }
  if (gone.empty()) return Ok();
  std::erase_if(metadata.versions, [&gone](const ViewVersion& version) { return gone.contains(version.id); });
  // The log has no gaps: what is before one goes too.
  const auto gap = std::find_if(metadata.version_log.rbegin(), metadata.version_log.rend(),
                                [&gone](const ViewLogEntry& entry) { return gone.contains(entry.version_id); });
  metadata.version_log.erase(metadata.version_log.begin(), gap.base());
  return Ok();
}

}  // namespace

Result<std::vector<AssertViewUuid>> ParseViewRequirements(const json& array) {
  if (!array.is_array()) return MakeError("LAKE-104", ErrorKind::kUsage, "\"requirements\" is not a list");
  std::vector<AssertViewUuid> requirements;
  for (const json& item : array) {
    JsonReader in(item, "requirement", "LAKE-104", ErrorKind::kUsage);
    if (const std::string type = in.Text("type"); in.ok() && type != "assert-view-uuid")
      in.Fail(fmt::format("the type '{}' is not one of views", type));
    requirements.push_back({in.Text("uuid")});
    LEAT_TRY(in.Finish());
  }
  return requirements;
}

Result<std::vector<ViewUpdate>> ParseViewUpdates(const json& array) {
  if (!array.is_array()) return MakeError("LAKE-104", ErrorKind::kUsage, "\"updates\" is not a list");
  std::vector<ViewUpdate> updates;
  for (const json& item : array) {
    JsonReader in(item, "update", "LAKE-104", ErrorKind::kUsage);
    const std::string action = in.Text("action");
    LEAT_TRY(in.Finish());
    if (action == "add-view-version") {
      const json* version = in.Required("view-version");
      LEAT_TRY(in.Finish());
      LEAT_ASSIGN(ViewVersion read, ViewVersionFromJson(*version));
      updates.emplace_back(AddViewVersion{std::move(read)});
      continue;
    }
    if (action == "set-current-view-version") {
      updates.emplace_back(SetCurrentViewVersion{in.Int("view-version-id")});
      LEAT_TRY(in.Finish());
      continue;
    }
    // The others are those of tables.
    LEAT_ASSIGN(const std::vector<TableUpdate> shared, ParseUpdates(json::array({item})));
    const bool known = std::visit(
        [&updates](const auto& one) {
          if constexpr (kOfViews<std::decay_t<decltype(one)>>) updates.emplace_back(one);
          return kOfViews<std::decay_t<decltype(one)>>;
        },
        shared.front());
    if (!known) return MakeError("LAKE-104", ErrorKind::kUsage, "update: the action '{}' is not one of views", action);
  }
  return updates;
}

Status CheckViewRequirements(const std::vector<AssertViewUuid>& requirements, const ViewMetadata& base) {
  for (const AssertViewUuid& requirement : requirements) {
    if (requirement.uuid == base.uuid) continue;
    return MakeError("LAKE-301", ErrorKind::kConflict,
                     "requirement failed: the view's uuid was expected to be {}, it is {}", requirement.uuid, base.uuid)
        .WithHint("the view was made anew by somebody else: load it again and repeat the change");
  }
  return Ok();
}

Result<ViewMetadata> ApplyViewUpdates(const std::vector<ViewUpdate>& updates, const ViewMetadata* base,
                                      TimeMicros now) {
  ViewMetadata metadata = base == nullptr ? ViewMetadata{} : *base;
  ViewUpdater updater(metadata, base == nullptr, now);
  for (const ViewUpdate& update : updates)
    LEAT_TRY(std::visit([&updater](const auto& one) { return updater(one); }, update));
  if (metadata.uuid.empty()) metadata.uuid = NewUuidV4();
  if (metadata.location.empty()) return Wrong("a view needs its location (set-location)");
  if (metadata.current_version() == nullptr) return Wrong("a view needs a current version");
  if (base != nullptr) LEAT_TRY(KeepsDialects(*base, metadata));
  LEAT_TRY(TrimVersions(metadata, updater.added()));
  return metadata;
}

}  // namespace leat::lake
