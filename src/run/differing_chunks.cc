#include "run/differing_chunks.h"

#include <algorithm>

#include "base/log.h"
#include "component/key_sums.h"
#include "sql/session.h"

namespace leat::run {
namespace {

using component::KeyChunks;
using component::KeyDialect;
using component::KeySums;
using component::SourceColumn;

constexpr int64_t kMostRanges = 4'096;
constexpr int64_t kRowsPerRange = 16;  ///< at least, about
constexpr int64_t kSkew = 16;          ///< a range has at most one of so many keys, else buckets are better
constexpr size_t kMostReads = 64;      ///< ranges side by side count as one; more are found by one condition

const char* const kOwn = "temp.leat_own_keys";

/// One comparison. The members are filled in the order of Run.
class Chunks {
 public:
  explicit Chunks(const KeyComparison& comparison)
      : comparison_(comparison),
        probe_(dynamic_cast<component::TableProbe*>(&comparison.source)),
        keys_(KeyColumnsOf(comparison.context, comparison.registered)) {}

  Result<std::optional<KeysRead>> Run() {
    std::optional<KeysRead> none;
    if (probe_ == nullptr || keys_.columns.empty() ||
        keys_.columns.size() != comparison_.context.asset.primary_key.size())
      return none;
    const auto dialect = probe_->SumsKeys(keys_.columns);
    if (!dialect.ok() || *dialect == KeyDialect::kNone) return none;
    LEAT_ASSIGN(const int64_t own, MakeOwnKeys(comparison_));
    if (own == 0) return none;
    for (size_t i = 0; i < keys_.columns.size(); ++i)
      own_key_.push_back({"k" + std::to_string(i), keys_.columns[i].type});
    LEAT_TRY(ChooseChunks(*dialect, own));
    if (here_.nulls) return none;
    const auto there = probe_->SumKeys(keys_.columns, chunks_);
    if (!there.ok()) {
      Log(LogLevel::kInfo, "keys_not_summed",
          {{"asset", comparison_.context.asset.id}, {"error", there.error().message()}});
      return none;
    }
    if (there->nulls) return none;
    KeysRead read;
    read.keys = there->keys;
    if (read.keys == 0) return std::optional<KeysRead>(std::move(read));
    Compare(*there);
    if (rows_ > read.keys / 2) return none;
    LEAT_TRY(MakeKeys());
    read.how = fmt::format("; {} of {} {} differ, {} keys were read", differing_.size(), here_.chunks.size(),
                           chunks_.width > 0 ? "ranges" : "buckets of the hash", read_);
    return std::optional<KeysRead>(std::move(read));
  }

 private:
  Result<KeySums> OwnSums() {
    const component::SumsQuestion question = component::AskForSums(KeyDialect::kEngine, own_key_, chunks_, kOwn);
    LEAT_ASSIGN(const sql::TextRows rows, connection().Query(question.select + question.rest));
    KeySums sums;
    component::AddSums(sums, rows.rows);
    return sums;
  }

  /// Ranges of the first column where both sides order it alike and its values are spread over them, else buckets.
  Status ChooseChunks(KeyDialect dialect, int64_t rows) {
    const SourceColumn& first = keys_.columns[0];
    const std::string ordinal = component::OrdinalSql(KeyDialect::kEngine, own_key_[0]);
    if (!ordinal.empty() && !component::OrdinalSql(dialect, {first.name, first.type}).empty()) {
      LEAT_ASSIGN(const sql::TextRows ends,
                  connection().Query("SELECT min(o), max(o) FROM (SELECT " + ordinal + " AS o FROM " + kOwn + ")"));
      chunks_.low = NumberAt(ends, 0);
      chunks_.high = NumberAt(ends, 1);
      const int64_t ranges = std::clamp<int64_t>(rows / kRowsPerRange, 1, kMostRanges);
      const uint64_t span = static_cast<uint64_t>(chunks_.high) - static_cast<uint64_t>(chunks_.low);
      chunks_.width = static_cast<int64_t>(span / static_cast<uint64_t>(ranges)) + 1;
      LEAT_ASSIGN(here_, OwnSums());
      int64_t most = 0;
      for (const auto& [range, facts] : here_.chunks) most = std::max(most, facts.rows);
      if (most <= rows / kSkew && component::HasOrdinalText(*first.type, chunks_.low, chunks_.high)) return Ok();
      chunks_ = {};
    }
    LEAT_ASSIGN(here_, OwnSums());
    return Ok();
  }

  /// Chunks without a key of the table are left out: nothing can be gone there.
  void Compare(const KeySums& there) {
    for (const auto& [chunk, own] : here_.chunks) {
      const auto found = there.chunks.find(chunk);
      if (found == there.chunks.end()) {
        differing_.push_back(chunk);
      } else if (!(found->second == own)) {
        differing_.push_back(chunk);
        to_read_.push_back(chunk);
        rows_ += found->second.rows;
      }
    }
  }

  /// The requests for the source's keys in chunks that differ.
  Result<std::vector<component::ReadRequest>> Requests() const {
    std::vector<component::ReadRequest> requests;
    if (to_read_.empty()) return requests;
    const SourceColumn& first = keys_.columns[0];
    if (chunks_.width > 0) {
      for (const RangeSpan& span : SpansOf(to_read_, chunks_.width)) {
        requests.push_back(
            RequestBetween(first.name, component::OrdinalText(*first.type, std::max(span.first, chunks_.low), false),
                           component::OrdinalText(*first.type, std::min(span.last, chunks_.high), true)));
      }
      if (requests.size() <= kMostReads) return requests;
      requests.clear();
    }
    LEAT_ASSIGN(component::TablePart part, probe_->InChunks(keys_.columns, chunks_, to_read_));
    requests.emplace_back().parts.push_back(std::move(part));
    return requests;
  }

  /// The source's keys: those that are read, and the table's own elsewhere.
  Status MakeKeys() {
    std::string columns;
    for (size_t i = 0; i < keys_.names.size(); ++i)
      columns += fmt::format("{}k{} AS {}", i == 0 ? "" : ", ", i, sql::QuoteName(keys_.names[i]));
    LEAT_TRY(connection().Execute(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {} AS SELECT {} FROM {} WHERE NOT ({})", sql::QuoteName(comparison_.name),
        columns, kOwn, component::InChunksSql(KeyDialect::kEngine, own_key_, chunks_, differing_))));
    LEAT_ASSIGN(std::vector<component::ReadRequest> requests, Requests());
    for (component::ReadRequest& request : requests) {
      LEAT_ASSIGN(const std::string select, OpenKeys(comparison_.context, comparison_.source, comparison_.registered,
                                                     comparison_.stream, comparison_.work, std::move(request)));
      LEAT_TRY(connection().Execute("INSERT INTO temp." + sql::QuoteName(comparison_.name) + " " + select));
      read_ += comparison_.stream.rows_read();
      comparison_.stream.Close();
    }
    return Ok();
  }

  sql::Connection& connection() const { return comparison_.work.connection(); }

  const KeyComparison& comparison_;
  component::TableProbe* probe_;
  const KeyColumns keys_;
  std::vector<component::KeyColumn> own_key_;
  KeyChunks chunks_;
  KeySums here_;
  std::vector<int64_t> differing_;  ///< chunks, in order
  std::vector<int64_t> to_read_;    ///< those in which the source has keys
  int64_t rows_ = 0;                ///< of the source in them
  int64_t read_ = 0;
};

}  // namespace

Result<std::optional<KeysRead>> ReadDifferingChunks(const KeyComparison& comparison) {
  return Chunks(comparison).Run();
}

}  // namespace leat::run
