#pragma once

#include <vector>

#include "lake/scan.h"
#include "lake/transform.h"

namespace leat::lake {

/// Decides which manifests and files cannot have a row that matches all predicates. Always on the safe side: what is not
/// known, of another type, or could be a NaN (which our SQL orders above all numbers) may match.
class ScanPruner {
 public:
  /// `predicates` on columns that the current schema does not have are ignored.
  static Result<ScanPruner> Make(const TableMetadata& metadata, const std::vector<ScanPredicate>& predicates);

  bool MayMatch(const ManifestFile& manifest) const;
  bool MayMatch(const DataFile& file) const;

 private:
  struct Bound {
    ScanPredicate predicate;
    data::TypePtr type;
  };
  struct SpecField {
    size_t index = 0;
    int source_id = 0;
    Transform transform;
    data::TypePtr type;
  };
  struct Spec {
    int id = 0;
    std::vector<SpecField> fields;
  };
  const Spec* FindSpec(int id) const;

  std::vector<Bound> bounds_;
  std::vector<Spec> specs_;
};

}  // namespace leat::lake
