#include <fmt/format.h>

#include "component/check.h"
#include "component/spec.h"
#include "component/sql_text.h"

namespace {

using namespace leat;
using namespace leat::component;

class Unique : public Check {
 public:
  Unique(std::vector<std::string> columns, std::string keep_order)
      : columns_(std::move(columns)), keep_order_(std::move(keep_order)) {}

  std::string BadRow(const CheckTarget& target) const override {
    const std::string key = Key(target);
    if (keep_order_.empty()) {
      return fmt::format("({} AND count(*) OVER (PARTITION BY {}) > 1)", HasKey(target), key);
    }
    return fmt::format("({} AND row_number() OVER (PARTITION BY {} ORDER BY {}) > 1)", HasKey(target), key,
                       keep_order_);
  }

  std::string Count(const CheckTarget& target) const override {
    return fmt::format(
        "SELECT coalesce(sum(n) FILTER (WHERE n > 1 AND has_key), 0)::BIGINT AS failures, coalesce(sum(n), 0)::BIGINT "
        "AS total, "
        "(count(*) FILTER (WHERE n > 1 AND has_key)) || ' keys appear more than once' AS observed "
        "FROM (SELECT count(*) AS n, {} AS has_key FROM {} GROUP BY {}, has_key)",
        HasKey(target), target.relation, Key(target));
  }

  std::string KeepOrder() const override { return keep_order_; }

  std::string Describe(const CheckTarget& target) const override {
    return fmt::format("{} must be unique", Key(target));
  }

 private:
  std::string Key(const CheckTarget& target) const { return Joined(target, ", ", ""); }
  // A row without a key has no duplicate.
  std::string HasKey(const CheckTarget& target) const { return "(" + Joined(target, " AND ", " IS NOT NULL") + ")"; }

  std::string Joined(const CheckTarget& target, std::string_view between, std::string_view after) const {
    if (columns_.empty()) return target.column + std::string(after);
    std::string text;
    for (const std::string& column : columns_) {
      if (!text.empty()) text += between;
      text += SqlName(column) + std::string(after);
    }
    return text;
  }

  std::vector<std::string> columns_;
  std::string keep_order_;
};

// "first by updated_at" keeps the row with the least value.
Result<std::string> ParseKeep(const config::Values& arguments) {
  const std::string keep = arguments.Text("keep");
  if (keep.empty()) return std::string();
  for (const auto& [word, order] : {std::pair("first by ", "ASC"), std::pair("last by ", "DESC")}) {
    const std::string_view prefix = word;
    if (keep.size() > prefix.size() && keep.compare(0, prefix.size(), prefix) == 0) {
      return fmt::format("{} {} NULLS LAST", SqlName(keep.substr(prefix.size())), order);
    }
  }
  return MakeError("CHK-102", ErrorKind::kConfig,
                   "unique: keep is '{}', expected 'first by <column>' or 'last by <column>'", keep)
      .At(arguments.Where("keep"));
}

Result<std::unique_ptr<Check>> Make(const config::Values& arguments) {
  LEAT_ASSIGN(std::string keep_order, ParseKeep(arguments));
  return std::unique_ptr<Check>(new Unique(arguments.TextList("columns"), std::move(keep_order)));
}

}  // namespace

leat::component::Spec leat_check_unique_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "unique";
  spec.summary = "no two rows have the same key";
  spec.description =
      "The key is the column that the check stands under, or `columns` at the table level. Rows without a key (NULL) "
      "are not "
      "compared. With `on_fail: quarantine` all rows of a key that appears twice are set aside, unless `keep` names "
      "one.";
  spec.examples = {"checks: [unique]",
                   "checks:\n  - unique: { columns: [order_id, line], on_fail: quarantine, keep: last by updated_at }"};
  spec.fields = {
      {.name = "columns",
       .type = config::FieldType::kList,
       .description = "Columns of the key, at the table level; default: the column that the check stands under.",
       .example = "[order_id, line]"},
      {.name = "keep",
       .description = "Which row of a key stays when the others are quarantined; default: none.",
       .example = "last by updated_at"}};
  spec.check.row_level = true;
  spec.check.keyed = true;
  spec.make_check = Make;
  return spec;
}
