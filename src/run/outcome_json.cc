#include "run/outcome_json.h"

#include <nlohmann/json.hpp>

namespace leat::run {

using nlohmann::json;

std::string OutcomeToJson(const StepOutcome& outcome, const std::vector<LoadedFile>& listed) {
  json reads = json::array();
  for (const auto& [table, snapshot] : outcome.item.reads) reads.push_back({table.ns, table.name, snapshot});
  json files = json::array();
  for (const LoadedFile& loaded : listed) {
    files.push_back({{"path", loaded.file.path},
                     {"origin", loaded.file.origin},
                     {"size", loaded.file.size_bytes},
                     {"mtime_ns", loaded.file.modified_ns},
                     {"inode", loaded.file.identity},
                     {"hash", loaded.file.content_hash},
                     {"rows", loaded.rows},
                     {"archived_as", loaded.archived_as}});
  }
  return json{{"v", 1},
              {"ns", outcome.item.table.ns},
              {"name", outcome.item.table.name},
              {"change", static_cast<int>(outcome.item.change)},
              {"step", outcome.item.step},
              {"load_key", outcome.item.load_key},
              {"bookmark_before", outcome.item.bookmark_before},
              {"reads", reads},
              {"changed", outcome.changed},
              {"schema", {outcome.schema.json, outcome.schema.hash, outcome.schema.changes}},
              {"files", files}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<KeptOutcome> OutcomeFromJson(std::string_view text) {
  try {
    const json parsed = json::parse(text);
    if (parsed.at("v") != 1) throw std::invalid_argument("another version");
    KeptOutcome kept;
    kept.item.table = {parsed.at("ns"), parsed.at("name")};
    kept.item.change = static_cast<lake::PublishItem::Change>(parsed.at("change").get<int>());
    kept.item.step = parsed.at("step");
    kept.item.load_key = parsed.at("load_key");
    kept.item.bookmark_before = parsed.at("bookmark_before");
    for (const json& read : parsed.at("reads")) kept.item.reads[{read.at(0), read.at(1)}] = read.at(2).get<int64_t>();
    kept.changed = parsed.at("changed");
    if (parsed.contains("schema")) {  // an earlier build registered with the commit on the branch
      const json& schema = parsed.at("schema");
      kept.schema = {schema.at(0), schema.at(1), schema.at(2)};
    }
    for (const json& file : parsed.at("files")) {
      LoadedFile& loaded = kept.listed.emplace_back();
      loaded.file.path = file.at("path");
      loaded.file.origin = file.at("origin");
      loaded.file.size_bytes = file.at("size");
      loaded.file.modified_ns = file.at("mtime_ns");
      loaded.file.identity = file.at("inode");
      loaded.file.content_hash = file.at("hash");
      loaded.rows = file.at("rows");
      loaded.archived_as = file.at("archived_as");
    }
    return kept;
  } catch (const std::exception& e) {
    return MakeError("RUN-103", ErrorKind::kInternal, "the kept outcome of a step cannot be read: {}", e.what());
  }
}

}  // namespace leat::run
