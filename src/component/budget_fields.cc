#include "component/budget_fields.h"

#include "base/day_hours.h"
#include "config/scalar.h"

namespace leat::component {
namespace {

using config::FieldSpec;
using config::FieldType;

FieldSpec BudgetField() {
  return {.name = "budget",
          .type = FieldType::kObject,
          .description = "What all runs and processes with the same state together may take of it; default: no limit.",
          .example = "{ connections: 4, rate: 20MB/s, hours: 20:00-06:00 Europe/Berlin }",
          .fields = {
              {.name = "connections",
               .type = FieldType::kInteger,
               .description = "Connections open at once.",
               .minimum = 1,
               .maximum = 10'000,
               .example = "4"},
              {.name = "statement",
               .type = FieldType::kDuration,
               .description = "Longest statement: tables are read in parts that stay below.",
               .minimum = 1,
               .example = "10s"},
              {.name = "rate", .description = "Data read, a second, minute or hour.", .example = "20MB/s"},
              {.name = "calls", .description = "Requests in any such span of time.", .example = "1/15m"},
              {.name = "hours",
               .description = "Hours of the day in which it is read, with a time zone (default UTC).",
               .example = "20:00-06:00 Europe/Berlin"},
              {.name = "wait",
               .type = FieldType::kDuration,
               .description = "How long a step waits for its turn before it fails, with the time at which that is.",
               .default_value = "1h"},
          }};
}

Error Wrong(const config::Values& budget, const char* field, const std::string& expected) {
  return MakeError("CFG-107", ErrorKind::kConfig, "field '{}' of the budget: '{}' is not {}", field, budget.Text(field),
                   expected)
      .At(budget.Where(field));
}

/// "20MB/s" -> 20,000,000 and a second; `amount` reads what is before the slash. A span without a number is one of it.
template <class Amount>
bool Split(const std::string& text, Amount amount, int64_t& value, std::chrono::microseconds& per) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  const std::optional<int64_t> parsed = amount(text.substr(0, slash));
  std::string span = text.substr(slash + 1);
  if (span.find_first_of("0123456789") != 0) span = "1" + span;
  const auto duration = config::ParseDuration(span);
  if (!parsed || *parsed <= 0 || !duration || duration->count() <= 0) return false;
  value = *parsed;
  per = *duration;
  return true;
}

}  // namespace

std::vector<FieldSpec> ConnectionFields(const Spec& spec) {
  std::vector<FieldSpec> fields = {{.name = "type", .description = "The source's name.", .required = true}};
  fields.insert(fields.end(), spec.connection_fields.begin(), spec.connection_fields.end());
  fields.push_back(BudgetField());
  return fields;
}

Result<BudgetLimits> ReadBudget(const config::Values& connection) {
  BudgetLimits limits;
  if (!connection.items.contains("budget")) return limits;
  const config::Values* budget = connection.Object("budget");
  if (budget == nullptr) return limits;
  if (budget->Has("connections")) limits.connections = static_cast<int>(budget->Integer("connections"));
  if (budget->Has("statement")) limits.statement = budget->Duration("statement");
  limits.wait = budget->Duration("wait");
  std::vector<Error> wrong;
  int64_t value = 0;
  std::chrono::microseconds per{};
  if (budget->Has("rate")) {
    if (Split(budget->Text("rate"), config::ParseBytes, value, per)) {
      const double seconds = static_cast<double>(per.count()) / 1e6;
      limits.bytes_per_second = std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(value) / seconds));
    } else {
      wrong.push_back(Wrong(*budget, "rate", "a size and a span of time, such as 20MB/s"));
    }
  }
  if (budget->Has("calls")) {
    if (Split(budget->Text("calls"), config::ParseInteger, value, per)) {
      limits.calls = value;
      limits.per = per;
    } else {
      wrong.push_back(Wrong(*budget, "calls", "a number and a span of time, such as 100/1m or 1/15m"));
    }
  }
  if (budget->Has("hours")) {
    limits.hours = budget->Text("hours");
    const Result<DayHours> hours = DayHours::Parse(limits.hours);
    if (!hours.ok()) {
      wrong.push_back(Wrong(*budget, "hours", "a span of every day, such as 20:00-06:00 Europe/Berlin")
                          .WithHint(hours.error().message()));
    }
  }
  if (wrong.empty()) return limits;
  Error first = std::move(wrong.front());
  for (size_t i = 1; i < wrong.size(); ++i) {
    Error longer = std::move(first).WithOther(std::move(wrong[i]));
    first = std::move(longer);
  }
  return first;
}

}  // namespace leat::component
