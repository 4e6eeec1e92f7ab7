#include "run/profiling.h"

#include <algorithm>

#include "base/ids.h"
#include "base/lower.h"
#include "data/owned_arrow.h"
#include "run/step.h"

namespace leat::run {
namespace {

using component::ListedColumn;
using component::ListedTable;
using std::chrono::microseconds;

constexpr int kNewest = 10'000;        ///< moments that are looked at
constexpr int64_t kReadRows = 50'000;  ///< rows that are read to see how fast that goes
constexpr std::chrono::seconds kReadTime{5};
constexpr TimeMicros kHour = 3'600'000'000;
constexpr TimeMicros kDay = 24 * kHour;
constexpr int kKept = 30;         ///< profiles of one table
constexpr size_t kKeysTried = 3;  ///< columns that may be a key

/// Measures one table, question by question.
class Measuring {
 public:
  Measuring(Lakehouse& lakehouse, const project::Project& project, const project::Connection& connection,
            const ProfileOptions& options, std::string run_id, CancelToken* cancel)
      : lakehouse_(lakehouse),
        project_(project),
        connection_(connection),
        options_(options),
        run_id_(std::move(run_id)),
        cancel_(cancel) {}

  /// Fills `server` unless it is known.
  Result<TableProfile> Measure(ListedTable& table, component::ServerFacts& server) {
    profile_ = {};
    profile_.at = SystemClock().Now();
    profile_.rows = table.rows;
    profile_.bytes = table.bytes;
    LEAT_TRY(AskEverything(table, server));
    LEAT_TRY(ReadSome(table));
    if (profile_.counted) table.rows = profile_.rows;
    return profile_;
  }

  /// Of all that was read.
  std::vector<StepCost> TakeCosts() {
    for (StepCost& cost : lakehouse_.budgets->TakeCosts(run_id_)) costs_.push_back(std::move(cost));
    return std::move(costs_);
  }

 private:
  /// All questions of one table, over one connection, which is given back.
  Status AskEverything(const ListedTable& table, component::ServerFacts& server) {
    LEAT_ASSIGN(const auto source, Open(table, run_id_));
    auto* probe = dynamic_cast<component::TableProbe*>(source.get());
    if (probe == nullptr) {
      return MakeError("RUN-555", ErrorKind::kUsage,
                       "connection '{}': tables of a source of type {} cannot be measured", connection_.name,
                       connection_.source->name)
          .WithHint("`leat discover` shows what its catalogue tells");
    }
    probe->LimitStatements(options_.longest);
    if (server.name.empty()) LEAT_TRY(Try("the server", probe->Server(), server));
    LEAT_TRY(Try("writes", probe->Writes(), profile_.writes));
    LEAT_TRY(CountRows(*probe, table));
    LEAT_TRY(CountKey(*probe, table));
    for (const ListedColumn& column : table.columns) {
      if (column.moment) LEAT_TRY(LookAtMoments(*probe, column));
    }
    return Ok();
  }

  bool MayScan() const { return options_.full || (profile_.rows && *profile_.rows <= options_.most_scanned); }

  Result<std::unique_ptr<component::Source>> Open(const ListedTable& table, const std::string& run) {
    return OpenListed(lakehouse_, project_, connection_, table, cancel_, BudgetUser{run, table.entry});
  }

  /// Puts what was asked into `out`, or why it was not answered into `not_measured`. Fails when cancelled.
  template <typename T, typename Out>
  Status Try(const std::string& what, Result<T> asked, Out& out) {
    if (asked.ok()) {
      out = std::move(asked).value();
      return Ok();
    }
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    profile_.not_measured.push_back(what + ": " + asked.error().message());
    return Ok();
  }

  void NotMeasured(const std::string& what) {
    profile_.not_measured.push_back(what + ": " +
                                    (profile_.rows
                                         ? fmt::format("the table has more than {} rows", options_.most_scanned)
                                         : std::string("the size of the table is not known")) +
                                    "; --full reads all of it");
  }

  /// Rows, and those without a moment.
  Status CountRows(component::TableProbe& probe, const ListedTable& table) {
    if (!MayScan()) {
      NotMeasured("rows, values that are NULL");
      return Ok();
    }
    std::vector<std::string> moments;
    for (const ListedColumn& column : table.columns) {
      if (column.moment) moments.push_back(column.name);
    }
    std::optional<component::ColumnCounts> counts;
    LEAT_TRY(Try("rows", probe.Count(moments), counts));
    if (!counts) return Ok();
    profile_.rows = counts->rows;
    profile_.counted = true;
    for (size_t i = 0; i < moments.size(); ++i) {
      MomentProfile& moment = profile_.moments.emplace_back();
      moment.column = moments[i];
      moment.nulls = counts->rows - counts->values[i];
    }
    return Ok();
  }

  /// Without a key that the source holds itself, columns that look like one are counted.
  Status CountKey(component::TableProbe& probe, const ListedTable& table) {
    for (const auto* key : {&table.primary_key, &table.unique_key}) {
      if (key->empty()) continue;
      profile_.key = KeyProfile{*key, true};
      return Ok();
    }
    const std::vector<std::string> candidates = KeyCandidates(table);
    if (candidates.empty()) return Ok();
    if (!profile_.counted) {
      NotMeasured("whether " + candidates.front() + " could be the key");
      return Ok();
    }
    for (const std::string& column : candidates) {
      std::optional<component::ColumnCounts> values;
      std::optional<int64_t> different;
      LEAT_TRY(Try("key " + column, probe.Count({column}), values));
      if (values) LEAT_TRY(Try("key " + column, probe.CountKeys({column}), different));
      if (!different) continue;
      const KeyProfile key{{column}, false, values->rows - values->values[0], values->values[0] - *different};
      if (!profile_.key || key.holds()) profile_.key = key;
      if (key.holds()) break;
    }
    return Ok();
  }

  /// Columns that are called id, or end with it, or stand first.
  static std::vector<std::string> KeyCandidates(const ListedTable& table) {
    std::vector<std::string> names;
    const auto add = [&](const auto& fits) {
      for (const ListedColumn& column : table.columns) {
        const bool known = std::find(names.begin(), names.end(), column.name) != names.end();
        if (!known && !column.moment && names.size() < kKeysTried && fits(column)) names.push_back(column.name);
      }
    };
    add([](const ListedColumn& column) { return Lower(column.name) == "id"; });
    add([&](const ListedColumn& column) {
      const std::string name = Lower(column.name);
      return name.ends_with("id") || name.ends_with("key") || name.ends_with("uuid");
    });
    add([&](const ListedColumn& column) { return &column == table.columns.data(); });
    return names;
  }

  Status LookAtMoments(component::TableProbe& probe, const ListedColumn& column) {
    if (!column.leads_index && !MayScan()) {
      NotMeasured(column.name + ", which no index begins with");
      return Ok();
    }
    std::vector<std::string> values;
    LEAT_TRY(Try(column.name, probe.Greatest(column.name, kNewest), values));
    MomentProfile seen = ProfileMoments(column.name, values, profile_.at);
    const auto counted = std::find_if(profile_.moments.begin(), profile_.moments.end(),
                                      [&](const MomentProfile& one) { return one.column == column.name; });
    if (counted != profile_.moments.end()) seen.nulls = counted->nulls;
    if (seen.seen == kNewest) LEAT_TRY(CountLately(probe, seen));
    if (profile_.writes && profile_.writes->since) {
      std::optional<int64_t> since;
      LEAT_TRY(Try(column.name, probe.CountBetween(column.name, *profile_.writes->since, profile_.at + kDay), since));
      seen.since_reset = since;
    }
    if (counted != profile_.moments.end()) *counted = seen;
    else profile_.moments.push_back(seen);
    return Ok();
  }

  /// Where the newest values are all of the last hours, whole hours of the last day are counted.
  Status CountLately(component::TableProbe& probe, MomentProfile& moment) {
    const bool known = std::any_of(moment.hours.begin(), moment.hours.end(), [](int64_t rows) { return rows > 0; });
    if (known && moment.per_day) return Ok();
    const TimeMicros end = profile_.at / kHour * kHour;
    int64_t all = 0;
    std::array<int64_t, 24> hours{};
    for (TimeMicros from = end - kDay; from < end; from += kHour) {
      std::optional<int64_t> rows;
      LEAT_TRY(Try(moment.column, probe.CountBetween(moment.column, from, from + kHour), rows));
      if (!rows) return Ok();
      hours.at(static_cast<size_t>(from / kHour % 24)) = *rows;
      all += *rows;
    }
    moment.hours = hours;
    moment.per_day = static_cast<double>(all);
    return Ok();
  }

  /// Reads some rows as a load would, to see what that takes.
  Status ReadSome(const ListedTable& table) {
    const component::SourceCapabilities& can = connection_.source->source;
    if (can.relation) return Ok();  // a file that our own engine scans
    if (!MayScan() && !(can.splits && table.rows)) {
      NotMeasured("reading");
      return Ok();
    }
    std::optional<ReadProfile> read;
    LEAT_TRY(Try("reading", ReadRows(table), read));
    profile_.read = read;
    return Ok();
  }

  Result<ReadProfile> ReadRows(const ListedTable& table) {
    const std::string run = run_id_ + "/read";
    ReadProfile read;
    {
      LEAT_ASSIGN(const auto source, Open(table, run));
      component::ReadRequest request;
      LEAT_ASSIGN(request.table, source->Discover());
      if (connection_.source->source.splits && profile_.rows.value_or(0) > kReadRows) {
        LEAT_ASSIGN(component::TableParts parts, source->Split(request, {kReadRows, 1}));
        if (!parts.parts.empty()) request.parts = {parts.parts[parts.parts.size() / 2]};
      }
      const auto began = std::chrono::steady_clock::now();
      LEAT_ASSIGN(const auto streams, source->OpenStreams(request, 1));
      bool more = true;
      while (more && read.rows < kReadRows && std::chrono::steady_clock::now() - began < kReadTime) {
        data::OwnedArrow batch;
        LEAT_ASSIGN(more, streams.front()->Next(&batch.array, &batch.schema));
        read.rows = streams.front()->rows_read();
      }
      read.all = !more && request.parts.empty();
      read.time = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - began);
    }
    for (const StepCost& cost : lakehouse_.budgets->TakeCosts(run)) {
      read.bytes += cost.bytes;
      read.longest = std::max(read.longest, cost.longest);
      costs_.push_back(cost);
    }
    return read;
  }

  Lakehouse& lakehouse_;
  const project::Project& project_;
  const project::Connection& connection_;
  const ProfileOptions options_;
  const std::string run_id_;
  CancelToken* cancel_;
  TableProfile profile_;
  std::vector<StepCost> costs_;
};

Status Keep(state::Store& store, const std::string& connection, const std::string& entry, const TableProfile& profile) {
  const std::string text = ProfileToJson(profile);
  return store.Write([&](state::Transaction& tx) -> Status {
    // Measured twice in one microsecond: the later one counts.
    LEAT_TRY(
        tx.Execute("INSERT INTO source_profile (connection, entry, at, profile) VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
                   "(connection, entry, at) DO UPDATE SET profile = excluded.profile",
                   {connection, entry, profile.at, text}));
    LEAT_TRY(
        tx.Execute(fmt::format("DELETE FROM source_profile WHERE connection = ?1 AND entry = ?2 AND at <= (SELECT at "
                               "FROM source_profile WHERE connection = ?1 AND entry = ?2 ORDER BY at DESC LIMIT 1 "
                               "OFFSET {})",
                               kKept),
                   {connection, entry}));
    return Ok();
  });
}

/// A view costs its source a statement of unknown length: it is measured when it is named.
bool IsMeasured(const DiscoveredTable& one, const std::vector<std::string>& patterns) {
  const bool named = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return NamesExactly(pattern, one.table) || pattern == one.table.name;
  });
  return one.table.not_readable.empty() && !one.table.columns.empty() &&
         (named || (one.advice.left_out.empty() && !one.table.kind.ends_with("view")));
}

}  // namespace

Result<std::optional<TableProfile>> NewestProfile(state::Store& store, const std::string& connection,
                                                  const std::string& entry) {
  LEAT_ASSIGN(
      const state::Rows rows,
      store.Read("SELECT profile FROM source_profile WHERE connection = ?1 AND entry = ?2 ORDER BY at DESC LIMIT 1",
                 {connection, entry}));
  if (rows.empty()) return std::optional<TableProfile>();
  LEAT_ASSIGN(TableProfile profile, ProfileFromJson(rows.Text(0, 0)));
  return std::optional(std::move(profile));
}

Result<ConnectionProfile> ProfileConnection(Lakehouse& lakehouse, const project::Project& project,
                                            const std::string& connection, const std::vector<std::string>& patterns,
                                            const ProfileOptions& options, CancelToken* cancel) {
  LEAT_ASSIGN(std::vector<DiscoveredTable> tables, Discover(lakehouse, project, connection, patterns, cancel));
  const project::Connection& from = project.connections.at(connection);
  Measuring measuring(lakehouse, project, from, options, "profile " + NewUuidV7(), cancel);
  ConnectionProfile found;
  for (DiscoveredTable& one : tables) {
    if (!IsMeasured(one, patterns)) continue;
    ProfiledTable profiled;
    LEAT_ASSIGN(profiled.before, NewestProfile(*lakehouse.store, connection, one.table.entry));
    LEAT_ASSIGN(profiled.profile, measuring.Measure(one.table, found.server));
    LEAT_TRY(Keep(*lakehouse.store, connection, one.table.entry, profiled.profile));
    profiled.advice = Advise(one.table, &profiled.profile, from.source->source);
    profiled.table = std::move(one.table);
    profiled.asset = std::move(one.asset);
    found.tables.push_back(std::move(profiled));
  }
  std::vector<TableProfile> profiles;
  profiles.reserve(found.tables.size());
  for (const ProfiledTable& table : found.tables) profiles.push_back(table.profile);
  found.quiet = FindQuietHours(profiles);
  found.costs = measuring.TakeCosts();
  return found;
}

}  // namespace leat::run
