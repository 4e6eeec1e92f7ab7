#pragma once

#include <string>
#include <vector>

namespace leat::run {

/// A difference between the registered columns of a source table and what a load found, and what was done about it: a row of
/// leat.drift, and the entry `drift` of the log.
struct DriftNote {
  std::string kind;       ///< project::DriftClassName
  std::string column;     ///< in the source; "" for the key as a whole
  std::string from;       ///< type, key or name; "" for what is new
  std::string to;         ///< "" for what is gone
  std::string policy;     ///< project::DriftPolicyName, "renames", "propose" or "apply"
  std::string action;     ///< what becomes of it, in words
  std::string origin;     ///< the first of the files that it was found in, "" all or no files
  bool fails = false;     ///< the load may not go on
  double confidence = 0;  ///< of a rename that was found, 0 to 1
};

/// What a load has to register once it is published. `json` empty: nothing.
struct SchemaToRegister {
  std::string json;
  std::string hash;
  std::string changes;  ///< in words, "" when only what was noted differs
};

}  // namespace leat::run
