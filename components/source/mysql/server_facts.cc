#include "components/source/mysql/server_facts.h"

#include <algorithm>

#include "component/sql_probe.h"
#include "component/statement_limit.h"

namespace leat::components::mysql {
namespace {

constexpr const char* kWhat = "facts about the server";

/// One of the user's grants lets it read the log as a replica does.
Result<bool> MayReplicate(Connection& connection) {
  LEAT_ASSIGN(const auto grants, connection.Query("SHOW GRANTS", kWhat));
  return std::any_of(grants.begin(), grants.end(), [](const TextRow& row) {
    const std::string grant = row.at(0).value_or("");
    const bool everywhere = grant.find(" ON *.* ") != std::string::npos;
    return everywhere &&
           (grant.find("ALL PRIVILEGES") != std::string::npos || grant.find("REPLICATION SLAVE") != std::string::npos ||
            grant.find("REPLICATION REPLICA") != std::string::npos);
  });
}

}  // namespace

Result<component::ServerFacts> ReadServerFacts(Connection& connection) {
  LEAT_ASSIGN(const auto rows,
              connection.Query(
                  "SELECT version(), @@max_connections, @@max_user_connections, @@log_bin, @@binlog_format", kWhat));
  LEAT_ASSIGN(const auto status, connection.Query("SHOW GLOBAL STATUS LIKE 'Threads_connected'", kWhat));
  LEAT_ASSIGN(const bool replicates, MayReplicate(connection));
  component::ServerFacts facts;
  const TextRow& row = rows.at(0);
  const std::string version = row[0].value_or("");
  facts.name =
      (version.find("MariaDB") != std::string::npos ? "MariaDB " : "MySQL ") + version.substr(0, version.find('-'));
  const int64_t all = component::WholeNumber(row[1]).value_or(0), of_user = component::WholeNumber(row[2]).value_or(0);
  facts.most_connections = static_cast<int>(of_user > 0 ? std::min(all, of_user) : all);
  if (!status.empty()) facts.connections = static_cast<int>(component::WholeNumber(status[0].at(1)).value_or(0));
  const bool logs = row[3] == "1" || row[3] == "ON", rowwise = row[4] == "ROW";
  facts.change_log = logs && rowwise && replicates;
  facts.change_log_reason = !logs         ? "the binary log is off"
                            : !rowwise    ? "binlog_format is " + row[4].value_or("") + ", not ROW"
                            : !replicates ? "the user has no REPLICATION SLAVE"
                                          : "binary log of rows, and the user may read it";
  return facts;
}

Result<std::optional<component::WriteCounters>> ReadWriteCounters(Connection& connection, const std::string& database,
                                                                  const std::string& table) {
  const auto none = [] { return std::optional<component::WriteCounters>(); };
  LEAT_ASSIGN(const auto on, connection.Query("SELECT @@performance_schema", kWhat));
  if (on.empty() || on[0][0] != "1") return none();
  const auto rows = connection.Query(
      "SELECT count_insert, count_update, count_delete, (SELECT variable_value FROM performance_schema.global_status "
      "WHERE variable_name = 'Uptime'), floor(unix_timestamp(now(6)) * 1000000) FROM "
      "performance_schema.table_io_waits_summary_by_table WHERE object_schema = " +
          connection.Escape(database) + " AND object_name = " + connection.Escape(table),
      kWhat);
  if (!rows.ok() || rows->empty()) return none();  // no right to look there, or nothing written since the server began
  const TextRow& row = rows->front();
  component::WriteCounters counters;
  counters.inserted = component::WholeNumber(row[0]).value_or(0);
  counters.updated = component::WholeNumber(row[1]).value_or(0);
  counters.deleted = component::WholeNumber(row[2]).value_or(0);
  const auto uptime = component::WholeNumber(row[3]), now = component::WholeNumber(row[4]);
  if (uptime && now) counters.since = *now - *uptime * 1'000'000;
  return std::optional<component::WriteCounters>(counters);
}

Status LimitEach(Connection& connection, std::chrono::milliseconds longest) {
  const std::string sql = component::MySqlSessionLimit(connection.version(), longest);
  const auto set = connection.Query(sql, kWhat);
  return set.ok() ? Ok() : Status(set.error());
}

}  // namespace leat::components::mysql
