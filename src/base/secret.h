#pragma once

#include <string>
#include <string_view>

namespace leat {

/// Registers a secret value: from now on MaskSecrets replaces it with "***". Thread-safe. Values shorter than
/// 4 bytes are not registered (masking them would eat ordinary text).
void RegisterSecret(std::string_view value);

/// Returns `text` with every registered secret replaced. Called by Error and by the log: nobody else needs to.
std::string MaskSecrets(std::string text);

}  // namespace leat
