#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/statement_source.h"
#include "components/source/odbc/odbc_stream.h"
#include "components/source/odbc/server_table.h"

namespace leat::components::odbc {

struct Options {
  Endpoint endpoint;
  TableName place;              ///< catalogue and schema of tables that name none
  std::string table;            ///< as written
  component::TableQuery query;  ///< instead of a table
  std::string asset;
  int streams = 1;
  int64_t block_rows = 0;  ///< 0: as many as fit
};

/// One table of one data source. Its first connection stays from the first question to the end of its stream.
class OdbcSource : public component::StatementSource<ServerTable, Connection> {
 public:
  OdbcSource(Options options, component::SourceContext context)
      : StatementSource(options.asset, std::move(context)), options_(std::move(options)) {}

  Result<component::ServerFacts> Server() override;
  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const component::ReadRequest& request,
                                                                           int count) override;

 protected:
  Result<std::shared_ptr<Connection>> Connect() override;
  Result<ServerTable> AskForTable() override;
  Error NoColumn(const ServerTable& table, const std::string& column) override;
  std::string InSql(const Column& column) override;
  std::string Relation(const ServerTable& table) override;
  std::string Asked(const Column& column, const std::string& expression) override;
  Result<component::KeyDialect> ProbedDialect() override;
  Result<bool> HasCertainText(const component::SourceColumn& column) override;
  std::string ProbedFirst(const std::string& select, int most) override;
  std::string ProbedSum(const std::string& expression) override;
  Result<std::string> ProbedColumn(const std::string& name) override;
  Result<std::string> Literal(const Column& column, const std::string& text) override;
  int MostStreams() const override;
  component::KeyWays Ways() const override;
  bool EndsStatements() const override { return true; }
  Result<std::vector<component::TextRow>> LimitedRows(const std::string& sql) override;
  std::string WhyNotAgain() const override;
  std::string LocksView() const override;
  std::string RowBehind(const std::string& select, int64_t skip) override;

 private:
  const Options options_;
};

}  // namespace leat::components::odbc
