#include "component/statement_stream.h"

namespace leat::component {

void StatementQueue::Add(std::string where) {
  std::lock_guard lock(mutex_);
  wheres_.push_back(std::move(where));
}

std::optional<std::string> StatementQueue::Take() {
  std::lock_guard lock(mutex_);
  if (wheres_.empty()) return std::nullopt;
  std::string next = select + wheres_.front();
  wheres_.pop_front();
  return next;
}

int StatementQueue::size() {
  std::lock_guard lock(mutex_);
  return static_cast<int>(wheres_.size());
}

Result<bool> StatementStream::Next(ArrowArray* array, ArrowSchema* schema) {
  if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
  int64_t rows = 0, bytes = 0;
  for (; rows < ColumnBatch::kRows; ++rows) {
    int64_t weight = 0;
    const Result<bool> more = PutNext(rows, weight);
    if (!more.ok()) {
      if (failed_ != nullptr) *failed_ = true;
      return more.error();
    }
    if (!*more) break;
    bytes += weight;
    ++cost_.rows;
    cost_.bytes += weight;
  }
  if (rows == 0 && !first_) return false;
  first_ = false;
  rows_ += rows;
  if (context_.budget != nullptr && bytes > 0) LEAT_TRY(context_.budget->Spend(bytes, context_.cancel));
  batch_.Take(rows, array, schema);
  return true;
}

void StatementStream::BeginStatement() { began_ = std::chrono::steady_clock::now(); }

void StatementStream::EndStatement() {
  if (context_.budget == nullptr) return;
  cost_.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
  context_.budget->Note(cost_);
  cost_ = {};
}

}  // namespace leat::component
