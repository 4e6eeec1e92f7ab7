#pragma once

#include <fmt/format.h>

#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source_span.h"

namespace leat {

/// What the *caller* can do about an error. Maps to exit codes (exit_code.h) and HTTP statuses (serve/).
enum class ErrorKind {
  kUsage,        ///< The command line or request is wrong: change it.
  kConfig,       ///< A project file is wrong: fix it at `where`.
  kData,         ///< The data is wrong: fix it at its source or change the policy.
  kNotFound,     ///< The named object does not exist.
  kExists,       ///< The named object exists already.
  kConflict,     ///< Somebody else changed the same thing: plan again on the new state.
  kPermission,   ///< Access is missing: grant it.
  kEnvironment,  ///< Disk, port, state store, network: mend the machine.
  kResource,     ///< Out of memory or over a limit: give more or do less at once.
  kCancelled,    ///< Somebody asked to stop.
  kUnsupported,  ///< Known and refused: the hint says what to do instead.
  kInternal,     ///< A bug of ours: report it.
};

/// Whether the same call may be made again.
enum class Retry {
  kNever,           ///< The same call fails again.
  kSafe,            ///< Nothing was done: try again.
  kUnknownOutcome,  ///< It may have been done: look before trying again, and clean up nothing.
};

/// The value that every failing function returns. `code` is stable ("CFG-104"; docs/errors.md lists all),
/// `message` says what failed on which object and what was expected, `hint` what to do next.
/// Secrets registered with MaskSecret (secret.h) are masked here, when the error is made.
class Error {
 public:
  Error(std::string code, ErrorKind kind, std::string message);

  const std::string& code() const { return code_; }
  ErrorKind kind() const { return kind_; }
  Retry retry() const { return retry_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const SourceSpan& where() const { return where_; }
  /// Further findings of the same operation (validation reports all at once), in order of position.
  const std::vector<Error>& others() const { return others_; }

  Error&& WithHint(std::string hint) &&;
  Error&& At(SourceSpan where) &&;
  Error&& WithRetry(Retry retry) &&;
  Error&& WithOther(Error other) &&;
  /// Puts "context: " in front of the message: the object that a lower layer did not know.
  Error&& In(std::string_view context) &&;

  /// "CODE: message", then where and hint on lines of their own. For logs and tests; people get RenderError.
  std::string ToString() const;

 private:
  std::string code_;
  ErrorKind kind_;
  Retry retry_ = Retry::kNever;
  std::string message_;
  std::string hint_;
  SourceSpan where_;
  std::vector<Error> others_;
};

/// Returns the stable lower-case word of a kind ("config", "not_found").
std::string_view KindName(ErrorKind kind);

/// Makes an error with a formatted message: MakeError("LAKE-201", ErrorKind::kNotFound, "table {} ...", name).
template <typename... Args>
Error MakeError(std::string code, ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return Error(std::move(code), kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace leat
