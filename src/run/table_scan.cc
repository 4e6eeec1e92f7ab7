#include "run/table_scan.h"

#include "data/arrow_abi.h"
#include "sql/arrow_query.h"
#include "sql/session.h"

namespace leat::run {
namespace {

/// One statement on a connection of its own: deletion vectors are temporary tables there.
class TableScanStream : public component::ArrowStream {
 public:
  TableScanStream(std::unique_ptr<sql::Connection> connection, CancelToken* cancel)
      : connection_(std::move(connection)), cancel_(cancel) {
    if (cancel_ != nullptr) callback_ = cancel_->AddCallback([this] { connection_->Interrupt(); });
  }
  ~TableScanStream() override {
    if (cancel_ != nullptr) cancel_->RemoveCallback(callback_);
  }
  TableScanStream(const TableScanStream&) = delete;
  TableScanStream& operator=(const TableScanStream&) = delete;

  Status Open(const component::TableScan& scan) {
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    sql::RowColumns more;
    more.lineage = scan.metadata.format_version > 2;
    LEAT_ASSIGN(const std::string rows, sql::ReadSql(scan.files, *connection_, scan.metadata, scan.schema, scan.plan,
                                                     more, {scan.here, scan.by_name}));
    LEAT_ASSIGN(query_, sql::OpenArrowQuery(*connection_, "SELECT " + scan.select + " FROM (" + rows + ")"));
    return Ok();
  }

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override {
    LEAT_ASSIGN(const bool more, query_->Next(array, schema));
    if (more) rows_ += array->length;
    return more;
  }
  int64_t rows_read() const override { return rows_; }

 private:
  const std::unique_ptr<sql::Connection> connection_;
  CancelToken* const cancel_;
  int callback_ = -1;
  std::unique_ptr<sql::ArrowQuery> query_;
  int64_t rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<component::ArrowStream>> OpenTableScan(Lakehouse& lakehouse, const component::TableScan& scan,
                                                              CancelToken* cancel) {
  LEAT_ASSIGN(sql::Engine * engine, lakehouse.Engine(sql::InstanceKind::kEngine));
  LEAT_ASSIGN(std::unique_ptr<sql::Connection> connection, engine->Connect());
  auto stream = std::make_unique<TableScanStream>(std::move(connection), cancel);
  LEAT_TRY(stream->Open(scan));
  return std::unique_ptr<component::ArrowStream>(std::move(stream));
}

}  // namespace leat::run
