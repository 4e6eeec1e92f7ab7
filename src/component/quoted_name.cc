#include "component/quoted_name.h"

#include "component/sql_text.h"

namespace leat::component {

std::vector<std::string> SplitQuotedName(std::string_view text, size_t most) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        parts.back() += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (text[i] == '.' && !quoted && parts.size() < most) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

std::string EntryName(const std::string& schema, const std::string& name) {
  const auto part = [](const std::string& text) {
    return text.find_first_of(".\"") == std::string::npos ? text : SqlName(text);
  };
  return (schema.empty() ? "" : part(schema) + ".") + part(name);
}

}  // namespace leat::component
