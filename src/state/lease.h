#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "state/store.h"

namespace leat::state {

/// Proof that a lease was taken: give it to every transaction that the lease protects.
struct Fence {
  std::string name;
  int64_t token = 0;
};

/// A lease that a thread of ours renews every third of its life until it is released or destroyed. If renewing fails until
/// it expires, `lost()` turns true and CheckFence in the protected transaction refuses (fencing).
/// Names: load:<key>, write:<table>, ref:<ref>, gc:<warehouse>, read:<commit>, run:<id>.
class Lease {
 public:
  /// Takes the lease, waiting up to `wait` for its holder. STATE-401 (kConflict, Retry::kSafe): held; names the owner, the
  /// purpose and when it ends.
  static Result<std::unique_ptr<Lease>> Take(Store& store, const std::string& name, const std::string& owner,
                                             const std::string& purpose, std::chrono::milliseconds wait,
                                             std::chrono::milliseconds life = std::chrono::seconds(30));
  virtual ~Lease() = default;  ///< Releases.
  virtual bool lost() const = 0;
  virtual const Fence& fence() const = 0;
  virtual Status Release() = 0;
};

/// Fails with STATE-402 (kConflict) unless `fence` is still the newest token of its lease and not expired.
Status CheckFence(Transaction& tx, const Fence& fence);

/// True while someone holds `name`.
Result<bool> IsHeld(Store& store, const std::string& name);
/// The same in a transaction, whose own leases do not count.
Result<bool> IsHeldByOthers(Transaction& tx, const std::string& name, const std::vector<Fence>& ours);

}  // namespace leat::state
