#include "base/secret.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace leat {
namespace {

struct SecretList {
  std::mutex mutex;
  std::vector<std::string> values;  // longest first, so that a secret inside a longer one does not cut it
};

SecretList& Secrets() {
  static SecretList list;
  return list;
}

}  // namespace

void RegisterSecret(std::string_view value) {
  if (value.size() < 4) return;
  SecretList& list = Secrets();
  std::lock_guard lock(list.mutex);
  if (std::find(list.values.begin(), list.values.end(), value) != list.values.end()) return;
  list.values.emplace_back(value);
  std::sort(list.values.begin(), list.values.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string MaskSecrets(std::string text) {
  SecretList& list = Secrets();
  std::lock_guard lock(list.mutex);
  for (const std::string& secret : list.values) {
    for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

}  // namespace leat
