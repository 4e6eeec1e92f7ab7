#include "run/reconcile.h"

#include <strings.h>

#include <algorithm>

#include "component/text_inference.h"

namespace leat::run {
namespace {

std::string CheckId(const project::Asset& asset) { return asset.id + ".reconcile"; }

}  // namespace

Result<bool> ReconcileIsDue(StepContext& context) {
  const config::Values& values = context.asset.table_values;
  const config::Values* reconcile = values.items.contains("reconcile") ? values.Object("reconcile") : nullptr;
  if (reconcile == nullptr) return false;
  LEAT_ASSIGN(const state::Rows rows,
              context.lakehouse.store->Read(
                  "SELECT max(c.at) FROM check_result c JOIN step s ON s.run_id = c.run_id AND s.asset = c.step "
                  "WHERE c.step = ?1 AND c.check_id = ?2 AND s.published = 1",
                  {context.asset.id, CheckId(context.asset)}));
  const std::optional<int64_t> last = rows.empty() ? std::nullopt : rows.OptInt(0, 0);
  return !last || SystemClock().Now() - *last >= reconcile->Duration("every").count();
}

KeyColumns KeyColumnsOf(const StepContext& context, const RegisteredTable& registered) {
  KeyColumns keys;
  for (size_t i = 0; i < registered.names.size(); ++i) {
    const std::vector<std::string>& wanted = context.asset.primary_key;
    const bool key = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
      return strcasecmp(one.c_str(), registered.names[i].c_str()) == 0;
    });
    if (!key) continue;
    keys.columns.push_back(registered.table.columns[i]);
    keys.names.push_back(registered.names[i]);
    keys.numbers.push_back(i);
  }
  return keys;
}

Result<std::string> OpenKeys(const StepContext& context, component::Source& source, const RegisteredTable& registered,
                             LoadStream& stream, StepWork& work, component::ReadRequest request,
                             const LoadMasks& masks) {
  KeyColumns keys = KeyColumnsOf(context, registered);
  request.table = registered.table;
  request.table.columns = keys.columns;
  LEAT_TRY(stream.OpenNext(source, request, work.connection()));
  std::string columns;
  for (size_t i = 0; i < keys.names.size(); ++i) {
    const std::string column = "k" + std::to_string(i);
    const data::Type& type = *keys.columns[i].type;
    const bool as_text = stream.columns()[i].type == "VARCHAR" && type.id != data::TypeId::kString;
    const std::string value = as_text ? component::ExactCast(column, type) : column;
    columns += fmt::format("{}{} AS {}", i == 0 ? "" : ", ", masks.Select(keys.numbers[i], value),
                           sql::QuoteName(keys.names[i]));
  }
  return "SELECT " + columns + " FROM " + stream.from();
}

component::ReadRequest RequestBetween(const std::string& column, const std::string& first, const std::string& last) {
  component::ReadRequest request;
  request.update_key = column;
  request.bookmark = first;
  request.upper = last;
  request.inclusive = true;
  return request;
}

Result<KeysRead> ReadKeys(const StepContext& context, component::Source& source, const RegisteredTable& registered,
                          const LoadMasks& masks, LoadStream& stream, StepWork& work, const std::string& name) {
  LEAT_ASSIGN(const std::string select, OpenKeys(context, source, registered, stream, work, {}, masks));
  LEAT_TRY(work.connection().Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(name) + " AS " + select));
  KeysRead read{stream.rows_read(), ""};
  stream.Close();
  return read;
}

CheckResult ReconcileResult(const StepContext& context, const KeysRead& read, int64_t gone) {
  CheckResult result;
  result.check_id = CheckId(context.asset);
  result.when = "write";
  result.on_fail = "warn";
  result.status = read.keys == 0 ? "warn" : "pass";
  result.failures = gone;
  result.total = read.keys;
  result.observed = fmt::format("{} keys, {} rows gone{}", read.keys, gone, read.how);
  if (read.keys == 0)
    result.message = "the source has no row: nothing is taken out of " + context.asset.table.ToString();
  return result;
}

}  // namespace leat::run
