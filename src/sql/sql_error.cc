#include "sql/sql_error.h"

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "sql/walker.h"

namespace leat::sql {
namespace {

struct Meaning {
  const char* code;
  ErrorKind kind;
  const char* hint;
};

// By DuckDB's exception type. Others are errors of the data or the statement at run time.
const std::map<std::string, Meaning, std::less<>>& Meanings() {
  static const std::map<std::string, Meaning, std::less<>> kMeanings{
      {"Parser", {"SQL-200", ErrorKind::kConfig, ""}},
      {"Syntax", {"SQL-200", ErrorKind::kConfig, ""}},
      {"Binder", {"SQL-201", ErrorKind::kConfig, ""}},
      {"Catalog", {"SQL-201", ErrorKind::kConfig, ""}},
      {"Parameter Not Resolved", {"SQL-201", ErrorKind::kConfig, "statements have no parameters here"}},
      {"Conversion", {"SQL-202", ErrorKind::kData, "TRY_CAST gives NULL where a value does not fit"}},
      {"Out of Range", {"SQL-202", ErrorKind::kData, ""}},
      {"Invalid Input", {"SQL-202", ErrorKind::kData, ""}},
      {"Constraint", {"SQL-202", ErrorKind::kData, ""}},
      {"Mismatch Type", {"SQL-202", ErrorKind::kData, ""}},
      {"IO", {"SQL-203", ErrorKind::kEnvironment, "look at the file that is named, the disk and its rights"}},
      {"HTTP",
       {"SQL-203", ErrorKind::kEnvironment,
        "the object store refused or did not answer: `leat doctor` looks at bucket, keys and rights"}},
      {"Not implemented", {"SQL-204", ErrorKind::kUnsupported, ""}},
      {"Permission", {"SQL-205", ErrorKind::kPermission, "SQL may touch only the files of the lake and the project"}},
      {"TransactionContext", {"SQL-202", ErrorKind::kInternal, ""}},
      {"Out of Memory",
       {"SQL-301", ErrorKind::kResource, "raise memory_limit, or let fewer steps run at once (threads)"}},
      {"INTERRUPT", {"RUN-900", ErrorKind::kCancelled, ""}},
      {"INTERNAL", {"SQL-299", ErrorKind::kInternal, "please report this with the statement"}},
      {"FATAL", {"SQL-299", ErrorKind::kInternal, "please report this with the statement"}},
  };
  return kMeanings;
}

}  // namespace

Error MakeSqlError(std::string_view raw, std::string_view sql, size_t shift) {
  std::string type;
  std::string message(raw);
  std::optional<size_t> position;
  // Errors of the parser carry their class in front of the JSON: "Parser Error: {…}".
  size_t brace = raw.find('{');
  auto json = nlohmann::json::parse(brace == std::string_view::npos ? raw : raw.substr(brace), nullptr, false);
  if (json.is_object() && json.contains("exception_type")) {
    type = json.value("exception_type", "");
    message = json.value("exception_message", message);
    std::string at = json.value("position", "");
    if (!at.empty()) position = std::strtoull(at.c_str(), nullptr, 10);
  } else {  // before the settings are in force: "Parser Error: text\n\nLINE 1: …"
    size_t end = raw.find(" Error: ");
    if (end != std::string_view::npos) {
      type = raw.substr(0, end);
      message = raw.substr(end + 8);
    }
    if (type == "INTERRUPT" || message == "Interrupted!") type = "INTERRUPT";
  }
  Meaning meaning{"SQL-202", ErrorKind::kData, ""};
  if (auto found = Meanings().find(type); found != Meanings().end()) meaning = found->second;
  std::string hint = meaning.hint;
  if (meaning.kind == ErrorKind::kCancelled) message = "the statement was interrupted";
  // DuckDB puts its advice on further lines: "…!\nDid you mean …" / "Candidate bindings: …".
  if (size_t line = message.find('\n'); line != std::string::npos) {
    std::string rest = message.substr(line + 1);
    message.resize(line);
    while (!rest.empty() && rest.front() == '\n') rest.erase(0, 1);
    if (size_t quoted = rest.find("LINE "); quoted != std::string::npos) rest.resize(quoted);
    while (!rest.empty() && (rest.back() == '\n' || rest.back() == ' ')) rest.pop_back();
    if (!rest.empty()) hint = hint.empty() ? rest : rest + "\n" + hint;
  }
  Error error = Error(meaning.code, meaning.kind, message).WithHint(hint);
  if (position && *position >= shift && *position - shift <= sql.size())
    return std::move(error).At(PositionAt(sql, *position - shift, 1, ""));
  return error;
}

}  // namespace leat::sql
