#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/observed_input.h"
#include "components/source/adbc/adbc_stream.h"
#include "components/source/adbc/server_table.h"

namespace leat::components::adbc {

struct Options {
  Endpoint endpoint;
  TableName place;    ///< catalogue and schema of tables that name none
  std::string table;  ///< as written
  std::string query;  ///< instead of a table
  std::string asset;
  int streams = 1;
};

/// One table or query of one database. Its first connection stays from the first question to the end of its stream.
class AdbcSource : public component::Source, public component::SchemaObserver {
 public:
  AdbcSource(Options options, component::SourceContext context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Status Check() override;
  Result<component::SourceTable> Discover() override;
  Result<std::string> Upper(const std::string& update_key) override;
  Result<std::vector<component::ObservedInput>> Observe(const component::ReadRequest& request,
                                                        const component::ObserveWish& wish) override;
  /// Ranges of a primary key that is one whole number, of equal width.
  Result<component::TableParts> Split(const component::ReadRequest& request, const component::SplitAim& aim) override;
  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const component::ReadRequest& request,
                                                                           int count) override;
  Result<std::unique_ptr<component::ArrowStream>> OpenStream(const component::ReadRequest& request) override;

 private:
  std::string What() const { return "table " + options_.asset; }
  std::string Quoted(const std::string& name) const { return QuoteName(DbmsOf(leader_->vendor()), name); }
  Result<const ServerTable*> Table();
  Result<const Column*> FindColumn(const std::string& name);
  Result<std::string> Condition(const component::ReadRequest& request, const std::string& bounds);

  Options options_;
  component::SourceContext context_;
  std::shared_ptr<Connection> leader_;
  std::unique_ptr<ServerTable> table_;
};

}  // namespace leat::components::adbc
