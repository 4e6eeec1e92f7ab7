#include "io/s3/key_options.h"

#include <chrono>

namespace leat::io::s3 {

CredentialOptions CredentialOptionsOf(const StorageSettings& settings, const Environment& environment) {
  CredentialOptions made;
  made.given.access_key_id = settings.access_key_id;
  made.given.secret_access_key = settings.secret_access_key;
  made.given.session_token = settings.session_token;
  made.profile = settings.profile;
  made.environment = environment;
  made.now = SigningTime;
  return made;
}

TimeMicros SigningTime() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace leat::io::s3
