#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/http.h"
#include "io/s3/sign.h"

namespace leat::io::s3 {

/// A variable of the process's environment; tests give their own.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment ProcessEnvironment();

/// Sections of an AWS profile file (~/.aws/credentials, ~/.aws/config), "[profile x]" as "x". Lines that are neither
/// sections, settings nor comments are left out, as the AWS tools do.
using Profiles = std::map<std::string, std::map<std::string, std::string>>;
Profiles ParseProfiles(std::string_view text);
/// Both files together, the credentials file first (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, HOME).
Profiles ReadProfiles(const Environment& environment);

struct CredentialOptions {
  Credentials given;    ///< of leat.yml; they win
  std::string profile;  ///< of leat.yml; then only this profile is looked at
  Environment environment;
  std::function<TimeMicros()> now;  ///< the machine's clock
};

/// Finds keys in this order: leat.yml; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN); the profile
/// (AWS_PROFILE, else "default"); a container's endpoint (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI); the instance's
/// (IMDSv2, unless AWS_EC2_METADATA_DISABLED is true). Keys that end are asked for again 5 minutes before. Thread-safe.
class CredentialChain {
 public:
  explicit CredentialChain(CredentialOptions options);
  /// IO-521 kPermission when no place has keys: the message names the places; IO-511, IO-512 when an endpoint that is
  /// configured does not answer.
  Result<Credentials> Get();
  /// The store has refused them as ended: the next Get asks again.
  void Forget();

 private:
  std::optional<std::string> Variable(const std::string& name) const;
  Result<std::optional<Credentials>> FromEnvironment() const;
  Result<std::optional<Credentials>> FromProfile() const;
  Result<std::optional<Credentials>> FromContainer();
  Result<std::optional<Credentials>> FromInstance();
  Result<Credentials> Find();

  const CredentialOptions options_;
  HttpClient http_;
  std::mutex mutex_;
  std::optional<Credentials> known_;
};

}  // namespace leat::io::s3
