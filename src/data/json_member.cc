#include "data/json_member.h"

#include "data/json_scan.h"

namespace leat::data {

JsonMember FindJsonMember(std::string_view line, std::string_view key, std::string& text) {
  JsonScanner scanner(line);
  if (!scanner.Take('{')) return JsonMember::kMalformed;
  if (scanner.Take('}')) return JsonMember::kAbsent;
  std::string name;
  do {
    std::string_view raw_name;
    std::string_view value;
    if (!scanner.TakeString(raw_name) || !scanner.Take(':') || !scanner.TakeValue(value)) return JsonMember::kMalformed;
    bool same = raw_name == key;
    if (!same && raw_name.find('\\') != std::string_view::npos) same = UnescapeJson(raw_name, name) && name == key;
    if (!same) continue;
    if (value == "null") return JsonMember::kNull;
    if (value[0] == '"')
      return UnescapeJson(value.substr(1, value.size() - 2), text) ? JsonMember::kText : JsonMember::kMalformed;
    text = value;
    return JsonMember::kText;
  } while (scanner.Take(','));
  return scanner.Take('}') ? JsonMember::kAbsent : JsonMember::kMalformed;
}

}  // namespace leat::data
