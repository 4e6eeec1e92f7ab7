#include "run/rename_evidence.h"

#include <strings.h>

#include <algorithm>

#include "component/text_inference.h"
#include "lake/scan.h"
#include "run/load_stream.h"
#include "sql/session.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

using component::SourceColumn;
using project::DriftClass;

constexpr size_t kMostColumns = 8;  // of either side: more is another table
constexpr int kSampleRows = 20'000;
constexpr double kLeast = 0.5;

/// The column of that name as it is now; null: it is gone.
const SourceColumn* FindNow(const std::vector<component::ObservedInput>& observed, const std::string& name) {
  for (const component::ObservedInput& input : observed) {
    for (const SourceColumn& column : input.columns) {
      if (column.name == name) return &column;
    }
  }
  return nullptr;
}

struct Pair {
  std::string from, raw;  ///< in the source, in the raw table
  SourceColumn to;
};

bool FitTogether(const data::TypePtr& gone, const data::TypePtr& now) {
  return gone != nullptr && now != nullptr && !now->is_nested() &&
         (CompareTypes(*gone, *now) != TypeMove::kChanged || CompareSampledType(*gone, *now) == TypeMove::kSame);
}

std::vector<Pair> PairsOf(const project::Asset& asset, const RegisteredTable& registered,
                          const std::vector<component::ObservedInput>& observed,
                          const std::vector<SchemaDifference>& differences) {
  std::vector<Pair> pairs;
  size_t gone = 0;
  for (const SchemaDifference& one : differences) {
    if (one.kind != DriftClass::kRemoved && one.kind != DriftClass::kKeyChanged) continue;
    if (one.column.empty() || !one.everywhere || ++gone > kMostColumns) continue;
    const auto& columns = registered.table.columns;
    const auto known =
        std::find_if(columns.begin(), columns.end(), [&](const auto& column) { return column.name == one.column; });
    if (known == columns.end()) continue;
    const project::ColumnInfo* info = FindColumnInfo(asset, known->name);
    if (info != nullptr && info->mask != nullptr) continue;  // the table has none of its values to compare
    size_t added = 0;
    for (const SchemaDifference& other : differences) {
      if (other.kind != DriftClass::kAdditive || other.returned || ++added > kMostColumns) continue;
      if (!FitTogether(known->type, other.type)) continue;
      const SourceColumn* now = FindNow(observed, other.column);
      if (known->id != 0 && now != nullptr && now->id != 0) continue;  // ids say whether they are one
      pairs.push_back(
          {one.column, registered.names[static_cast<size_t>(known - columns.begin())], {other.column, other.type, ""}});
    }
  }
  return pairs;
}

/// The sample as a temporary table: n0 … the new columns, y0 … the key's.
class Sample {
 public:
  Sample(StepContext& context, component::Source& source, sql::Connection& connection)
      : context_(context), source_(source), connection_(connection) {}

  Status Read(component::ReadRequest request, const std::vector<SourceColumn>& added,
              const std::vector<SourceColumn>& keys) {
    request.bookmark.clear();
    request.upper.clear();
    request.table.columns = added;
    request.table.columns.insert(request.table.columns.end(), keys.begin(), keys.end());
    std::string from;
    std::unique_ptr<LoadStream> stream;
    std::vector<std::string> values;
    if (context_.asset.source->source.relation) {
      LEAT_ASSIGN(const component::Relation relation, source_.OpenRelation(request));
      from = "(" + relation.from + ")";
      for (const component::ReadColumn& column : relation.columns) values.push_back(column.value);
    } else {
      LEAT_ASSIGN(stream, LoadStream::Open(context_, source_, request, connection_));
      from = stream->from();
      for (size_t i = 0; i < request.table.columns.size(); ++i) {
        const std::string column = "k" + std::to_string(i);
        const data::Type& type = *request.table.columns[i].type;
        const bool as_text = stream->columns()[i].type == "VARCHAR" && type.id != data::TypeId::kString;
        values.push_back(as_text ? component::ExactCast(column, type) : column);
      }
    }
    std::string select;
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string name = i < added.size() ? "n" + std::to_string(i) : "y" + std::to_string(i - added.size());
      select += fmt::format("{}({})::VARCHAR AS {}", i == 0 ? "" : ", ", values[i], name);
    }
    Status made = connection_.Execute(fmt::format(
        "CREATE OR REPLACE TEMP TABLE leat_sample AS SELECT {} FROM {} LIMIT {}", select, from, kSampleRows));
    if (stream != nullptr) stream->Close();
    return made;
  }

 private:
  StepContext& context_;
  component::Source& source_;
  sql::Connection& connection_;
};

int64_t Number(const sql::TextRows& rows, size_t column) {
  return std::strtoll(rows.At(0, column).value_or("0").c_str(), nullptr, 10);
}

}  // namespace

double RenameConfidence(int64_t compared, int64_t equal, int64_t different) {
  if (compared <= 0 || different <= 0) return 0;
  const auto share = static_cast<double>(equal) / static_cast<double>(compared);
  return share * static_cast<double>(different) / static_cast<double>(different + 1);
}

std::vector<RenameEvidence> SurestPairs(std::vector<RenameEvidence> pairs) {
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const RenameEvidence& a, const RenameEvidence& b) { return a.confidence > b.confidence; });
  std::vector<RenameEvidence> chosen;
  for (RenameEvidence& pair : pairs) {
    const bool taken = std::any_of(chosen.begin(), chosen.end(), [&](const RenameEvidence& other) {
      return other.from == pair.from || other.to == pair.to;
    });
    if (!taken && pair.confidence >= kLeast) chosen.push_back(std::move(pair));
  }
  return chosen;
}

std::vector<RenameEvidence> CertainRenames(const RegisteredTable& registered,
                                           const std::vector<component::ObservedInput>& observed) {
  std::vector<RenameEvidence> found;
  for (const SourceColumn& column : registered.table.columns) {
    if (column.id == 0 || FindNow(observed, column.name) != nullptr) continue;
    for (const component::ObservedInput& input : observed) {
      for (const SourceColumn& now : input.columns) {
        if (now.id == column.id && !IsRegistered(registered, now.name))
          found.push_back({column.name, now.name, 1, fmt::format("the source's column {} is both", now.id), true});
      }
    }
  }
  return found;
}

Result<std::vector<RenameEvidence>> FindRenames(StepContext& context, component::Source& source,
                                                const component::ReadRequest& request, const Target& target,
                                                const RegisteredTable& registered,
                                                const std::vector<component::ObservedInput>& observed) {
  std::vector<RenameEvidence> found = CertainRenames(registered, observed);
  if (target.metadata == nullptr || target.metadata->current_snapshot() == nullptr) return found;
  const std::vector<Pair> pairs =
      PairsOf(context.asset, registered, observed, CompareSchemas(registered, observed, context.asset.primary_key, {}));
  if (pairs.empty()) return found;

  std::vector<SourceColumn> added, keys;
  std::vector<std::string> raw_keys;
  for (const Pair& pair : pairs) {
    const bool there =
        std::any_of(added.begin(), added.end(), [&](const auto& one) { return one.name == pair.to.name; });
    if (!there) added.push_back(pair.to);
  }
  const std::vector<std::string>& key =
      context.asset.primary_key.empty() ? registered.table.primary_key : context.asset.primary_key;
  for (size_t i = 0; i < registered.names.size(); ++i) {
    const SourceColumn& column = registered.table.columns[i];
    const bool is_key = std::any_of(key.begin(), key.end(), [&](const std::string& one) {
      return strcasecmp(one.c_str(), column.name.c_str()) == 0;
    });
    const bool gone =
        std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.from == column.name; });
    if (!is_key || gone) continue;
    keys.push_back(column);
    raw_keys.push_back(registered.names[i]);
  }
  if (raw_keys.size() != key.size()) {  // a part of the key says nothing
    keys.clear();
    raw_keys.clear();
  }

  LEAT_ASSIGN(sql::Engine * engine, context.lakehouse.Engine(sql::InstanceKind::kEngine));
  LEAT_ASSIGN(const std::unique_ptr<sql::Connection> connection, engine->Connect());
  LEAT_TRY(Sample(context, source, *connection).Read(request, added, keys));
  const lake::TableMetadata& metadata = *target.metadata;
  LEAT_ASSIGN(const lake::ScanPlan plan,
              lake::PlanScan(*context.lakehouse.files, metadata, metadata.current_snapshot()));
  LEAT_ASSIGN(const std::string table,
              sql::ReadSql(*context.lakehouse.files, *connection, metadata, metadata.current_schema(), plan));
  std::string same_key;
  for (size_t i = 0; i < raw_keys.size(); ++i)
    same_key += fmt::format("{}t.{}::VARCHAR = s.y{}", i == 0 ? "" : " AND ", sql::QuoteName(raw_keys[i]), i);
  for (const Pair& pair : pairs) {
    const auto at = std::find_if(added.begin(), added.end(), [&](const auto& one) { return one.name == pair.to.name; });
    const std::string now = fmt::format("s.n{}", at - added.begin());
    const std::string was = fmt::format("(t.{})::VARCHAR", sql::QuoteName(pair.raw));
    int64_t compared = 0, equal = 0, different = 0;
    if (!same_key.empty()) {
      LEAT_ASSIGN(const sql::TextRows rows,
                  connection->Query(
                      fmt::format("SELECT count(*), count(*) FILTER (WHERE {0} = {1}), count(DISTINCT {0}) "
                                  "FROM ({2}) t JOIN leat_sample s ON {3} WHERE {0} IS NOT NULL OR {1} IS NOT NULL",
                                  was, now, table, same_key)));
      compared = Number(rows, 0);
      equal = Number(rows, 1);
      different = Number(rows, 2);
    }
    std::string how = fmt::format("{} of {} rows of the same key are equal", equal, compared);
    if (compared == 0) {
      LEAT_ASSIGN(
          const sql::TextRows rows,
          connection->Query(fmt::format(
              "SELECT (SELECT count(DISTINCT {1}) FROM leat_sample s), (SELECT count(DISTINCT {0}) FROM ({2}) t "
              "WHERE {0} IN (SELECT {1} FROM leat_sample s WHERE {1} IS NOT NULL))",
              was, now, table)));
      compared = different = Number(rows, 0);
      equal = Number(rows, 1);
      how = fmt::format("{} of {} different values are equal", equal, compared);
    }
    found.push_back({pair.from, pair.to.name, RenameConfidence(compared, equal, different), how, false});
  }
  return SurestPairs(std::move(found));
}

}  // namespace leat::run
