#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/statement_stream.h"
#include "components/source/adbc/arrow_value.h"
#include "components/source/adbc/connection.h"
#include "components/source/adbc/dialect.h"

namespace leat::components::adbc {

using Reading = component::StatementReading<Column>;

/// Statements one after the other over one connection; the driver's batches as batches of ours, each value exactly or its row refused.
class AdbcStream : public component::StatementStream {
 public:
  AdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, component::ColumnBatch batch,
             const component::SourceContext& context);

 protected:
  Status Begin(const std::string& sql) override;
  Result<bool> PutRow(int64_t row, int64_t& bytes) override;
  void Drop() override;
  Result<std::vector<component::TextRow>> Ask(const std::string& sql) override;

 private:
  int64_t Put(int64_t row);
  bool PutValue(size_t column, int64_t row, const ArrowValue& value);
  bool PutMarked(size_t column, int64_t row, std::string_view text);
  ArrowValue ValueOf(size_t column) const;
  std::string RowAsJson() const;

  std::shared_ptr<Reading> reading_;
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<Answer> answer_;     ///< null: none is running
  const ArrowArray* array_ = nullptr;  ///< of the answer; null: before its first
  int64_t at_ = 0;
};

}  // namespace leat::components::adbc
