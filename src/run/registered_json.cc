#include <nlohmann/json.hpp>

#include "data/schema_json.h"
#include "io/hash.h"
#include "run/load_schema.h"

namespace leat::run {
namespace {

using component::SourceColumn;
using nlohmann::json;
using Why = LeftOutColumn::Why;

json ColumnsToJson(const RegisteredTable& registered, bool with_source_types) {
  json columns = json::array();
  for (size_t i = 0; i < registered.table.columns.size(); ++i) {
    const SourceColumn& column = registered.table.columns[i];
    if (registered.watched.contains(column.name)) continue;
    json one{{"name", column.name}, {"column", registered.names[i]}, {"type", data::TypeToJson(*column.type)}};
    const auto source = registered.source_types.find(column.name);
    if (with_source_types && source != registered.source_types.end())
      one["source_type"] = data::TypeToJson(*source->second);
    if (with_source_types && column.id != 0) one["source_id"] = column.id;
    columns.push_back(std::move(one));
  }
  return columns;
}

const char* WhyName(Why why) { return why == Why::kGone ? "gone" : why == Why::kDiscarded ? "discarded" : "frozen"; }

}  // namespace

std::string RegisteredToJson(const RegisteredTable& registered) {
  json left_out = json::array();
  for (const LeftOutColumn& column : registered.left_out) {
    json one{{"name", column.name},
             {"column", column.column},
             {"type", data::TypeToJson(*column.type)},
             {"why", WhyName(column.why)}};
    if (column.source_type != nullptr) one["source_type"] = data::TypeToJson(*column.source_type);
    left_out.push_back(std::move(one));
  }
  return json{{"version", 1},
              {"name", registered.table.name},
              {"columns", ColumnsToJson(registered, true)},
              {"left_out", left_out},
              {"noted", registered.noted},
              {"primary_key", registered.table.primary_key},
              {"settings", registered.table.settings}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string RegisteredHash(const RegisteredTable& registered) {
  return io::HashBytes(json{ColumnsToJson(registered, false), registered.table.primary_key}.dump(
      -1, ' ', false, json::error_handler_t::replace));
}

Result<RegisteredTable> RegisteredFromJson(const std::string& text) {
  try {
    json parsed = json::parse(text);
    RegisteredTable registered;
    registered.table.name = parsed.at("name");
    registered.table.primary_key = parsed.at("primary_key").get<std::vector<std::string>>();
    registered.table.settings = parsed.at("settings").get<std::map<std::string, std::string>>();
    for (const json& column : parsed.at("columns")) {
      LEAT_ASSIGN(data::TypePtr type, data::TypeFromJson(column.at("type")));
      registered.table.columns.push_back({column.at("name"), type, "", column.value("source_id", 0)});
      registered.names.push_back(column.at("column"));
      if (!column.contains("source_type")) continue;
      LEAT_ASSIGN(registered.source_types[column.at("name")], data::TypeFromJson(column.at("source_type")));
    }
    // Members that earlier builds did not write.
    for (const json& column : parsed.value("left_out", json::array())) {
      LeftOutColumn& left = registered.left_out.emplace_back();
      left.name = column.at("name");
      left.column = column.at("column");
      LEAT_ASSIGN(left.type, data::TypeFromJson(column.at("type")));
      for (const Why why : {Why::kGone, Why::kDiscarded, Why::kFrozen}) {
        if (column.at("why") == WhyName(why)) left.why = why;
      }
      if (!column.contains("source_type")) continue;
      LEAT_ASSIGN(left.source_type, data::TypeFromJson(column.at("source_type")));
    }
    registered.noted = parsed.value("noted", std::set<std::string>());
    return registered;
  } catch (const json::exception& failure) {
    return MakeError("RUN-502", ErrorKind::kEnvironment, "the registered schema of a source cannot be read: {}",
                     failure.what())
        .WithHint("the state store is damaged: restore it from its newest copy");
  }
}

}  // namespace leat::run
