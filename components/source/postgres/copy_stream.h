#pragma once

#include <memory>
#include <string>

#include "component/source.h"
#include "components/source/postgres/copy_feed.h"
#include "components/source/postgres/row_decoder.h"

namespace leat::components::postgres {

/// Arrow batches from the COPYs of one connection.
class CopyStream : public component::ArrowStream {
 public:
  CopyStream(std::string what, std::unique_ptr<CopyFeed> feed, RowDecoder decoder)
      : what_(std::move(what)), feed_(std::move(feed)), decoder_(std::move(decoder)) {}

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override;
  int64_t rows_read() const override { return rows_read_; }

 private:
  Error NotACopy(const std::string& wrong) const;

  std::string what_;
  std::unique_ptr<CopyFeed> feed_;
  RowDecoder decoder_;
  std::string_view piece_;
  int64_t rows_read_ = 0;
  bool told_columns_ = false;
  bool copying_ = false;
  bool ended_ = false;
};

}  // namespace leat::components::postgres
