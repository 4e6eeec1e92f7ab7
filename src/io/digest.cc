#include "io/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/lower.h"

namespace leat::io {

struct Digest::State {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Digest::Digest(std::unique_ptr<State> state) : state_(std::move(state)) {}
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

std::optional<Digest> Digest::Of(std::string_view name) {
  std::string plain = Lower(name);
  std::erase(plain, '-');
  if (plain == "sha") plain = "sha1";  // in the header Digest
  constexpr std::array<std::string_view, 4> kKnown = {"md5", "sha1", "sha256", "sha512"};
  if (std::find(kKnown.begin(), kKnown.end(), plain) == kKnown.end()) return std::nullopt;
  const EVP_MD* kind = EVP_get_digestbyname(plain.c_str());
  auto state = std::make_unique<State>();
  if (kind == nullptr || EVP_DigestInit_ex(state->context.get(), kind, nullptr) != 1) return std::nullopt;
  return Digest(std::move(state));
}

void Digest::Add(std::string_view bytes) { EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()); }

std::string Digest::Finish() {
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  bytes.resize(size);
  return bytes;
}

}  // namespace leat::io
