#include <fmt/format.h>

#include "base/secret.h"
#include "component/mask.h"
#include "component/spec.h"
#include "component/text_cell.h"

namespace {

using namespace leat;
using namespace leat::component;
using data::TypeId;

constexpr size_t kLeastSaltBytes = 16;

class Sha256 : public Mask {
 public:
  explicit Sha256(const std::string& salt) : salt_("unhex('" + HexText(salt) + "')") {
    RegisterSecret(HexText(salt));  // a message of the engine may quote SQL
  }

  data::TypePtr TypeOf(const data::TypePtr& type) const override {
    const bool takes = type->id == TypeId::kString || type->id == TypeId::kInt || type->id == TypeId::kLong ||
                       type->id == TypeId::kUuid || type->id == TypeId::kBinary || type->id == TypeId::kFixed ||
                       (type->id == TypeId::kDecimal && type->scale == 0);
    return takes ? data::Primitive(TypeId::kString) : nullptr;
  }

  std::string Masked(const std::string& value, const data::Type& type) const override {
    const bool bytes = type.id == TypeId::kBinary || type.id == TypeId::kFixed;
    const std::string hashed = bytes ? "(" + value + ")" : "encode((" + value + ")::VARCHAR)";
    return "sha256(" + salt_ + " || " + hashed + ")";
  }

 private:
  std::string salt_;
};

Result<std::unique_ptr<Mask>> Make(const config::Values& arguments) {
  const std::string salt = arguments.Text("salt");
  if (salt.size() < kLeastSaltBytes) {
    return MakeError("CMP-111", ErrorKind::kConfig, "sha256: the salt has {} bytes, which can be guessed", salt.size())
        .WithHint(fmt::format("take at least {}: `openssl rand -hex 32 | leat secret set NAME`, and write "
                              "${{secret:NAME}}",
                              kLeastSaltBytes))
        .At(arguments.Where("salt"));
  }
  return std::unique_ptr<Mask>(new Sha256(salt));
}

}  // namespace

leat::component::Spec leat_mask_sha256_spec() {
  Spec spec;
  spec.kind = "mask";
  spec.name = "sha256";
  spec.summary = "64 hex digits of the SHA-256 of salt and value: equal values stay equal, so joins and keys work";
  spec.description =
      "For texts, whole numbers, uuids and binary values; the raw column is a text. What is hashed is the salt's bytes and "
      "then the value's: the text in UTF-8, a number's digits, a uuid in small letters with its dashes. So the number 42 and "
      "the text '42' have one hash, in every table of one salt. NULL stays NULL.\n\nWhoever has the salt can try values: keep "
      "it as the values themselves. Another salt makes other hashes: rows that were loaded before do not change with it.";
  spec.examples = {"columns:\n  - { name: email, mask: { type: sha256, salt: '${secret:CUSTOMER_SALT}' } }"};
  spec.fields = {{.name = "salt",
                  .description = "A secret of at least 16 bytes; the same one wherever hashes are joined.",
                  .required = true,
                  .secret = true,
                  .example = "'${secret:CUSTOMER_SALT}'"}};
  spec.mask.keeps_equal = true;
  spec.make_mask = Make;
  return spec;
}
