#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

// Boost's type, named here without its headers.
namespace boost::asio::ssl {
class context;
}

namespace leat::serve {

/// The certificate and key of a server (TLS 1.2 and 1.3), from PEM files that may be read again: connections that are open
/// keep what they began with. Thread-safe.
class Tls {
 public:
  /// `certificate`: the server's, then those up to its root. SERVE-105 (kConfig): a file cannot be read, or they do not belong
  /// together; says which.
  static Result<std::shared_ptr<Tls>> Load(std::string certificate, std::string key);

  /// Reads the files again. On an error (as Load) all stays as it was.
  Status Reload();
  std::shared_ptr<boost::asio::ssl::context> context() const;

 private:
  Tls(std::string certificate, std::string key) : certificate_(std::move(certificate)), key_(std::move(key)) {}

  const std::string certificate_;
  const std::string key_;
  mutable std::mutex mutex_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace leat::serve
