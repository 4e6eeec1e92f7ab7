#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "sql/engine.h"
#include "sql/handle.h"
#include "sql/spill_folder.h"

namespace leat::sql {

/// What a rejecter function calls; empty when the connection that registered it is gone.
struct RejecterSlot {
  std::mutex mutex;
  std::function<Status(const Connection::Rejected&)> take;
  std::unique_ptr<Error> failed;
};

struct StreamSlot;

/// The DuckDB database of an engine, shared by its connections: it closes with the last one.
struct Instance {
  std::unique_ptr<SpillFolder> spill;  ///< goes after the database has closed
  duckdb_database database = nullptr;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<RejecterSlot>> rejecters;  ///< functions live as long as the instance
  std::map<std::string, std::shared_ptr<StreamSlot>> streams;      ///< likewise
  std::set<std::string> attached;                                  ///< names of the catalogs of open sessions
  bool has_hashes = false;                                         ///< RegisterBucketFunctions was called

  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    if (database != nullptr) duckdb_close(&database);
  }
};

/// The only implementation of Connection. The other files of this folder may use its raw parts; others see engine.h.
class DuckConnection final : public Connection {
 public:
  static Result<std::unique_ptr<DuckConnection>> Open(std::shared_ptr<Instance> instance);
  ~DuckConnection() override;

  Status Execute(std::string_view sql) override;
  Result<TextRows> Query(std::string_view sql) override;
  Result<TextRows> QueryProfiled(std::string_view sql, StatementCounts& counts) override;
  Result<std::vector<Column>> Describe(std::string_view sql) override;
  Status Stream(std::string_view sql, const std::function<Status(const TextRows&)>& sink) override;
  Status RegisterRejecter(const std::string& name, std::function<Status(const Rejected&)> take) override;
  Result<std::vector<Column>> RegisterStream(const std::string& name, std::vector<BatchReader> readers) override;
  void Interrupt() override { duckdb_interrupt(raw_); }

  duckdb_connection raw() const { return raw_; }
  Instance& instance() { return *instance_; }

  /// From now on `name` as the catalog of a name with three parts or more means the attached catalog `alias`, which has
  /// the same length, so that places in errors stay true. Attached names belong to the whole instance: sessions cannot
  /// all attach the warehouse's own name.
  void SetCatalogAlias(std::string name, std::string alias);
  /// The schema that tables written with AT stand in, by AtMention::Key(); from now on Adapt names them there. DuckDB knows no time
  /// travel for what we give it; the text keeps its length, so that places in errors stay true.
  std::string TimeTravelSchema(std::string_view key);
  /// `sql` as DuckDB gets it.
  std::string Adapt(std::string_view sql) const;

  /// Runs one statement and gives its materialised result to `use`. `shift`: bytes put in front of the user's text.
  Status Run(std::string_view sql, size_t shift, const std::function<Status(QueryResult&)>& use);
  /// As Run, with the profiler on.
  Status RunProfiled(std::string_view sql, size_t shift, StatementCounts& counts,
                     const std::function<Status(QueryResult&)>& use);
  /// The statement's type and columns, bound but not run.
  Result<Prepared> Prepare(std::string_view sql, size_t shift = 0);

 private:
  DuckConnection(std::shared_ptr<Instance> instance, duckdb_connection raw)
      : instance_(std::move(instance)), raw_(raw) {}
  Result<TextRows> QueryWith(std::string_view sql, StatementCounts* counts);
  /// The error of a rejecter or reader, when it was the reason that a statement failed; names as the user knows them.
  Error Explain(Error error);
  std::optional<Error> TakeStreamError();
  void CloseStreams();

  std::shared_ptr<Instance> instance_;
  duckdb_connection raw_;
  std::map<std::string, std::shared_ptr<RejecterSlot>> slots_;
  std::map<std::string, std::shared_ptr<StreamSlot>> streams_;
  std::string catalog_name_;
  std::string catalog_alias_;
  std::map<std::string, std::string, std::less<>> time_travel_;  ///< AtMention::Key() -> schema
};

/// Reads the rows of one chunk as text.
Status AppendTextRows(duckdb_data_chunk chunk, TextRows& rows);
std::vector<Column> ColumnsOf(duckdb_prepared_statement prepared);
/// Sums the counters of a profile tree.
void ReadProfile(duckdb_connection connection, StatementCounts& counts);

}  // namespace leat::sql
