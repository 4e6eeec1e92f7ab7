#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::run {

/// What a message says of an object store's files: addresses of objects that came ("s3://bucket/key"). Of other kinds of
/// events, and of the store's test message: none.
struct StoreEvents {
  std::vector<std::string> came;
};

/// Reads a message as S3 sends them to a queue, also through SNS or EventBridge; nullopt: it is none.
std::optional<StoreEvents> ReadStoreEvents(std::string_view body);

}  // namespace leat::run
