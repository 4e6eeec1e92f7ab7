#include "components/source/postgres/server_error.h"

namespace leat::components::postgres {
namespace {

bool IsState(std::string_view text) {
  for (const char c : text) {
    if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z')) return false;
  }
  return text.size() == 5;
}

/// The server ends connections that came too late or while it stops.
bool IsShutdown(std::string_view state) { return state == "57P01" || state == "57P02" || state == "57P03"; }

}  // namespace

std::string StateOfMessage(std::string_view message) {
  for (size_t at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
    const std::string_view state = message.substr(at + 3, 5);
    if (IsState(state) && message.substr(at + 8, 2) == ": ") return std::string(state);
  }
  return "";
}

std::string OneLine(std::string_view message) {
  std::string line;
  while (!message.empty()) {
    const size_t end = message.find('\n');
    const std::string_view part = message.substr(0, end);
    if (!part.starts_with("LOCATION:") && !part.empty()) line += (line.empty() ? "" : "; ") + std::string(part);
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
  }
  return line;
}

Error StartError(const std::string& what, const std::string& shown, const std::string& state,
                 const std::string& message) {
  const std::string text = OneLine(message);
  if (state.starts_with("28")) {
    return MakeError("SRC-243", ErrorKind::kPermission, "{}: {} lets us not in: {}", what, shown, text)
        .WithHint("look at `user` and `password` of the connection, and at the server's pg_hba.conf for this machine");
  }
  if (state == "3D000") {
    return MakeError("SRC-244", ErrorKind::kNotFound, "{}: there is no such database: {}", what, text)
        .WithHint("correct `database` of the connection; `psql -l` lists those of the server");
  }
  if (state.starts_with("53")) {
    return MakeError("SRC-250", ErrorKind::kEnvironment, "{}: {} has no connection free: {}", what, shown, text)
        .WithRetry(Retry::kSafe)
        .WithHint("lower `streams`, set `budget: { connections: N }`, or run when fewer others are connected");
  }
  if (text.find("SSL") != std::string::npos || text.find("certificate") != std::string::npos) {
    return MakeError("SRC-283", ErrorKind::kEnvironment, "{}: no TLS connection with {}: {}", what, shown, text)
        .WithHint(
            "`sslmode` and `sslrootcert` of the connection say what is asked for; verify-full needs the server's name");
  }
  return MakeError("SRC-242", ErrorKind::kEnvironment, "{}: cannot reach {}: {}", what, shown, text)
      .WithRetry(Retry::kSafe)
      .WithHint("look whether the server runs, and at `host` and `port` of the connection");
}

Error StatementError(const std::string& what, const std::string& shown, const std::string& state,
                     const std::string& message, bool broken) {
  const std::string text = OneLine(message);
  if (text.find("statement pooling") != std::string::npos) {  // PgBouncer's words, and then it hangs up
    return MakeError("SRC-287", ErrorKind::kEnvironment, "{}: {} shares its connections between statements: {}", what,
                     shown, text)
        .WithHint(
            "a read needs transactions: PgBouncer's pool_mode has to be transaction or session for this database");
  }
  if (broken || IsShutdown(state) || state.starts_with("08")) {
    return MakeError("SRC-249", ErrorKind::kEnvironment, "{}: the connection to {} broke: {}", what, shown, text)
        .WithRetry(Retry::kSafe)
        .WithHint("nothing was published; run again when the server is back");
  }
  if (state == "42501") {
    return MakeError("SRC-247", ErrorKind::kPermission, "{}: the user may not read it: {}", what, text)
        .WithHint(text.find("row-level") != std::string::npos
                      ? "row-level security would hide rows: give the user BYPASSRLS, or say `row_security: true` to "
                        "read those that it may see"
                      : "GRANT USAGE ON SCHEMA … and GRANT SELECT ON TABLE … to the user of the connection");
  }
  if (state == "57014") {
    return MakeError("SRC-248", ErrorKind::kEnvironment, "{}: the server ended a statement: {}", what, text)
        .WithRetry(Retry::kSafe)
        .WithHint("where its statement_timeout is short, `profile: gentle` reads in small pieces");
  }
  if (state == "40001" || state == "40P01" || state == "55P03") {
    return MakeError("SRC-281", ErrorKind::kConflict, "{}: {} asks to try again: {}", what, shown, text)
        .WithRetry(Retry::kSafe)
        .WithHint("a standby ends reads that hold its recovery up (max_standby_streaming_delay): `consistency: part`");
  }
  if (state.starts_with("53")) {
    return MakeError("SRC-250", ErrorKind::kEnvironment, "{}: {} is out of room: {}", what, shown, text)
        .WithRetry(Retry::kSafe);
  }
  return MakeError("SRC-282", ErrorKind::kEnvironment, "{}: {} says: {} ({})", what, shown, text, state);
}

}  // namespace leat::components::postgres
