#include "component/mask.h"
#include "component/spec.h"

namespace {

using namespace leat;
using namespace leat::component;

class Nothing : public Mask {
 public:
  data::TypePtr TypeOf(const data::TypePtr& type) const override { return type; }
  // NULL of the value's type.
  std::string Masked(const std::string& value, const data::Type& /*type*/) const override {
    return "CASE WHEN false THEN (" + value + ") END";
  }
};

Result<std::unique_ptr<Mask>> Make(const config::Values&) { return std::unique_ptr<Mask>(new Nothing()); }

}  // namespace

leat::component::Spec leat_mask_nothing_spec() {
  Spec spec;
  spec.kind = "mask";
  spec.name = "nothing";
  spec.summary = "no value is kept: NULL in a column of the source's type";
  spec.description = "The column stays, so that whoever names it goes on working. Not to read it at all is `exclude`.";
  spec.examples = {"columns:\n  - { name: birth, mask: nothing }"};
  spec.make_mask = Make;
  return spec;
}
