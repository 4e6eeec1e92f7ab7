#include <fmt/format.h>

#include "component/mask.h"
#include "component/spec.h"
#include "component/sql_text.h"

namespace {

using namespace leat;
using namespace leat::component;

class Fixed : public Mask {
 public:
  explicit Fixed(std::string text) : text_(std::move(text)) {}

  data::TypePtr TypeOf(const data::TypePtr& /*type*/) const override { return data::Primitive(data::TypeId::kString); }

  std::string Masked(const std::string& value, const data::Type& /*type*/) const override {
    return fmt::format("CASE WHEN ({}) IS NOT NULL THEN {} END", value, SqlLiteral(text_));
  }

 private:
  std::string text_;
};

Result<std::unique_ptr<Mask>> Make(const config::Values& arguments) {
  return std::unique_ptr<Mask>(new Fixed(arguments.Text("text")));
}

}  // namespace

leat::component::Spec leat_mask_fixed_spec() {
  Spec spec;
  spec.kind = "mask";
  spec.name = "fixed";
  spec.summary = "every value becomes one text: whether there was one stays, what it was does not";
  spec.description = "For columns of every type; the raw column is a text. NULL stays NULL.";
  spec.examples = {"columns:\n  - { name: phone, mask: fixed }",
                   "columns:\n  - { name: phone, mask: { type: fixed, text: hidden } }"};
  spec.fields = {{.name = "text", .description = "What stands for a value.", .default_value = "***"}};
  spec.make_mask = Make;
  return spec;
}
