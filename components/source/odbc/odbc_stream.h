#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/statement_stream.h"
#include "components/source/odbc/row_block.h"

namespace leat::components::odbc {

struct Reading : component::StatementReading<Column> {
  int64_t block_rows = 0;
};

/// Statements one after the other over one connection; their rows in blocks.
class OdbcStream : public component::StatementStream {
 public:
  OdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, component::ColumnBatch batch,
             const component::SourceContext& context);

 protected:
  Status Begin(const std::string& sql) override;
  Result<bool> PutRow(int64_t row, int64_t& bytes) override;
  void Drop() override;
  Result<std::vector<component::TextRow>> Ask(const std::string& sql) override;

 private:
  void Put(int64_t row);
  bool PutValue(size_t column, int64_t row, std::string& found);
  std::string RowAsJson();

  std::shared_ptr<Reading> reading_;
  std::shared_ptr<Connection> connection_;
  RowBlock block_;
  std::unique_ptr<Statement> statement_;  ///< null: none is running
  int64_t in_block_ = 0, at_ = 0;
};

}  // namespace leat::components::odbc
