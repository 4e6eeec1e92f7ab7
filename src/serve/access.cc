#include "serve/access.h"

namespace leat::serve {

namespace {

constexpr std::string_view kBearer = "bearer ";

bool StartsWithoutCase(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != prefix[i]) return false;
  }
  return true;
}

}  // namespace

bool NamesLoopback(std::string_view host) {
  for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (!StartsWithoutCase(host, name)) continue;
    const std::string_view rest = host.substr(name.size());
    if (rest.empty()) return true;
    if (rest.front() == ':' && rest.find_first_not_of("0123456789", 1) == std::string_view::npos) return true;
  }
  return false;
}

Result<Identity> Gatekeeper::Admit(const Request& request) const {
  if (verifier_ == nullptr) {
    std::string_view origin = request.Header("origin");
    bool allowed = NamesLoopback(request.Header("host"));
    if (allowed && !origin.empty()) {
      const size_t scheme = origin.find("://");
      allowed = scheme != std::string_view::npos && NamesLoopback(origin.substr(scheme + 3));
    }
    if (!allowed) {
      return MakeError("SERVE-204", ErrorKind::kPermission,
                       "without tokens only this machine is served: Host '{}', Origin '{}'", request.Header("host"),
                       origin)
          .WithHint("call it as http://127.0.0.1:PORT, or start `leat serve` with tokens");
    }
    return Identity{"local", Scope::kAdmin, ""};
  }
  const std::string_view authorization = request.Header("authorization");
  if (!StartsWithoutCase(authorization, kBearer)) {
    return MakeError("SERVE-203", ErrorKind::kPermission, "a bearer token is needed")
        .WithHint("`leat serve token create` makes one; send it as 'Authorization: Bearer TOKEN'");
  }
  return verifier_->Verify(authorization.substr(kBearer.size()));
}

}  // namespace leat::serve
