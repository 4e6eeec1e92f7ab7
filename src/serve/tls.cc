#include "serve/tls.h"

#include <boost/asio/ssl/context.hpp>

namespace leat::serve {

namespace ssl = boost::asio::ssl;
using ErrorCode = boost::system::error_code;

Result<std::shared_ptr<Tls>> Tls::Load(std::string certificate, std::string key) {
  std::shared_ptr<Tls> tls(new Tls(std::move(certificate), std::move(key)));
  LEAT_TRY(tls->Reload());
  return tls;
}

Status Tls::Reload() {
  const auto refuse = [](std::string_view what, const std::string& file, const ErrorCode& error) {
    return MakeError("SERVE-105", ErrorKind::kConfig, "the {} {} cannot be used: {}", what, file, error.message())
        .WithHint(
            "--tls-cert and --tls-key are PEM files that belong together: the certificate with those up to its root, and its key");
  };
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  ErrorCode error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1,
                       error);
  context->use_certificate_chain_file(certificate_, error);
  if (error) return refuse("certificate", certificate_, error);
  context->use_private_key_file(key_, ssl::context::pem, error);
  if (error) return refuse("key", key_, error);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return MakeError("SERVE-105", ErrorKind::kConfig, "the key {} is not that of the certificate {}", key_,
                     certificate_)
        .WithHint("name the two files that were made together");
  }
  const std::lock_guard lock(mutex_);
  context_ = std::move(context);
  return Ok();
}

std::shared_ptr<ssl::context> Tls::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace leat::serve
