#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace leat::components::http {

/// What stands for {name} in paths, parameters, headers and bodies: since, until, now, job.id, parent.<path> …
using Placeholders = std::map<std::string, std::string>;

enum class Expand {
  kPlain,
  kPath,
  kJson
};  ///< how a value is written: as it is, percent-encoded, as the inside of a JSON string

/// `text` with each {name} replaced; "{{" is a brace. SRC-251 kConfig names an unknown one with the nearest that there are.
/// `any_empty`, where it is given, becomes true when a value was empty.
Result<std::string> ExpandText(const std::string& text, const Placeholders& values, Expand how,
                               bool* any_empty = nullptr);

/// The names that `text` asks for.
std::vector<std::string> PlaceholderNames(const std::string& text);

}  // namespace leat::components::http
