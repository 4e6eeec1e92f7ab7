#include "run/fingerprint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace leat::run {

using nlohmann::json;

std::string Fingerprint::ToText() const {
  json inputs_json = json::array();
  for (const auto& [table, snapshot] : inputs) inputs_json.push_back({table.ns, table.name, snapshot});
  return json{{"v", 1},         {"config", config},     {"source", source}, {"bookmark", bookmark},
              {"files", files}, {"inputs", inputs_json}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Fingerprint> Fingerprint::Parse(std::string_view text) {
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object() || parsed.value("v", json()) != 1) return std::nullopt;
  try {
    Fingerprint out{parsed.at("config"), parsed.at("source"), parsed.at("bookmark"), parsed.at("files"), {}};
    for (const json& input : parsed.at("inputs")) out.inputs[{input.at(0), input.at(1)}] = input.at(2).get<int64_t>();
    return out;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string WhyChanged(const Fingerprint& before, const Fingerprint& now) {
  if (before == now) return "";
  for (const auto& [table, snapshot] : now.inputs) {
    const auto found = before.inputs.find(table);
    if (found == before.inputs.end()) return fmt::format("input {} is new", table.ToString());
    if (found->second != snapshot) {
      return fmt::format("input {} changed (snapshot {} -> {})", table.ToString(), found->second, snapshot);
    }
  }
  for (const auto& [table, snapshot] : before.inputs) {
    if (!now.inputs.contains(table)) return fmt::format("input {} is gone", table.ToString());
  }
  if (before.config != now.config) return "its SQL or configuration changed";
  if (before.source != now.source) return "the source changed";
  if (before.bookmark != now.bookmark)
    return fmt::format("the bookmark moved ('{}' -> '{}')", before.bookmark, now.bookmark);
  return "its files changed";
}

int64_t DataSnapshot(const lake::TableMetadata& metadata) {
  const lake::Snapshot* snapshot = metadata.current_snapshot();
  while (snapshot != nullptr) {
    const auto operation = snapshot->summary.find("operation");
    const bool rewrite = operation != snapshot->summary.end() && operation->second == "replace";
    if (!rewrite || !snapshot->parent_id) return snapshot->id;
    const lake::Snapshot* parent = metadata.FindSnapshot(*snapshot->parent_id);
    if (parent == nullptr) return snapshot->id;
    snapshot = parent;
  }
  return 0;
}

}  // namespace leat::run
