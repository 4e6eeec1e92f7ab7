#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "component/leaf.h"
#include "data/orc_file.h"

namespace leat::components::orc {

/// One value; of a nested type what is inside of it. Used again and again: the first `count` parts are those of now.
struct OrcValue {
  component::Leaf leaf;  ///< form kNull: NULL, of nested types too
  bool nested = false;
  size_t tag = 0;              ///< of a union: which of its types
  std::deque<OrcValue> parts;  ///< texts are views into their own values: these must not move
  size_t count = 0;

  OrcValue& Part(size_t at);
};

/// What the columns of a stripe share.
struct StripeStreams {
  const data::OrcFile& file;
  size_t stripe = 0;
  data::OrcStripeFooter footer;
  TimeZone zone;              ///< of the writer
  int64_t epoch_seconds = 0;  ///< UTC: 2015 begins in that zone
  int64_t parts_left = 0;     ///< of the row: how many parts it may still have
  data::OrcFault fault{};

  static constexpr int64_t kMostParts = int64_t{1} << 21;
  /// SRC-350 as OrcFile, and for a zone that this machine does not have.
  static Result<std::unique_ptr<StripeStreams>> Open(const data::OrcFile& file, size_t stripe);
};

/// The values of one column of a stripe, in order.
class OrcColumn {
 public:
  OrcColumn(const data::OrcType& type, StripeStreams& streams);
  /// After a fault of the streams: anything.
  void Next(OrcValue& value);

 private:
  data::OrcBytes Stream(uint64_t kind) const;
  std::unique_ptr<data::OrcInts> Ints(uint64_t kind, bool is_signed) const;
  void Nested(OrcValue& value);
  void Each(OrcValue& value, int64_t count);
  void Text(component::Leaf& leaf);
  void Moment(component::Leaf& leaf);
  void Decimal(component::Leaf& leaf);
  void LoadDictionary();

  const data::OrcType& type_;
  StripeStreams& streams_;
  bool second_version_ = false, dictionary_ = false;
  uint64_t dictionary_size_ = 0;
  std::unique_ptr<data::OrcBits> present_, bits_;
  std::unique_ptr<data::OrcByteRuns> byte_runs_;
  std::unique_ptr<data::OrcInts> ints_, others_;  ///< others: lengths, or the second stream
  std::unique_ptr<data::OrcBytes> bytes_;
  std::vector<std::unique_ptr<OrcColumn>> parts_;
  std::string words_;
  std::vector<size_t> word_ends_;
  bool loaded_ = false;
};

}  // namespace leat::components::orc
