#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "io/s3/client.h"

namespace leat::io::s3 {

/// What keys for one folder may do, in AWS's policy language: read its objects and list them; with `write` also put objects and
/// end uploads, but never delete. `partition` is that of the role's ARN ("aws", "aws-cn").
std::string FolderPolicy(const Address& folder, bool write, std::string_view partition);

/// A question to AWS's Security Token Service, or to a store that has one.
struct RoleRequest {
  std::string url;  ///< "https://sts.eu-central-1.amazonaws.com"
  std::string region;
  std::string role;     ///< "arn:aws:iam::123456789012:role/lake-tables"
  std::string session;  ///< who asks, for the store's own log; other characters than it allows become '-'
  std::string policy;   ///< the keys can do what the role and this allow
  std::chrono::seconds life{3600};
};

/// The partition of a role's ARN; "aws" when it is none.
std::string PartitionOf(std::string_view role);

/// Keys that end, for a role (AssumeRole). Asked again while the service is busy, for a few seconds. IO-528 kEnvironment: it
/// refuses; IO-511, IO-512 as of HttpClient; IO-514: it answers something else.
Result<Credentials> AssumeRole(HttpClient& http, const Credentials& keys, const RoleRequest& request);

}  // namespace leat::io::s3
