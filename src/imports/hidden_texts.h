#pragma once

#include <string>

#include "imports/draft.h"

namespace leat::imports {

/// True when a header, parameter or member of that name proves who asks (a password, token or key), as far as names and the value tell:
/// `key` only with a long value, tokens of pages never.
bool ProvesWhoAsks(const std::string& name, const std::string& value);

/// An address (scheme://user:password@host/path?key=value), or a path with parameters, in which the password and parameters that prove
/// who asks are references, as they are written there. `hint` begins the names.
std::string HiddenInAddress(const std::string& address, const std::string& hint, SecretNames& secrets);

/// The NAME of a reference ${secret:NAME}.
std::string SecretNameOf(const std::string& reference);

}  // namespace leat::imports
