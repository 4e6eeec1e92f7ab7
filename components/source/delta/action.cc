#include "components/source/delta/action.h"

#include <nlohmann/json.hpp>

namespace leat::components::delta {
namespace {

using nlohmann::json;

Error Wrong(const std::string& where, const std::string& why) {
  return MakeError("SRC-422", ErrorKind::kData, "{} cannot be read: {}", where, why)
      .WithHint("the table's log is damaged: restore it, or read an earlier state with `version:`");
}

/// Members of one object; the first that is wrong is kept.
class Members {
 public:
  Members(const json& object, std::string what) : object_(object), what_(std::move(what)) {
    if (!object.is_object()) Fail("it is no object");
  }

  const json* Find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto at = object_.find(name);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
  }
  std::string Text(const char* name, bool required = true) {
    const json* member = Find(name);
    if (member != nullptr && member->is_string()) return member->get<std::string>();
    if (member != nullptr || required) Fail(std::string("no text \"") + name + "\"");
    return "";
  }
  int64_t Number(const char* name, bool required = true) {
    const json* member = Find(name);
    if (member != nullptr && member->is_number_integer()) return member->get<int64_t>();
    if (member != nullptr || required) Fail(std::string("no whole number \"") + name + "\"");
    return 0;
  }
  bool Flag(const char* name, bool otherwise) {
    const json* member = Find(name);
    if (member == nullptr) return otherwise;
    if (!member->is_boolean()) Fail(std::string("\"") + name + "\" is neither true nor false");
    return member->is_boolean() ? member->get<bool>() : otherwise;
  }
  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> texts;
    const json* member = Find(name);
    if (member == nullptr) return texts;
    for (const json& one : *member) {
      if (one.is_string()) texts.push_back(one);
      else Fail(std::string("\"") + name + "\" holds something that is no text");
    }
    return texts;
  }
  std::map<std::string, std::optional<std::string>> Map(const char* name) {
    std::map<std::string, std::optional<std::string>> map;
    const json* member = Find(name);
    if (member == nullptr) return map;
    if (!member->is_object()) Fail(std::string("\"") + name + "\" is no object");
    for (const auto& [key, value] : member->items()) {
      if (value.is_null()) map[key] = std::nullopt;
      else if (value.is_string()) map[key] = value.get<std::string>();
      else Fail(std::string("\"") + name + "." + key + "\" is no text");
    }
    return map;
  }
  void Fail(const std::string& why) {
    if (why_.empty()) why_ = what_ + ": " + why;
  }
  const std::string& why() const { return why_; }

 private:
  const json& object_;
  const std::string what_;
  std::string why_;
};

std::optional<DeletionVector> ReadVector(Members& file) {
  const json* object = file.Find("deletionVector");
  if (object == nullptr) return std::nullopt;
  Members members(*object, "deletionVector");
  DeletionVector vector;
  vector.storage = members.Text("storageType");
  vector.place = members.Text("pathOrInlineDv");
  vector.offset = members.Number("offset", false);
  vector.size_bytes = members.Number("sizeInBytes");
  vector.rows = members.Number("cardinality");
  if (!members.why().empty()) file.Fail(members.why());
  return vector;
}

int64_t RowsOf(const std::string& statistics) {
  const json parsed = json::parse(statistics, nullptr, false);
  const auto rows = parsed.is_object() ? parsed.find("numRecords") : parsed.end();
  return parsed.is_object() && rows != parsed.end() && rows->is_number_integer() ? rows->get<int64_t>() : 0;
}

std::string ReadAction(const json& parsed, Action& action) {
  const auto member = [&](const char* name) -> const json* {
    const auto at = parsed.find(name);
    return at == parsed.end() || at->is_null() ? nullptr : &*at;
  };
  if (const json* object = member("add")) {
    Members members(*object, "add");
    AddedFile& file = action.add.emplace();
    file.path = members.Text("path");
    file.partition = members.Map("partitionValues");
    file.size_bytes = members.Number("size");
    file.data_change = members.Flag("dataChange", true);
    file.rows = RowsOf(members.Text("stats", false));
    file.deleted = ReadVector(members);
    return members.why();
  }
  if (const json* object = member("remove")) {
    Members members(*object, "remove");
    RemovedFile& file = action.remove.emplace();
    file.path = members.Text("path");
    file.data_change = members.Flag("dataChange", true);
    file.deleted = ReadVector(members);
    return members.why();
  }
  if (const json* object = member("metaData")) {
    Members members(*object, "metaData");
    TableDefinition& table = action.definition.emplace();
    table.id = members.Text("id");
    table.schema = members.Text("schemaString");
    table.partition_columns = members.Texts("partitionColumns");
    for (auto& [key, value] : members.Map("configuration")) table.configuration[key] = value.value_or("");
    const json* format = members.Find("format");
    if (format != nullptr) table.provider = Members(*format, "format").Text("provider", false);
    return members.why();
  }
  if (const json* object = member("protocol")) {
    Members members(*object, "protocol");
    Protocol& protocol = action.protocol.emplace();
    protocol.reader_version = static_cast<int>(members.Number("minReaderVersion"));
    protocol.reader_features = members.Texts("readerFeatures");
    return members.why();
  }
  if (const json* object = member("sidecar")) {
    Members members(*object, "sidecar");
    action.sidecar = members.Text("path");
    return members.why();
  }
  if (const json* object = member("commitInfo")) {
    Members members(*object, "commitInfo");
    if (members.Find("inCommitTimestamp") != nullptr) action.commit_time_ms = members.Number("inCommitTimestamp");
    return members.why();
  }
  return "";
}

}  // namespace

Result<Action> ParseAction(std::string_view text, const std::string& where) {
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return Wrong(where, "it is no JSON object");
  Action action;
  const std::string why = ReadAction(parsed, action);
  if (!why.empty()) return Wrong(where, why);
  return action;
}

}  // namespace leat::components::delta
