#include "components/source/adbc/adbc_error.h"

#include <arrow-adbc/adbc.h>
#include <arrow-adbc/adbc_driver_manager.h>

#include <algorithm>
#include <initializer_list>

namespace leat::components::adbc {
namespace {

bool Says(const Diagnosis& diagnosis, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return diagnosis.text.find(word) != std::string::npos; });
}

bool IsOneOf(const std::string& state, std::initializer_list<const char*> classes) {
  return std::any_of(classes.begin(), classes.end(), [&](const char* one) { return state.starts_with(one); });
}

Error ConnectError(const Diagnosis& diagnosis, const std::string& text) {
  if (Says(diagnosis, {"[Driver Manager] Could not load", "dlopen() failed"}) && !Says(diagnosis, {"dlsym"})) {
    return MakeError("SRC-310", ErrorKind::kConfig, "{}", text)
        .WithHint(
            "`driver`: the path of the driver's library (libadbc_driver_….so), or the name of one that is installed");
  }
  if (Says(diagnosis, {"[Driver Manager]"})) {
    return MakeError("SRC-311", ErrorKind::kConfig, "{}", text)
        .WithHint("is it a driver of ADBC? `entrypoint` names its init function where it is not the usual one");
  }
  if (diagnosis.status == ADBC_STATUS_UNAUTHENTICATED || diagnosis.status == ADBC_STATUS_UNAUTHORIZED ||
      IsOneOf(diagnosis.state, {"28"}) || Says(diagnosis, {"password", "authentication", "denied"})) {
    return MakeError("SRC-313", ErrorKind::kPermission, "{}", text)
        .WithHint("check `username` and `password`, or what stands in `uri` and `options`");
  }
  return MakeError("SRC-312", ErrorKind::kEnvironment, "{}", text)
      .WithRetry(Retry::kSafe)
      .WithHint("check that the server runs, and `uri` and `options` of the connection");
}

}  // namespace

Error ErrorOf(const Diagnosis& diagnosis, const std::string& what, const std::string& shown) {
  const std::string text =
      fmt::format("{}: the driver {} says: {} ({}{})", what, shown, diagnosis.text.empty() ? "nothing" : diagnosis.text,
                  AdbcStatusCodeMessage(static_cast<AdbcStatusCode>(diagnosis.status)),
                  diagnosis.state.empty() ? "" : ", SQLSTATE " + diagnosis.state);
  if (diagnosis.connecting) return ConnectError(diagnosis, text);
  if (diagnosis.status == ADBC_STATUS_UNAUTHORIZED || diagnosis.state == "42501" ||
      Says(diagnosis, {"permission denied"})) {
    return MakeError("SRC-313", ErrorKind::kPermission, "{}", text)
        .WithHint("the user of the connection needs SELECT on the table, and no more");
  }
  if (diagnosis.status == ADBC_STATUS_TIMEOUT || diagnosis.status == ADBC_STATUS_CANCELLED ||
      IsOneOf(diagnosis.state, {"08", "40", "53", "57"}) ||
      (diagnosis.status == ADBC_STATUS_IO && diagnosis.state.empty())) {
    return MakeError("SRC-314", ErrorKind::kEnvironment, "{}", text)
        .WithRetry(Retry::kSafe)
        .WithHint(
            "the connection broke, or the server gave the statement up; run again: nothing of this read was published");
  }
  return MakeError("SRC-315", ErrorKind::kEnvironment, "{}", text).WithHint("the message is the driver's own");
}

}  // namespace leat::components::adbc
