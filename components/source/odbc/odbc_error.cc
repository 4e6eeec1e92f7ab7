#include "components/source/odbc/odbc_error.h"

#include <algorithm>

#include "component/statement_limit.h"

namespace leat::components::odbc {
namespace {

bool IsOneOf(const std::string& state, std::initializer_list<const char*> states) {
  return std::any_of(states.begin(), states.end(), [&](const char* one) { return state.starts_with(one); });
}

bool Says(const Diagnosis& diagnosis, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return diagnosis.text.find(word) != std::string::npos; });
}

Error ConnectError(const Diagnosis& diagnosis, const std::string& text) {
  if (IsOneOf(diagnosis.state, {"IM002", "IM003", "IM004", "IM005", "IM010"}) || Says(diagnosis, {"Can't open lib"})) {
    return MakeError("SRC-288", ErrorKind::kConfig, "{}", text)
        .WithHint("`odbcinst -q -d` lists the drivers of this machine, `odbcinst -q -s` its data sources");
  }
  // Drivers have no common SQLSTATE for it.
  if (diagnosis.state.starts_with("28") ||
      Says(diagnosis, {"password", "authentication", "Access denied", "Login failed"})) {
    return MakeError("SRC-290", ErrorKind::kPermission, "{}", text)
        .WithHint("check `user` and `password` of the connection");
  }
  return MakeError("SRC-289", ErrorKind::kEnvironment, "{}", text)
      .WithRetry(Retry::kSafe)
      .WithHint("check that the server runs, and server, port and database in `dsn` or `options` of the connection");
}

}  // namespace

bool IsMySqlTimeout(int native) {
  constexpr int kMariaDb = 1969, kMySql = 3024;
  return native == kMariaDb || native == kMySql;
}

Error ErrorOf(const Diagnosis& diagnosis, const std::string& what, const std::string& shown) {
  const std::string text = fmt::format("{}: {} says: {} ({})", what, shown, diagnosis.text,
                                       diagnosis.state.empty() ? "no SQLSTATE" : "SQLSTATE " + diagnosis.state);
  if (diagnosis.connecting) return ConnectError(diagnosis, text);
  if (diagnosis.dead || IsOneOf(diagnosis.state, {"08", "57P"})) {
    return MakeError("SRC-291", ErrorKind::kEnvironment, "{}", text)
        .WithRetry(Retry::kSafe)
        .WithHint("the connection broke; run again: nothing of this read was published");
  }
  if (diagnosis.too_long || IsOneOf(diagnosis.state, {"HYT00", "57014"})) {
    return MakeError(component::kStatementEnded, ErrorKind::kEnvironment, "{}", text)
        .WithRetry(Retry::kSafe)
        .WithHint("the database ended the statement for its time; run again, or raise its limits for this user");
  }
  if (diagnosis.again || IsOneOf(diagnosis.state, {"HYT0", "40", "53", "HY008", "HY001"})) {
    return MakeError("SRC-292", ErrorKind::kEnvironment, "{}", text)
        .WithRetry(Retry::kSafe)
        .WithHint("the server gave the statement up; run again, set `budget:` of the connection, or raise its limits");
  }
  if (diagnosis.state == "42501" || Says(diagnosis, {"denied", "ermission"})) {
    return MakeError("SRC-290", ErrorKind::kPermission, "{}", text)
        .WithHint("the user of the connection needs SELECT on the table, and no more");
  }
  return MakeError("SRC-293", ErrorKind::kEnvironment, "{}", text)
      .WithHint(
          "the message is the driver's own; `isql -v` with the same data source shows whether it is the database's");
}

}  // namespace leat::components::odbc
