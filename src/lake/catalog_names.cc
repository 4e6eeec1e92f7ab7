#include "lake/catalog_names.h"

#include <algorithm>
#include <array>

namespace leat::lake {
namespace {

constexpr size_t kLongestName = 255;
constexpr std::array<std::string_view, 4> kReservedNamespaces = {"leat", "information_schema", "pg_catalog", "main"};
constexpr std::string_view kRejectedSuffix = "__rejected";

Status CheckName(std::string_view what, const std::string& name) {
  const auto refuse = [&](std::string_view why) {
    const std::string_view shown = std::string_view(name).substr(0, kLongestName);
    return MakeError("LAKE-203", ErrorKind::kUsage, "'{}{}' cannot be the name of a {}: {}", shown,
                     shown.size() < name.size() ? "…" : "", what, why);
  };
  if (name.empty()) return refuse("it is empty");
  if (name.size() > kLongestName) return refuse("it is longer than 255 bytes");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return refuse("it has a control character");
    if (c == '/' || c == '\\') return refuse("it has a slash");
  }
  return Ok();
}

/// Keeps what every file system and URI takes as it is.
std::string FolderName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    out += plain && !(out.empty() && c == '.') ? c : '_';
  }
  return out.substr(0, 100);
}

}  // namespace

std::string FoldName(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

bool IsRejectedName(std::string_view name) { return FoldName(name).ends_with(kRejectedSuffix); }

Status CheckNamespaceName(const std::string& ns, bool allow_reserved) {
  LEAT_TRY(CheckName("namespace", ns));
  const std::string folded = FoldName(ns);
  const bool reserved =
      std::find(kReservedNamespaces.begin(), kReservedNamespaces.end(), folded) != kReservedNamespaces.end() ||
      IsRejectedName(ns);
  if (reserved && !allow_reserved) {
    return MakeError("LAKE-203", ErrorKind::kUsage, "the namespace '{}' is reserved", ns)
        .WithHint(
            "choose another name; reserved are leat, information_schema, pg_catalog, main and names ending in "
            "__rejected");
  }
  return Ok();
}

Status CheckTableName(const TableName& name, bool allow_reserved) {
  LEAT_TRY(CheckName("table", name.name));
  if (IsRejectedName(name.name) && !allow_reserved) {
    return MakeError("LAKE-203", ErrorKind::kUsage, "the name of {} is reserved for rejected rows", name.ToString())
        .WithHint("choose a name that does not end in __rejected");
  }
  return Ok();
}

Status CheckRefName(const std::string& name, RefKind kind) {
  const std::string prefix = std::string(RefKindName(kind)) + "/";
  const bool right = kind != RefKind::kMain && name.starts_with(prefix) && name.size() > prefix.size() &&
                     name.size() <= kLongestName &&
                     std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
                     });
  if (right) return Ok();
  return MakeError("LAKE-203", ErrorKind::kUsage, "'{}' cannot be the name of a ref", name)
      .WithHint(fmt::format("{}<name> with a-z 0-9 - . _", kind == RefKind::kMain ? "env/" : prefix));
}

std::string_view RefKindName(RefKind kind) {
  switch (kind) {
    case RefKind::kMain: return "main";
    case RefKind::kRun: return "run";
    case RefKind::kEnv: return "env";
    case RefKind::kTag: return "tag";
  }
  return "main";
}

RefKind ParseRefKind(std::string_view name) {
  if (name == "run") return RefKind::kRun;
  if (name == "env") return RefKind::kEnv;
  if (name == "tag") return RefKind::kTag;
  return RefKind::kMain;
}

std::string_view ObjectKindName(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kNamespace: return "namespace";
    case ObjectKind::kTable: return "table";
    case ObjectKind::kView: return "view";
  }
  return "table";
}

ObjectKind ParseObjectKind(std::string_view name) {
  if (name == "namespace") return ObjectKind::kNamespace;
  if (name == "view") return ObjectKind::kView;
  return ObjectKind::kTable;
}

Locations::Locations(const std::string& root) : root_(io::FileUri(io::LocalPath(root))) {
  while (root_.size() > 1 && root_.back() == '/') root_.pop_back();
}

std::string Locations::ToStored(const std::string& location) const {
  std::string uri = io::FileUri(io::LocalPath(location));
  if (uri.size() > root_.size() + 1 && uri.starts_with(root_) && uri[root_.size()] == '/')
    return uri.substr(root_.size() + 1);
  return uri;
}

std::string Locations::ToAbsolute(const std::string& stored) const {
  if (stored.find("://") != std::string::npos) return stored;
  return root_ + "/" + stored;
}

std::string TableFolder(const TableName& name, const std::string& uuid, const Properties& namespace_properties) {
  std::string hex;
  for (const char c : uuid) {
    if (c != '-') hex += c;
  }
  const std::string table = FolderName(name.name) + "-" + hex.substr(hex.size() > 8 ? hex.size() - 8 : 0);
  const auto zone = namespace_properties.find("leat.zone");
  if (zone == namespace_properties.end() || zone->second != "raw") return FolderName(name.ns) + "/" + table;
  const auto named = namespace_properties.find("leat.source");
  std::string source = named != namespace_properties.end() ? named->second : name.ns;
  if (named == namespace_properties.end() && source.starts_with("raw_")) source = source.substr(4);
  return FolderName(source) + "/raw/" + table;
}

}  // namespace leat::lake
