#include "serve/iceberg/store_access.h"

#include <chrono>

#include "io/s3/assume_role.h"

namespace leat::serve::iceberg {

namespace {

constexpr std::chrono::seconds kLife{3600};
constexpr size_t kRemembered = 10'000;

// The machine's clock, not SystemClock(): store and service compare it with their own.
TimeMicros Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

lake::Properties WhereOf(const io::s3::Endpoint& endpoint) {
  return {{"s3.endpoint", endpoint.url},
          {"s3.region", endpoint.region},
          {"client.region", endpoint.region},
          {"s3.path-style-access", endpoint.path_style ? "true" : "false"}};
}

io::HttpOptions ServiceOptions(const io::s3::Endpoint& endpoint) {
  io::HttpOptions options;
  options.ca_file = endpoint.ca_file;
  options.longest_answer_bytes = 1 << 20;
  return options;
}

}  // namespace

StoreAccess::StoreAccess(std::shared_ptr<io::s3::Client> client, project::StoreSharing sharing)
    : client_(std::move(client)),
      sharing_(std::move(sharing)),
      where_(WhereOf(client_->endpoint())),
      sts_(ServiceOptions(client_->endpoint())) {}

Result<io::s3::Credentials> StoreAccess::Keys(const std::string& location, bool write, const std::string& user) {
  if (sharing_.vend != "role") return client_->credentials().Get();
  const Asked asked{location, user, write};
  const TimeMicros half = std::chrono::duration_cast<std::chrono::microseconds>(kLife).count() / 2;
  {
    std::lock_guard lock(mutex_);
    const auto known = given_.find(asked);
    if (known != given_.end() && Now() + half < known->second.expires_at) return known->second;
    if (given_.size() >= kRemembered) given_.clear();
  }
  LEAT_ASSIGN(const io::s3::Address folder, io::s3::ParseAddress(location));
  LEAT_ASSIGN(const io::s3::Credentials own, client_->credentials().Get());
  const std::string& region = client_->endpoint().region;
  io::s3::RoleRequest request;
  request.url =
      sharing_.sts_endpoint.empty() ? fmt::format("https://sts.{}.amazonaws.com", region) : sharing_.sts_endpoint;
  request.region = region;
  request.role = sharing_.role;
  request.session = user;
  request.policy = io::s3::FolderPolicy(folder, write, io::s3::PartitionOf(sharing_.role));
  request.life = kLife;
  LEAT_ASSIGN(io::s3::Credentials keys, io::s3::AssumeRole(sts_, own, request));
  std::lock_guard lock(mutex_);
  given_[asked] = keys;
  return keys;
}

Result<RemoteSignature> StoreAccess::Sign(const RemoteRequest& request, const std::string& location) {
  LEAT_ASSIGN(const io::s3::Address folder, io::s3::ParseAddress(location));
  LEAT_ASSIGN(const io::s3::Credentials own, client_->credentials().Get());
  return SignRemote(request, client_->endpoint(), folder, own, Now());
}

}  // namespace leat::serve::iceberg
