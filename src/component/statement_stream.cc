#include "component/statement_stream.h"

#include <algorithm>
#include <limits>

#include "base/log.h"

namespace leat::component {
namespace {

constexpr int64_t kMostPieces = 64;       ///< that one is cut into at once
constexpr int64_t kHeavyBatch = 4 << 20;  ///< bytes of a batch that is held

}  // namespace

void StatementQueue::Add(std::string bounds, int64_t rows) {
  std::lock_guard lock(mutex_);
  StatementPiece& piece = pieces_.emplace_back();
  piece.bounds = std::move(bounds);
  piece.rows = rows;
}

std::string StatementQueue::TextOf(const StatementPiece& piece) const {
  const std::string all = Both(cut.ConditionOf(piece), condition);
  return all.empty() ? select : select + " WHERE " + all;
}

int StatementQueue::size() {
  std::lock_guard lock(mutex_);
  return static_cast<int>(pieces_.size());
}

Result<std::optional<StatementPiece>> StatementQueue::Take(const AskRows& ask) {
  StatementPiece piece;
  int64_t count = 1;
  {
    std::lock_guard lock(mutex_);
    if (pieces_.empty()) return std::optional<StatementPiece>();
    piece = std::move(pieces_.front());
    pieces_.pop_front();
    const bool too_long = fitting_ > 0 && piece.rows > fitting_ + fitting_ / 2;
    if (limited() && cut.uncut.empty() && !piece.alone && too_long)
      count = std::min(kMostPieces, piece.rows / fitting_ + 1);
  }
  if (count > 1) {
    auto pieces = CutPiece(cut, piece, count, ask);
    if (!pieces.ok() && pieces.error().code() != kStatementEnded) return std::move(pieces).error();
    if (pieces.ok()) {
      piece = pieces->front();
      GiveBack(std::move(*pieces), 1);
    }
  }
  return std::optional<StatementPiece>(std::move(piece));
}

void StatementQueue::GiveBack(std::vector<StatementPiece> pieces, size_t from) {
  std::lock_guard lock(mutex_);
  const auto begin = pieces.begin() + static_cast<std::ptrdiff_t>(from);
  pieces_.insert(pieces_.begin(), std::make_move_iterator(begin), std::make_move_iterator(pieces.end()));
}

void StatementQueue::Done(const StatementPiece& piece, const SourceCost& cost) {
  if (!limited() || piece.rows == 0) return;
  std::lock_guard lock(mutex_);
  fitting_ = FittingUnits(piece.rows, cost.time, cost.bytes, longest);
}

Result<bool> StatementQueue::Stopped(const StatementPiece& piece, bool heavy, const AskRows& ask) {
  if (!cut.uncut.empty() || piece.alone || piece.stops + 1 >= kMostStops) return false;
  auto cut_pieces = CutPiece(cut, piece, kStopShrink, ask);
  const bool no_time = !cut_pieces.ok() && cut_pieces.error().code() == kStatementEnded;
  if (!cut_pieces.ok() && !no_time) return std::move(cut_pieces).error();
  std::vector<StatementPiece> pieces = no_time ? std::vector<StatementPiece>{piece} : std::move(*cut_pieces);
  for (StatementPiece& one : pieces) {
    ++one.stops;
    one.alone = heavy && pieces.size() == 1;
  }
  {
    std::lock_guard lock(mutex_);
    const int64_t less = std::max<int64_t>(1, piece.rows / kStopShrink);
    if (piece.rows > 0 && pieces.size() > 1) fitting_ = fitting_ == 0 ? less : std::min(fitting_, less);
  }
  GiveBack(std::move(pieces), 0);
  return true;
}

StatementStream::~StatementStream() { ForgetHeld(0); }

Result<bool> StatementStream::Next(ArrowArray* array, ArrowSchema* schema) {
  if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
  Result<bool> more = NextBatch(array, schema);
  if (!more.ok() && failed_ != nullptr) *failed_ = true;
  return more;
}

Result<bool> StatementStream::NextBatch(ArrowArray* array, ArrowSchema* schema) {
  int64_t rows = 0;
  if (!statements_->limited()) {
    LEAT_ASSIGN(rows, Fill());
  } else {
    while (held_.empty() && rows == 0) {
      if (!running_) {
        LEAT_ASSIGN(const bool more, StartNext());
        if (!more) break;
      }
      // What cannot be read again is given as it comes.
      if (statements_->cut.uncut.empty() && !piece_.alone) {
        LEAT_TRY(ReadHeld());
        continue;
      }
      auto filled = Fill();
      if (!filled.ok()) return Again(filled.error(), false).error();
      rows = *filled;
    }
  }
  if (!held_.empty()) {
    *array = held_.front().array;
    *schema = held_.front().schema;
    rows_ += held_.front().rows;
    held_.pop_front();
    first_ = false;
    return true;
  }
  if (rows == 0 && !first_) return false;
  first_ = false;
  rows_ += rows;
  batch_.Take(rows, array, schema);
  return true;
}

Result<bool> StatementStream::StartNext() {
  for (;;) {
    LEAT_ASSIGN(std::optional<StatementPiece> piece, statements_->Take(ask_));
    if (!piece.has_value()) return false;
    piece_ = std::move(piece).value();
    running_ = true;
    began_ = std::chrono::steady_clock::now();
    cost_ = {};
    const Status begun = Begin(statements_->TextOf(piece_));
    if (begun.ok()) return true;
    LEAT_TRY(Again(begun.error(), false));
  }
}

Result<bool> StatementStream::PutNext(int64_t row, int64_t& bytes) {
  for (;;) {
    if (!running_) {
      // Where there is a limit, a batch has rows of one statement.
      if (statements_->limited()) return false;
      LEAT_ASSIGN(const bool more, StartNext());
      if (!more) return false;
    }
    LEAT_ASSIGN(const bool more, PutRow(row, bytes));
    if (more) return true;
    EndStatement();
  }
}

Result<int64_t> StatementStream::Fill() {
  int64_t rows = 0, bytes = 0;
  const int64_t heavy = statements_->limited() ? kHeavyBatch : std::numeric_limits<int64_t>::max();
  for (; rows < ColumnBatch::kRows && bytes < heavy; ++rows) {
    int64_t weight = 0;
    LEAT_ASSIGN(const bool more, PutNext(rows, weight));
    if (!more) break;
    bytes += weight;
    ++cost_.rows;
    cost_.bytes += weight;
  }
  if (bytes > 0) LEAT_TRY(Spend(bytes));
  return rows;
}

/// Reads the statement that runs to its end; its rows are held, or come again in other statements.
Status StatementStream::ReadHeld() {
  const size_t before = held_.size();
  while (running_) {
    if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
    auto rows = Fill();
    if (!rows.ok()) {
      Hold(0);  // begins the batch anew
      ForgetHeld(before);
      return Again(rows.error(), false);
    }
    if (*rows > 0) Hold(*rows);
    if (running_ && cost_.bytes > static_cast<int64_t>(kMostHeldBytes)) {
      ForgetHeld(before);
      return Again(MakeError(kStatementEnded, ErrorKind::kEnvironment, "{}: rows of more than {} MB in one statement",
                             what_, kMostHeldBytes >> 20),
                   true);
    }
  }
  return Ok();
}

void StatementStream::Hold(int64_t rows) {
  Held& held = held_.emplace_back();
  batch_.Take(rows, &held.array, &held.schema);
  held.rows = rows;
}

void StatementStream::ForgetHeld(size_t from) {
  for (; held_.size() > from; held_.pop_back()) {
    held_.back().array.release(&held_.back().array);
    held_.back().schema.release(&held_.back().schema);
  }
}

Status StatementStream::Spend(int64_t bytes) {
  return context_.budget == nullptr ? Ok() : context_.budget->Spend(bytes, context_.cancel);
}

void StatementStream::EndStatement() {
  cost_.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
  statements_->Done(piece_, cost_);
  running_ = false;
  if (context_.budget != nullptr) context_.budget->Note(cost_);
  cost_ = {};
}

Status StatementStream::Again(const Error& error, bool heavy) {
  if (!statements_->limited() || !running_ || error.code() != kStatementEnded) return error;
  cost_.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
  cost_.rows = 0;  // they come again
  if (context_.budget != nullptr) context_.budget->Note(cost_);
  running_ = false;
  Drop();
  const PieceCut& cut = statements_->cut;
  LEAT_ASSIGN(const bool again, statements_->Stopped(piece_, heavy, ask_));
  if (!again)
    return StatementTooLong("SRC-441", what_, cut.ConditionOf(piece_), longest(), cut.uncut, statements_->locks);
  Log(LogLevel::kInfo, "statement_stopped",
      {{"table", what_},
       {"rows", cut.ConditionOf(piece_)},
       {"why", heavy ? "weight" : "time"},
       {"milliseconds", std::to_string(cost_.time.count() / 1000)}});
  return Ok();
}

}  // namespace leat::component
