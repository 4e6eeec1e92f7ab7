#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat::app {

/// "text" with quotes and escapes, invalid UTF-8 replaced.
std::string JsonString(std::string_view text);

/// Builds one JSON object member by member; members keep their order.
class JsonObject {
 public:
  JsonObject& Text(std::string_view name, std::string_view value) { return Raw(name, JsonString(value)); }
  JsonObject& TextOrNull(std::string_view name, std::string_view value) {
    return Raw(name, value.empty() ? "null" : JsonString(value));
  }
  JsonObject& Number(std::string_view name, int64_t value) { return Raw(name, std::to_string(value)); }
  JsonObject& Real(std::string_view name, double value);
  JsonObject& Boolean(std::string_view name, bool value) { return Raw(name, value ? "true" : "false"); }
  JsonObject& Texts(std::string_view name, const std::vector<std::string>& values);
  JsonObject& Raw(std::string_view name, std::string_view json);
  std::string Done() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

/// "[a,b]" of ready JSON values; `lines`: one on each line.
std::string JsonArray(const std::vector<std::string>& values, bool lines = true);

}  // namespace leat::app
