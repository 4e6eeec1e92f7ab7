#pragma once

#include <memory>
#include <string>

#include "component/observed_input.h"
#include "component/sql_probe.h"
#include "components/source/postgres/catalog.h"
#include "components/source/postgres/copy_feed.h"
#include "components/source/postgres/read_plan.h"
#include "components/source/postgres/wire_type.h"

namespace leat::components::postgres {

/// What the project says about a connection and one of its tables.
struct Options {
  Endpoint endpoint;
  std::string schema, table;    ///< in the database; of a query: where its names are looked up
  component::TableQuery query;  ///< instead of a table
  std::string asset;            ///< the entry's name, for messages
  bool gentle = false;
  bool one_snapshot = true;
  bool row_security = false;
  int streams = 0;                    ///< 0: as many as the engine wants
  std::string unconstrained_numeric;  ///< "sample", "text" or a decimal type
};

/// One table of a PostgreSQL database. Its first connection keeps one snapshot from the first question to the end of the last
/// stream, and the other streams read in the same one.
class PostgresSource : public component::Source, public component::SchemaObserver, public component::SqlProbe {
 public:
  PostgresSource(Options options, component::SourceContext context);

  Status Check() override;
  Result<component::SourceTable> Discover() override;
  Result<std::string> Upper(const std::string& update_key) override;
  Result<std::string> PartsIdentity() override;
  Result<std::vector<component::ObservedInput>> Observe(const component::ReadRequest& request,
                                                        const component::ObserveWish& wish) override;
  Result<component::TableParts> Split(const component::ReadRequest& request, const component::SplitAim& aim) override;
  Result<std::unique_ptr<component::ArrowStream>> OpenStream(const component::ReadRequest& request) override;
  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const component::ReadRequest& request,
                                                                           int count) override;

  void LimitStatements(std::chrono::milliseconds longest) override { longest_ = longest; }
  Result<component::ServerFacts> Server() override;
  Result<std::optional<component::WriteCounters>> Writes() override;

 protected:
  Result<std::vector<TextRow>> ProbeRows(const std::string& sql) override;
  Result<std::string> ProbedTable() override;
  Result<std::string> ProbedColumn(const std::string& name) override;
  Result<std::string> ProbedMoment(const std::string& name, TimeMicros at) override;
  Result<component::KeyDialect> ProbedDialect() override { return component::KeyDialect::kPostgres; }
  Result<bool> HasCertainText(const component::SourceColumn& column) override;
  /// With a limit of time: ranges of pages.
  Status ProbePieces(const std::string& select, const std::string& rest,
                     const std::function<void(const std::vector<TextRow>&)>& take) override;
  std::string ProbedBounds(const std::string& condition) override;

 private:
  /// The first connection, in a transaction.
  Result<Connection*> Leader();
  Result<std::shared_ptr<Connection>> Connect();
  /// Joins a further connection to the leader's snapshot.
  Result<std::shared_ptr<Connection>> ConnectFollower();
  Result<const ServerTable*> Table();
  /// Runs a question on the leader; after an error its transaction is of no use any more.
  Result<std::vector<TextRow>> Ask(const std::string& sql);
  Result<TypeChoice> ChooseTypes(const std::vector<const ServerColumn*>& columns);
  Status ChooseNumeric(const std::vector<const ServerColumn*>& columns);
  Result<std::vector<ColumnPlan>> PlanColumns(const component::SourceTable& table);
  Result<ReadPlan> Plan(const component::ReadRequest& request);
  /// What has to be the same for parts that were read earlier to count.
  Result<std::string> Identity(const component::ReadRequest& request, const ServerTable& table);
  Status MakeRanges(const component::ReadRequest& request, int& streams, Reading& reading);
  Result<std::vector<std::shared_ptr<Connection>>> ConnectAll(int streams);
  std::string BeginText(bool in_snapshot) const;
  /// What a statement may take; 0: as long as it likes.
  std::chrono::milliseconds LongestStatement() const;
  std::chrono::milliseconds LimitOfProject() const;  ///< `budget: { statement }`

  Options options_;
  component::SourceContext context_;
  std::string what_;
  std::shared_ptr<Connection> leader_;
  std::string snapshot_;       ///< exported by the leader; "" when it cannot be
  std::string alone_because_;  ///< why only one stream can read
  std::unique_ptr<ServerTable> table_;
  std::map<std::string, data::TypePtr> numerics_;  ///< types found in the data
  std::chrono::milliseconds longest_{};            ///< of a statement, 0: as the server has it
};

}  // namespace leat::components::postgres
