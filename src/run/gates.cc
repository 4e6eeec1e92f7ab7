#include "run/gates_split.h"
#include "run/load_work.h"
#include "sql/session.h"

namespace leat::run {
namespace {

const char* OnFailName(project::OnFail on_fail) {
  switch (on_fail) {
    case project::OnFail::kWarn: return "warn";
    case project::OnFail::kQuarantine: return "quarantine";
    case project::OnFail::kBlock: return "block";
  }
  return "block";
}

int64_t Number(const std::optional<std::string>& text) { return text ? std::strtoll(text->c_str(), nullptr, 10) : 0; }

/// One check, asked on the branch. Quarantining checks ran while writing: what they still find blocks.
Result<CheckResult> Ask(StepContext& context, sql::Session& session, const std::string& relation,
                        const project::CheckUse& use, const data::Schema& schema) {
  CheckResult result;
  result.check_id = use.id;
  result.when = "branch";
  result.on_fail = OnFailName(use.on_fail);
  component::CheckTarget target;
  target.relation = relation;
  target.now = TimeLiteral(SystemClock().Now());
  if (!use.column.empty()) {
    const data::Field* field = schema.FindColumn(use.column);
    if (field == nullptr) {
      return MakeError("RUN-531", ErrorKind::kConfig, "check {}: table {} has no column '{}'", use.id,
                       context.asset.table.ToString(), use.column)
          .At(use.where)
          .WithHint("it has " + ColumnList(schema));
    }
    target.column = sql::QuoteName(field->name);
    target.type = field->type.get();
  }
  result.message = use.instance->Describe(target);
  auto rows = [&]() -> Result<sql::TextRows> {
    std::string reads;
    for (const std::string& table : use.instance->Reads()) reads += (reads.empty() ? "SELECT 1 FROM " : ", ") + table;
    if (!reads.empty()) {
      LEAT_ASSIGN(auto bound, session.Prepare(reads));
      (void)bound;
    }
    return session.connection().Query(use.instance->Count(target));
  }();
  if (!rows.ok()) {
    if (rows.error().kind() == ErrorKind::kCancelled || rows.error().kind() == ErrorKind::kResource)
      return std::move(rows).error();
    result.status = "error";
    result.message += ": " + rows.error().message();
    return result;
  }
  if (rows->rows.size() != 1 || rows->columns.size() < 3) {
    return MakeError("RUN-532", ErrorKind::kInternal, "check {} gave {} rows", use.id, rows->rows.size());
  }
  result.failures = Number(rows->At(0, 0));
  result.total = Number(rows->At(0, 1));
  result.observed = rows->At(0, 2).value_or("");
  result.status = result.failures == 0 ? "pass" : use.on_fail == project::OnFail::kWarn ? "warn" : "fail";
  return result;
}

}  // namespace

bool Blocks(const CheckResult& check) {
  return check.status == "fail" || (check.status == "error" && check.on_fail != "warn");
}

Result<std::vector<CheckResult>> CheckOnBranch(StepContext& context) {
  std::vector<CheckResult> results;
  if (context.asset.checks.empty()) return results;
  lake::Catalog& catalog = *context.lakehouse.catalog;
  LEAT_ASSIGN(lake::View view, catalog.Resolve(context.branch));
  LEAT_ASSIGN(std::optional<lake::Entry> entry, catalog.FindTable(view, context.asset.table));
  if (!entry) return results;
  LEAT_ASSIGN(std::unique_ptr<StepWork> work, StepWork::Open(context, view, {}, true));
  sql::Session& session = *work->session();
  LEAT_ASSIGN(std::string relation, session.Relation(context.asset.table));
  data::Schema schema;
  if (entry->kind == lake::ObjectKind::kTable) {
    LEAT_ASSIGN(lake::MetadataPtr metadata, catalog.LoadMetadata(entry->location));
    schema = metadata->current_schema();
  } else {
    LEAT_ASSIGN(std::vector<sql::Column> columns, session.Describe("SELECT * FROM " + relation));
    LEAT_ASSIGN(schema, sql::SchemaForColumns(columns));
  }
  for (const project::CheckUse& use : context.asset.checks) {
    if (context.cancel != nullptr) LEAT_TRY(context.cancel->Check());
    LEAT_ASSIGN(CheckResult result, Ask(context, session, relation, use, schema));
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace leat::run
