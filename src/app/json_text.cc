#include "app/json_text.h"

#include <fmt/format.h>

namespace leat::app {
namespace {

/// Length of the valid UTF-8 sequence at `at`, 0 when there is none (overlong forms and surrogates are not valid).
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    const bool overlong = first == 0xE0 && byte(at + 1) < 0xA0;
    const bool surrogate = first == 0xED && byte(at + 1) >= 0xA0;
    return follows(at + 1) && follows(at + 2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    const bool outside = (first == 0xF0 && byte(at + 1) < 0x90) || (first == 0xF4 && byte(at + 1) >= 0x90);
    return follows(at + 1) && follows(at + 2) && follows(at + 3) && !outside ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
      ++i;
    } else if (c == '\n' || c == '\t' || c == '\r') {
      json += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      ++i;
    } else if (const size_t length = SequenceLength(text, i); length > 0) {
      json += text.substr(i, length);
      i += length;
    } else {
      json += "\xEF\xBF\xBD";
      ++i;
    }
  }
  return json + "\"";
}

JsonObject& JsonObject::Real(std::string_view name, double value) { return Raw(name, fmt::format("{:.6g}", value)); }

JsonObject& JsonObject::Texts(std::string_view name, const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  quoted.reserve(values.size());
  for (const std::string& value : values) quoted.push_back(JsonString(value));
  return Raw(name, JsonArray(quoted, false));
}

JsonObject& JsonObject::Raw(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ", ";
  members_ += JsonString(name);
  members_ += ": ";
  members_ += json;
  return *this;
}

std::string JsonArray(const std::vector<std::string>& values, bool lines) {
  if (values.empty()) return "[]";
  return lines ? fmt::format("[\n{}\n]", fmt::join(values, ",\n")) : fmt::format("[{}]", fmt::join(values, ", "));
}

}  // namespace leat::app
