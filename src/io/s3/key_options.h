#pragma once

#include "io/s3/options.h"

namespace leat::io::s3 {

/// Where the keys of a store, or of another service of its provider, are looked for.
CredentialOptions CredentialOptionsOf(const StorageSettings& settings, const Environment& environment);

/// The machine's clock in microseconds UTC, not SystemClock(): who checks a signature compares its time with his own.
TimeMicros SigningTime();

}  // namespace leat::io::s3
