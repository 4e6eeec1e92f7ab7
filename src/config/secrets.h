#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace leat::config {

/// One process, one thread, holds a secret until this goes.
class SecretHold {
 public:
  explicit SecretHold(int file) : file_(file) {}
  ~SecretHold();
  SecretHold(const SecretHold&) = delete;
  SecretHold& operator=(const SecretHold&) = delete;

 private:
  int file_;
};

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
  /// For who reads a secret, and writes it by what came of it: waits while another one does. CFG-114 kEnvironment; Cancelled.
  Result<std::unique_ptr<SecretHold>> Hold(const std::string& name, const CancelToken* cancel) const;
  std::vector<std::string> Names() const;
  /// CFG-108 kNotFound with the nearest names.
  Status Remove(const std::string& name) const;

 private:
  Status MakeFolder() const;

  std::string folder_;
};

}  // namespace leat::config
