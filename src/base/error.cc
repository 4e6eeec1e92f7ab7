#include "base/error.h"

#include "base/secret.h"

namespace leat {

std::string SourceSpan::ToString() const {
  if (file.empty()) return "";
  if (line == 0) return file;
  if (column == 0) return fmt::format("{}:{}", file, line);
  return fmt::format("{}:{}:{}", file, line, column);
}

Error::Error(std::string code, ErrorKind kind, std::string message)
    : code_(std::move(code)), kind_(kind), message_(MaskSecrets(std::move(message))) {}

Error&& Error::WithHint(std::string hint) && {
  hint_ = MaskSecrets(std::move(hint));
  return std::move(*this);
}

Error&& Error::At(SourceSpan where) && {
  where_ = std::move(where);
  return std::move(*this);
}

Error&& Error::WithRetry(Retry retry) && {
  retry_ = retry;
  return std::move(*this);
}

Error&& Error::WithOther(Error other) && {
  others_.push_back(std::move(other));
  return std::move(*this);
}

Error&& Error::In(std::string_view context) && {
  message_ = MaskSecrets(fmt::format("{}: {}", context, message_));
  return std::move(*this);
}

std::string Error::ToString() const {
  std::string text = fmt::format("{}: {}", code_, message_);
  if (where_.known()) text += fmt::format("\n  {}", where_.ToString());
  if (!hint_.empty()) text += fmt::format("\n  {}", hint_);
  for (const Error& other : others_) text += "\n" + other.ToString();
  return text;
}

std::string_view KindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage: return "usage";
    case ErrorKind::kConfig: return "config";
    case ErrorKind::kData: return "data";
    case ErrorKind::kNotFound: return "not_found";
    case ErrorKind::kExists: return "exists";
    case ErrorKind::kConflict: return "conflict";
    case ErrorKind::kPermission: return "permission";
    case ErrorKind::kEnvironment: return "environment";
    case ErrorKind::kResource: return "resource";
    case ErrorKind::kCancelled: return "cancelled";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kInternal: return "internal";
  }
  return "internal";
}

}  // namespace leat
