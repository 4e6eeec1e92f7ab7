#include "component/server_reading.h"

#include "base/nearest.h"

namespace leat::component {

std::string FilledIn(std::string_view ask, std::string_view column) {
  constexpr std::string_view kMark = "{0}";
  std::string sql;
  for (size_t at = 0; at < ask.size();) {
    const size_t mark = std::min(ask.find(kMark, at), ask.size());
    sql += ask.substr(at, mark - at);
    if (mark < ask.size()) sql += column;
    at = mark + kMark.size();
  }
  return sql;
}

std::string GoneColumnHint(const std::string& name, const std::vector<std::string>& names) {
  const std::string near = DidYouMean(name, names);
  return near.empty() ? "was it renamed or dropped? Drop it from the table too, or bring it back" : near;
}

bool IsWholeNumber(const data::Type& type) { return type.id == data::TypeId::kInt || type.id == data::TypeId::kLong; }

bool IsReadAs(const data::Type& found, const data::Type& registered) {
  return data::SameType(found, registered) || (IsWholeNumber(found) && IsWholeNumber(registered));
}

std::vector<ObservedInput> Observed(SourceTable table) {
  std::vector<ObservedInput> inputs(1);
  inputs[0].columns = std::move(table.columns);
  inputs[0].primary_key = std::move(table.primary_key);
  return inputs;
}

bool IsNumberText(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

Error NoValueOf(const char* code, const std::string& text, const std::string& column, const std::string& declared) {
  return MakeError(code, ErrorKind::kData, "the bookmark '{}' is no value of {} ({})", text, column, declared)
      .WithHint("was the update_key changed? Load the table whole once: `mode: full-refresh`");
}

Result<std::string> RequestCondition(const ReadRequest& request, const std::string& bounds, const std::string& key,
                                     const std::function<Result<std::string>(const std::string& text)>& literal) {
  std::string condition = bounds;
  const std::pair<const char*, const std::string&> limits[] = {{request.inclusive ? " >= " : " > ", request.bookmark},
                                                               {" <= ", request.upper}};
  for (const auto& [sign, text] : limits) {
    if (request.update_key.empty() || text.empty()) continue;
    LEAT_ASSIGN(const std::string value, literal(text));
    condition.append(condition.empty() ? "" : " AND ").append(key).append(sign).append(value);
  }
  return condition;
}

Result<std::string> WhereClause(const ReadRequest& request, const std::string& bounds, const std::string& key,
                                const std::function<Result<std::string>(const std::string& text)>& literal) {
  LEAT_ASSIGN(const std::string condition, RequestCondition(request, bounds, key, literal));
  return condition.empty() ? "" : " WHERE " + condition;
}

}  // namespace leat::component
