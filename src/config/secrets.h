#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::config {

/// The values of ${secret:NAME}: one private file each, <root>/.leat/secrets/NAME (folder 0700, files 0600). Names are those
/// of variables. Nothing here is shown, logged or taken from an argument.
class SecretFiles {
 public:
  explicit SecretFiles(const std::string& root);

  /// CFG-113 for a name that is none.
  static Status CheckName(std::string_view name);
  /// Replaces the value at once, or keeps the old one. CFG-113: an empty value. CFG-114 kEnvironment: not writable.
  Status Set(const std::string& name, std::string_view value) const;
  /// nullopt: there is none. One newline at the end of a file that somebody wrote by hand is left out.
  std::optional<std::string> Find(const std::string& name) const;
  std::vector<std::string> Names() const;
  /// CFG-108 kNotFound with the nearest names.
  Status Remove(const std::string& name) const;

 private:
  std::string folder_;
};

}  // namespace leat::config
