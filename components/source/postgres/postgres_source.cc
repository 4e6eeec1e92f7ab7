#include "components/source/postgres/postgres_source.h"

#include <algorithm>
#include <cstdlib>

#include "base/log.h"
#include "base/nearest.h"
#include "io/hash.h"
#include "component/sql_text.h"
#include "components/source/postgres/copy_stream.h"

namespace leat::components::postgres {
namespace {

using component::ReadRequest;
using component::SourceColumn;
using component::SqlLiteral;
using component::SqlName;

constexpr int64_t kPagesPerPart = 8192;  ///< 64 MB
constexpr int64_t kMostParts = 10'000;
constexpr int kOldestVersion = 100'000;
constexpr double kSampleRows = 100'000;
constexpr std::chrono::seconds kGentleStatement{1};

/// What every statement relies on. SET LOCAL, for poolers that share a session between transactions.
constexpr const char* kSettings =
    "SET LOCAL search_path = pg_catalog; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'iso_8601'; "
    "SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'; "
    "SET LOCAL standard_conforming_strings = on; SET LOCAL idle_in_transaction_session_timeout = 0; ";

bool HasInfinity(const ServerColumn& column) {
  return column.type.name == "date" || column.type.name.starts_with("timestamp");
}

std::string ConditionOf(const ReadRequest& request, const ServerTable& table) {
  if (request.update_key.empty()) return "";
  const std::string name = SqlName(request.update_key);
  std::string sql;
  if (!request.bookmark.empty()) sql = name + (request.inclusive ? " >= " : " > ") + SqlLiteral(request.bookmark);
  if (request.upper.empty()) return sql;
  const std::string below = name + " <= " + SqlLiteral(request.upper);
  if (!request.bookmark.empty()) return sql + " AND " + below;
  // No bookmark ever comes to rows without a key: they are in the first load, or nowhere.
  const ServerColumn* column = table.Find(request.update_key);
  const bool endless = column != nullptr && HasInfinity(*column);
  return "(" + below + " OR " + name + " IS NULL" + (endless ? " OR NOT isfinite(" + name + ")" : "") + ")";
}

}  // namespace

PostgresSource::PostgresSource(Options options, component::SourceContext context)
    : options_(std::move(options)), context_(std::move(context)), what_("table " + options_.asset) {}

std::chrono::milliseconds PostgresSource::LimitOfProject() const {
  if (context_.budget == nullptr) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      context_.budget->limits().statement.value_or(std::chrono::microseconds()));
}

std::chrono::milliseconds PostgresSource::LongestStatement() const {
  std::chrono::milliseconds longest = LimitOfProject();
  if (longest.count() == 0 && options_.gentle) longest = kGentleStatement;
  return longest_.count() > 0 && longest.count() > 0 ? std::min(longest, longest_) : longest;
}

std::string PostgresSource::BeginText(bool in_snapshot) const {
  std::string sql = in_snapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " : "BEGIN READ ONLY; ";
  sql += kSettings;
  sql += options_.row_security ? "SET LOCAL row_security = on; " : "SET LOCAL row_security = off; ";
  // pg_catalog goes before both.
  if (!options_.query.empty()) sql += "SET LOCAL search_path = " + SqlName(options_.schema) + ", public; ";
  if (options_.gentle) sql += "SET LOCAL max_parallel_workers_per_gather = 0; ";
  if (longest_.count() > 0) sql += fmt::format("SET LOCAL statement_timeout = {}; ", longest_.count());
  return sql;
}

Result<std::shared_ptr<Connection>> PostgresSource::Connect() {
  std::unique_ptr<component::BudgetSlot> slot;
  if (context_.budget != nullptr) {
    LEAT_ASSIGN(slot, context_.budget->Connect(context_.cancel));
  }
  LEAT_ASSIGN(std::unique_ptr<Connection> connection,
              Connection::Open(options_.endpoint, what_, context_.cancel, std::move(slot)));
  if (connection->version() < kOldestVersion) {
    return MakeError("SRC-284", ErrorKind::kUnsupported, "{}: PostgreSQL {} is older than 10", what_,
                     connection->version() / 10'000)
        .WithHint("load a dump of it into a newer server, or read it through ODBC");
  }
  return std::shared_ptr<Connection>(std::move(connection));
}

Result<Connection*> PostgresSource::Leader() {
  if (leader_ != nullptr) return leader_.get();
  LEAT_ASSIGN(leader_, Connect());
  LEAT_TRY(leader_->Execute(BeginText(options_.one_snapshot)));
  if (!options_.one_snapshot || !alone_because_.empty()) return leader_.get();
  auto exported = leader_->Query("SELECT pg_catalog.pg_export_snapshot()");
  if (exported.ok()) {
    snapshot_ = (*exported)[0][0].value_or("");
    return leader_.get();
  }
  // A server that cannot (a standby of old, a look-alike): one stream reads in one snapshot all the same.
  alone_because_ = "the server exports no snapshot: " + exported.error().message();
  LEAT_TRY(leader_->Execute("ROLLBACK"));
  LEAT_TRY(leader_->Execute(BeginText(true)));
  return leader_.get();
}

Result<std::shared_ptr<Connection>> PostgresSource::ConnectFollower() {
  LEAT_ASSIGN(std::shared_ptr<Connection> connection, Connect());
  if (!options_.one_snapshot) return connection;
  // In the same message as BEGIN: a snapshot is taken over before anything is asked.
  std::string begin = BeginText(true);
  const size_t at = begin.find("; ") + 2;
  begin.insert(at, "SET TRANSACTION SNAPSHOT " + SqlLiteral(snapshot_) + "; ");
  LEAT_TRY(connection->Execute(begin));
  return connection;
}

Result<std::vector<TextRow>> PostgresSource::Ask(const std::string& sql) {
  LEAT_ASSIGN(Connection * leader, Leader());
  auto rows = leader->Query(sql);
  if (!rows.ok()) leader_.reset();
  return rows;
}

Result<const ServerTable*> PostgresSource::Table() {
  if (table_ != nullptr) return table_.get();
  LEAT_ASSIGN(Connection * leader, Leader());
  auto table = options_.query.empty() ? ReadTable(*leader, options_.schema, options_.table, what_)
                                      : ReadQuery(*leader, options_.query, what_);
  if (!table.ok()) {
    leader_.reset();
    return std::move(table).error();
  }
  table_ = std::make_unique<ServerTable>(std::move(*table));
  return table_.get();
}

Status PostgresSource::Check() {
  auto table = Table();
  return table.ok() ? Ok() : Status(std::move(table).error());
}

/// Finds digits of numeric columns without any in a sample: the largest scale, so that nothing is rounded.
Status PostgresSource::ChooseNumeric(const std::vector<const ServerColumn*>& columns) {
  const std::string& choice = options_.unconstrained_numeric;
  std::vector<const ServerColumn*> open;
  for (const ServerColumn* column : columns) {
    if (!IsUnconstrainedNumeric(*column) || numerics_.contains(column->name)) continue;
    if (choice == "sample") {
      open.push_back(column);
    } else if (choice != "text") {
      LEAT_ASSIGN(numerics_[column->name], data::ParsePrimitive(choice));
    }
  }
  if (open.empty()) return Ok();
  LEAT_ASSIGN(const ServerTable* table, Table());
  std::string names, facts;
  for (const ServerColumn* column : open) {
    const std::string name = SqlName(column->name);
    names += (names.empty() ? "" : ", ") + name;
    facts += fmt::format("{}max(scale({})), max(CASE WHEN scale({}) IS NOT NULL THEN length(trunc(abs({}))::text) END)",
                         facts.empty() ? "" : ", ", name, name, name);
  }
  const bool large = table->has_pages() && table->estimated_rows > 2 * kSampleRows;
  const std::string sample =
      large ? fmt::format(" TABLESAMPLE SYSTEM ({})", 100 * kSampleRows / table->estimated_rows) : "";
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              Ask(fmt::format("SELECT {} FROM (SELECT {} FROM {}{} LIMIT {}) s", facts, names, table->Quoted(), sample,
                              static_cast<int64_t>(kSampleRows))));
  constexpr int kEmptyScale = 10;
  for (size_t i = 0; i < open.size(); ++i) {
    const std::optional<std::string>&scale_text = rows[0][2 * i], &digits_text = rows[0][2 * i + 1];
    const int scale = scale_text ? std::atoi(scale_text->c_str()) : kEmptyScale;
    const int digits = digits_text ? std::atoi(digits_text->c_str()) : 0;
    if (scale + digits <= 38) numerics_[open[i]->name] = data::Decimal(38, scale);
  }
  return Ok();
}

Result<component::SourceTable> PostgresSource::Discover() {
  LEAT_ASSIGN(const ServerTable* table, Table());
  component::SourceTable found;
  found.name = options_.asset;
  found.primary_key = table->primary_key;
  if (table->estimated_rows >= 0) found.estimated_rows = static_cast<int64_t>(table->estimated_rows);
  std::vector<const ServerColumn*> columns;
  columns.reserve(table->columns.size());
  for (const ServerColumn& column : table->columns) columns.push_back(&column);
  LEAT_ASSIGN(const TypeChoice choice, ChooseTypes(columns));
  for (const ServerColumn* column : columns) {
    TypeChoice one = choice;
    const auto numeric = numerics_.find(column->name);
    if (numeric != numerics_.end()) one.unconstrained_numeric = numeric->second;
    found.columns.push_back({column->name, TypeOf(*column, one), column->shown});
  }
  return found;
}

Result<TypeChoice> PostgresSource::ChooseTypes(const std::vector<const ServerColumn*>& columns) {
  TypeChoice choice;
  LEAT_TRY(ChooseNumeric(columns));
  const bool money = std::any_of(columns.begin(), columns.end(),
                                 [](const ServerColumn* column) { return column->type.name == "money"; });
  if (money) {
    LEAT_ASSIGN(const std::vector<TextRow> rows, Ask("SELECT scale('1'::money::numeric)"));
    choice.money_scale = std::atoi(rows[0][0].value_or("2").c_str());
  }
  return choice;
}

Result<std::vector<component::ObservedInput>> PostgresSource::Observe(const ReadRequest& request,
                                                                      const component::ObserveWish&) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  std::vector<const ServerColumn*> columns;
  component::ObservedInput input;
  input.primary_key = table->primary_key;
  for (const ServerColumn& column : table->columns) {
    const bool known = std::any_of(request.table.columns.begin(), request.table.columns.end(),
                                   [&](const SourceColumn& other) { return other.name == column.name; });
    // Its type was found from the data once; each value is held against that.
    if (known && IsUnconstrainedNumeric(column)) input.columns.push_back({column.name, nullptr, ""});
    else columns.push_back(&column);
  }
  LEAT_ASSIGN(const TypeChoice choice, ChooseTypes(columns));
  for (const ServerColumn* column : columns) {
    TypeChoice one = choice;
    const auto numeric = numerics_.find(column->name);
    if (numeric != numerics_.end()) one.unconstrained_numeric = numeric->second;
    input.columns.push_back({column->name, TypeOf(*column, one), ""});
  }
  return std::vector<component::ObservedInput>{std::move(input)};
}

Result<std::string> PostgresSource::Upper(const std::string& update_key) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  const ServerColumn* column = table->Find(update_key);
  if (column == nullptr) {
    return MakeError("SRC-246", ErrorKind::kData, "{}: {} has no column '{}' for `update_key`", what_, table->Shown(),
                     update_key)
        .WithHint(DidYouMean(update_key, component::NamesOf(table->columns)));
  }
  const std::string name = SqlName(update_key);
  const bool endless = HasInfinity(*column);
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              Ask(fmt::format("SELECT (SELECT {} FROM {} WHERE {} IS NOT NULL{} ORDER BY {} DESC LIMIT 1)::text", name,
                              table->Quoted(), name, endless ? " AND isfinite(" + name + ")" : "", name)));
  return rows[0][0].value_or("");
}

Result<std::vector<ColumnPlan>> PostgresSource::PlanColumns(const component::SourceTable& wanted) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  std::vector<ColumnPlan> plans;
  for (const SourceColumn& column : wanted.columns) {
    const ServerColumn* found = table->Find(column.name);
    if (found == nullptr) {
      return MakeError("SRC-246", ErrorKind::kData, "{}: {} has no column '{}' any more", what_, table->Shown(),
                       column.name)
          .WithHint(component::GoneColumnHint(column.name, component::NamesOf(table->columns)));
    }
    plans.push_back(PlanColumn(*found, column.type));
  }
  return plans;
}

Result<ReadPlan> PostgresSource::Plan(const ReadRequest& request) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  LEAT_ASSIGN(Connection * leader, Leader());
  const ReadWish wish{options_.one_snapshot, ConditionOf(request, *table), request.update_key, request.bookmark,
                      request.upper};
  auto plan = ChooseReadPlan(*leader, *table, wish);
  if (!plan.ok()) leader_.reset();
  return plan;
}

Result<std::string> PostgresSource::Identity(const ReadRequest& request, const ServerTable& table) {
  std::string identity = table.file_nodes;
  // Rows up to `upper` stay where they are, or come again behind it. Without one only the same snapshot has the same rows.
  const bool bounded = !request.update_key.empty() && !request.upper.empty();
  if (options_.one_snapshot && !bounded) {
    LEAT_ASSIGN(const std::vector<TextRow> rows,
                Ask("SELECT pg_postmaster_start_time(), txid_current_snapshot(), pg_backend_pid()"));
    for (const std::optional<std::string>& value : rows[0]) identity += "/" + value.value_or("");
  }
  return io::HashBytes(identity);
}

Result<std::string> PostgresSource::PartsIdentity() {
  LEAT_ASSIGN(const ServerTable* table, Table());
  return io::HashBytes(table->file_nodes);
}

Result<component::TableParts> PostgresSource::Split(const ReadRequest& request, const component::SplitAim& aim) {
  LEAT_ASSIGN(const ReadPlan plan, Plan(request));
  component::TableParts parts;
  parts.reason = plan.reason;
  parts.lasting = plan.lasting;
  if (!plan.axis) return parts;
  LEAT_ASSIGN(const ServerTable* table, Table());
  LEAT_ASSIGN(const std::string identity, Identity(request, *table));
  const double rows = request.bookmark.empty() ? table->estimated_rows : -1;
  const int64_t span = plan.axis->last - plan.axis->first;
  int64_t count = plan.axis->unit == Unit::kPage ? span / kPagesPerPart + 1
                                                 : std::max<int64_t>(8 * aim.streams, table->pages / kPagesPerPart + 1);
  if (aim.rows_per_part > 0 && rows >= 0)
    count = static_cast<int64_t>(rows / static_cast<double>(aim.rows_per_part)) + 1;
  count = std::min<int64_t>(count, kMostParts);
  for (const UnitRange& range : plan.axis->Cut(count)) {
    component::TablePart part;
    part.bounds = plan.axis->Bounds(range);
    part.id = part.bounds + "@" + identity;
    part.shown = plan.axis->Condition(range);
    if (part.shown.empty()) part.shown = "all rows";
    parts.parts.push_back(std::move(part));
  }
  for (component::TablePart& part : parts.parts)
    part.estimated_rows = static_cast<int64_t>(std::max(0.0, rows) / static_cast<double>(parts.parts.size()));
  return parts;
}

Result<std::unique_ptr<component::ArrowStream>> PostgresSource::OpenStream(const ReadRequest& request) {
  LEAT_ASSIGN(std::vector<std::unique_ptr<component::ArrowStream>> streams, OpenStreams(request, 1));
  return std::move(streams[0]);
}

/// What the streams read, from the request's parts or all of it. In: how many streams are wanted; out: how many can be.
Status PostgresSource::MakeRanges(const ReadRequest& request, int& streams, Reading& reading) {
  Axis axis;
  std::vector<UnitRange> ranges;
  bool whole = false;
  for (const component::TablePart& part : request.parts) {
    if (part.bounds.starts_with(kWhere)) continue;  // a condition, not a place
    const auto bounds = Axis::ParseBounds(part.bounds);
    if (!bounds || (!ranges.empty() && (bounds->first.unit != axis.unit || bounds->first.column != axis.column))) {
      return MakeError("SRC-285", ErrorKind::kInternal, "{}: the bounds '{}' of a part are not understood", what_,
                       part.bounds);
    }
    axis = bounds->first;
    ranges.push_back(bounds->second);
  }
  std::string reason = "the parts that were asked for";
  if (ranges.empty()) {
    LEAT_ASSIGN(const ReadPlan plan, Plan(request));
    whole = !plan.axis;
    if (plan.axis) axis = *plan.axis;
    reason = plan.reason;
    ranges.emplace_back();
  }
  streams = options_.gentle ? 1 : options_.streams > 0 ? std::min(streams, options_.streams) : streams;
  if (whole || !alone_because_.empty()) streams = 1;
  if (context_.budget != nullptr && streams > 1) streams = context_.budget->Width(streams);
  Pace pace;
  pace.streams = std::max(1, streams);
  reading.longest = LongestStatement();
  reading.eager = reading.longest.count() > 0;
  reading.whole = whole;
  if (reading.eager && !whole) pace.longest = reading.longest;
  // What cannot be cut is only ended for its time where the project says how long that is.
  if (whole && LimitOfProject().count() == 0) reading.longest = {};
  Log(LogLevel::kInfo, "read_plan",
      {{"table", options_.asset},
       {"streams", std::to_string(pace.streams)},
       {"reason", alone_because_.empty() ? reason : reason + "; one stream: " + alone_because_}});
  reading.ranges = std::make_unique<Ranges>(axis, ranges, pace);
  return Ok();
}

/// The leader reads too, unless an earlier read still does.
Result<std::vector<std::shared_ptr<Connection>>> PostgresSource::ConnectAll(int streams) {
  std::vector<std::shared_ptr<Connection>> connections;
  if (leader_.use_count() == 1) connections.push_back(leader_);
  while (static_cast<int>(connections.size()) < streams) {
    auto follower = ConnectFollower();
    if (follower.ok()) {
      connections.push_back(std::move(*follower));
      continue;
    }
    if (connections.empty() || follower.error().kind() == ErrorKind::kCancelled) return std::move(follower).error();
    Log(LogLevel::kWarn, "fewer_streams",
        {{"table", options_.asset},
         {"streams", std::to_string(connections.size())},
         {"reason", follower.error().message()}});
    break;
  }
  return connections;
}

Result<std::vector<std::unique_ptr<component::ArrowStream>>> PostgresSource::OpenStreams(const ReadRequest& request,
                                                                                         int count) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  LEAT_ASSIGN(const std::vector<ColumnPlan> plans, PlanColumns(request.table));
  LEAT_ASSIGN(const std::vector<TextRow> encoding, Ask("SHOW server_encoding"));
  auto reading = std::make_shared<Reading>();
  std::string expressions;
  for (const ColumnPlan& plan : plans) expressions += (expressions.empty() ? "" : ", ") + plan.expression;
  reading->select = "SELECT " + expressions + " FROM " + table->Quoted();
  reading->condition = ConditionOf(request, *table);
  for (const component::TablePart& part : request.parts) {
    if (!part.bounds.starts_with(kWhere)) continue;
    reading->condition += (reading->condition.empty() ? "(" : " AND (") + part.bounds.substr(kWhere.size()) + ")";
  }
  reading->budget = context_.budget;
  reading->cancel = context_.cancel;
  reading->what = what_;
  LEAT_TRY(MakeRanges(request, count, *reading));
  if (!options_.one_snapshot) {  // each statement in a transaction of its own
    reading->begin = BeginText(false);
    if (reading->longest.count() > 0)
      reading->begin += fmt::format("SET LOCAL statement_timeout = {}; ", reading->longest.count());
    LEAT_TRY(leader_->Execute("COMMIT"));
  }
  LEAT_ASSIGN(std::vector<std::shared_ptr<Connection>> connections, ConnectAll(count));
  if (!options_.one_snapshot) leader_.reset();  // it has no transaction for questions any more
  std::vector<std::unique_ptr<component::ArrowStream>> made;
  for (std::shared_ptr<Connection>& connection : connections) {
    LEAT_ASSIGN(RowDecoder decoder, RowDecoder::Make(plans, encoding[0][0] == "SQL_ASCII"));
    made.push_back(std::make_unique<CopyStream>(
        what_,
        reading->eager ? MakeEagerFeed(reading, std::move(connection)) : MakeDirectFeed(reading, std::move(connection)),
        std::move(decoder)));
  }
  return made;
}

}  // namespace leat::components::postgres
