#include "component/sql_text.h"

namespace leat::component {
namespace {

std::string Quote(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    quoted += c;
    if (c == quote) quoted += c;
  }
  return quoted + quote;
}

}  // namespace

std::string SqlLiteral(std::string_view text) { return Quote(text, '\''); }
std::string SqlName(std::string_view name) { return Quote(name, '"'); }

}  // namespace leat::component
