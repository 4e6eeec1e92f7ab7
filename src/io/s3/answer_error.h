#pragma once

#include <string>

#include "base/result.h"
#include "io/http.h"

namespace leat::io::s3 {

/// What an error is about, for its message.
struct AnswerContext {
  std::string doing;  ///< "read", "write", "list"
  std::string uri;    ///< s3://bucket/key
  std::string bucket;
  std::string endpoint;
  std::string region;
  std::string credentials;  ///< where the keys came from
};

/// The code of an answer that is no success ("NoSuchKey"), "" where its body has none (HEAD).
std::string ErrorCodeOf(const HttpAnswer& answer);
/// Turns an answer that is no success into the error that a person can act on. Retry::kSafe where the same request may be
/// sent again: the store is busy (IO-513), or the keys have ended (IO-525).
Error AnswerError(const HttpAnswer& answer, const AnswerContext& context);

}  // namespace leat::io::s3
