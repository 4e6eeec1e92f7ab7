#pragma once

#include <string>

#include "state/store.h"

namespace leat::run {

/// Who this process is, for the owner column of leases: "pid 4711 since 88123 on host:4f2c9a1b:4026531836" (start time, host,
/// boot, pid namespace). Every lease that a run takes uses it.
const std::string& ProcessOwner();

/// True when `owner` is a process of this machine, boot and pid namespace that is gone. False for others and unknown texts:
/// their leases end by time.
bool OwnerIsDead(const std::string& owner);

/// Ends the leases of processes that died on this machine, so that nobody waits for their time to run out.
Status EndLeasesOfTheDead(state::Store& store);

}  // namespace leat::run
