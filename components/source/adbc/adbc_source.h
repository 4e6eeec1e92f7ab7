#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/statement_source.h"
#include "components/source/adbc/adbc_stream.h"
#include "components/source/adbc/server_table.h"

namespace leat::components::adbc {

struct Options {
  Endpoint endpoint;
  TableName place;              ///< catalogue and schema of tables that name none
  std::string table;            ///< as written
  component::TableQuery query;  ///< instead of a table
  std::string asset;
  int streams = 1;
};

/// One table or query of one database. Its first connection stays from the first question to the end of its stream.
class AdbcSource : public component::StatementSource<ServerTable, Connection> {
 public:
  AdbcSource(Options options, component::SourceContext context)
      : StatementSource(options.asset, std::move(context)), options_(std::move(options)) {}

  Result<component::ServerFacts> Server() override;
  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const component::ReadRequest& request,
                                                                           int count) override;

 protected:
  Result<std::shared_ptr<Connection>> Connect() override;
  Result<ServerTable> AskForTable() override;
  Error NoColumn(const ServerTable& table, const std::string& column) override;
  Result<component::KeyDialect> ProbedDialect() override;
  Result<bool> HasCertainText(const component::SourceColumn& column) override;
  std::string InSql(const Column& column) override;
  std::string Relation(const ServerTable& table) override;
  std::string Asked(const Column& column, const std::string& expression) override;
  std::string ValueOf(const Column& column, const std::string& text) override;
  Result<std::string> Literal(const Column& column, const std::string& text) override;
  int MostStreams() const override { return options_.streams; }
  component::KeyWays Ways() const override;

 private:
  std::string Quoted(const std::string& name) const { return QuoteName(DbmsOf(leader_->vendor()), name); }

  const Options options_;
};

}  // namespace leat::components::adbc
