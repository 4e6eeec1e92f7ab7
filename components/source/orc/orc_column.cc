#include "components/source/orc/orc_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "data/int128.h"

namespace leat::components::orc {
namespace {

using component::Leaf;
using data::OrcKind;
using Form = Leaf::Form;

constexpr uint64_t kPresent = 0, kData = 1, kLength = 2, kDictionaryData = 3, kSecondary = 5;  // StreamKind
constexpr int64_t kMostText = int64_t{1} << 30;
constexpr uint64_t kMostWords = uint64_t{1} << 26;
constexpr int64_t kNanos = 1'000'000'000;
constexpr int64_t kYear2015 = 1'420'070'400;  // seconds since 1970

}  // namespace

OrcValue& OrcValue::Part(size_t at) {
  if (at == parts.size()) parts.emplace_back();
  return parts[at];
}

Result<std::unique_ptr<StripeStreams>> StripeStreams::Open(const data::OrcFile& file, size_t stripe) {
  LEAT_ASSIGN(data::OrcStripeFooter footer, file.StripeFooter(stripe));
  const std::string& name = footer.zone;
  auto zone = TimeZone::Load(name.empty() || name == "GMT" ? "UTC" : name);
  if (!zone.ok()) {
    data::OrcFault fault;
    fault.what = "its clock is of the time zone '" + name + "', which this machine does not have";
    fault.at = file.footer().stripes[stripe].offset;
    return data::OrcFile::FaultError(fault, fmt::format("stripe {}", stripe + 1));
  }
  const int64_t epoch = zone->ToUtc(kYear2015 * 1'000'000) / 1'000'000;
  std::unique_ptr<StripeStreams> streams(
      new StripeStreams{file, stripe, std::move(footer), std::move(zone).value(), epoch, 0, {}});
  streams->fault.at = file.footer().stripes[stripe].offset;
  return streams;
}

OrcColumn::OrcColumn(const data::OrcType& type, StripeStreams& streams) : type_(type), streams_(streams) {
  const std::vector<data::OrcEncoding>& encodings = streams.footer.encodings;
  if (type.id < encodings.size()) {
    const data::OrcEncoding& encoding = encodings[type.id];
    second_version_ = encoding.kind == 2 || encoding.kind == 3;
    dictionary_ = encoding.kind == 1 || encoding.kind == 3;
    dictionary_size_ = encoding.dictionary_size;
    if (encoding.kind > 3 && !streams.fault.failed()) streams.fault.what = "an encoding without a name";
  } else if (!streams.fault.failed()) {
    streams.fault.what = "a column without an encoding";
  }
  const auto is_present = [&](const data::OrcStreamPlace& place) {
    return place.kind == kPresent && place.column == type.id;
  };
  if (std::any_of(streams.footer.streams.begin(), streams.footer.streams.end(), is_present))
    present_ = std::make_unique<data::OrcBits>(Stream(kPresent));
  switch (type.kind) {
    case OrcKind::kBoolean: bits_ = std::make_unique<data::OrcBits>(Stream(kData)); break;
    case OrcKind::kByte:
    case OrcKind::kUnion: byte_runs_ = std::make_unique<data::OrcByteRuns>(Stream(kData)); break;
    case OrcKind::kShort:
    case OrcKind::kInt:
    case OrcKind::kLong:
    case OrcKind::kDate: ints_ = Ints(kData, true); break;
    case OrcKind::kFloat:
    case OrcKind::kDouble: bytes_ = std::make_unique<data::OrcBytes>(Stream(kData)); break;
    case OrcKind::kDecimal:
      bytes_ = std::make_unique<data::OrcBytes>(Stream(kData));
      others_ = Ints(kSecondary, true);
      break;
    case OrcKind::kTimestamp:
    case OrcKind::kInstant:
      ints_ = Ints(kData, true);
      others_ = Ints(kSecondary, false);
      break;
    case OrcKind::kString:
    case OrcKind::kVarchar:
    case OrcKind::kChar:
    case OrcKind::kBinary:
      others_ = Ints(kLength, false);
      if (dictionary_) ints_ = Ints(kData, false);
      else bytes_ = std::make_unique<data::OrcBytes>(Stream(kData));
      break;
    case OrcKind::kList:
    case OrcKind::kMap: others_ = Ints(kLength, false); break;
    case OrcKind::kStruct: break;
  }
  for (const data::OrcType& part : type.parts) parts_.push_back(std::make_unique<OrcColumn>(part, streams));
}

/// One that is not there is empty: what is never asked for need not be.
data::OrcBytes OrcColumn::Stream(uint64_t kind) const {
  data::OrcStreamPlace found;
  for (const data::OrcStreamPlace& place : streams_.footer.streams) {
    if (place.kind == kind && place.column == type_.id) found = place;
  }
  return streams_.file.Stream(streams_.stripe, found, streams_.fault);
}

std::unique_ptr<data::OrcInts> OrcColumn::Ints(uint64_t kind, bool is_signed) const {
  return std::make_unique<data::OrcInts>(Stream(kind), second_version_, is_signed);
}

void OrcColumn::Next(OrcValue& value) {
  Leaf& leaf = value.leaf;
  value.nested = false;
  value.count = 0;
  leaf.form = Form::kNull;
  if (present_ && !present_->Next()) return;
  switch (type_.kind) {
    case OrcKind::kBoolean:
      leaf.truth = bits_->Next();
      leaf.form = Form::kTruth;
      return;
    case OrcKind::kByte:
      leaf.whole = data::SignedByte(byte_runs_->Next());
      leaf.form = Form::kWhole;
      return;
    case OrcKind::kShort:
    case OrcKind::kInt:
    case OrcKind::kLong:
      leaf.whole = ints_->Next();
      leaf.form = Form::kWhole;
      return;
    case OrcKind::kFloat:
      leaf.real = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bytes_->Fixed(4))));
      leaf.narrow = true;
      leaf.form = Form::kReal;
      return;
    case OrcKind::kDouble:
      leaf.real = std::bit_cast<double>(bytes_->Fixed(8));
      leaf.narrow = false;
      leaf.form = Form::kReal;
      return;
    case OrcKind::kDate: return component::SetDate(leaf, ints_->Next());
    case OrcKind::kTimestamp:
    case OrcKind::kInstant: return Moment(leaf);
    case OrcKind::kDecimal: return Decimal(leaf);
    case OrcKind::kString:
    case OrcKind::kVarchar:
    case OrcKind::kChar:
    case OrcKind::kBinary: return Text(leaf);
    default: return Nested(value);
  }
}

void OrcColumn::Nested(OrcValue& value) {
  value.nested = true;
  value.leaf.form = Form::kOther;
  switch (type_.kind) {
    case OrcKind::kList:
    case OrcKind::kMap: return Each(value, others_->Next());
    case OrcKind::kUnion:
      value.tag = byte_runs_->Next();
      value.count = 1;
      if (value.tag < parts_.size()) return parts_[value.tag]->Next(value.Part(0));
      value.tag = 0;
      value.Part(0).leaf.form = Form::kNull;
      if (!streams_.fault.failed()) streams_.fault.what = "a union of a type that it does not have";
      return;
    default:
      value.count = parts_.size();
      for (size_t i = 0; i < parts_.size(); ++i) parts_[i]->Next(value.Part(i));
  }
}

/// The items of a list, or keys and values of a map by turns.
void OrcColumn::Each(OrcValue& value, int64_t count) {
  if (streams_.fault.failed()) return;
  if (count < 0 || count > streams_.parts_left) {
    streams_.fault.what = fmt::format("a row has more than {} parts", StripeStreams::kMostParts);
    return;
  }
  streams_.parts_left -= count;
  for (int64_t i = 0; i < count && !streams_.fault.failed(); ++i) {
    for (const auto& part : parts_) part->Next(value.Part(value.count++));
  }
}

void OrcColumn::LoadDictionary() {
  loaded_ = true;
  if (dictionary_size_ > kMostWords) return others_->Fail("its dictionary has more than 67 million words");
  uint64_t end = 0;
  for (uint64_t i = 0; i < dictionary_size_ && !streams_.fault.failed(); ++i) {
    const int64_t length = others_->Next();
    if (length < 0 || length > kMostText) return others_->Fail("a word of its dictionary is longer than 1 GB");
    word_ends_.push_back(end += static_cast<uint64_t>(length));
  }
  data::OrcBytes words = Stream(kDictionaryData);
  words_ = words.Rest(static_cast<uint64_t>(kMostText));
  if (words_.size() < end) words.Fail("its dictionary is shorter than its words");
}

void OrcColumn::Text(Leaf& leaf) {
  std::string_view bytes;
  if (dictionary_) {
    if (!loaded_) LoadDictionary();
    const int64_t at = ints_->Next();
    if (streams_.fault.failed()) return;
    if (at < 0 || static_cast<size_t>(at) >= word_ends_.size())
      return ints_->Fail("a word that its dictionary does not have");
    const size_t begin = at == 0 ? 0 : word_ends_[static_cast<size_t>(at) - 1];
    bytes = std::string_view(words_).substr(begin, word_ends_[static_cast<size_t>(at)] - begin);
  } else {
    const int64_t length = others_->Next();
    if (length < 0 || length > kMostText) return others_->Fail("a text is longer than 1 GB");
    leaf.text.clear();
    bytes_->Take(static_cast<uint64_t>(length), leaf.text);
    bytes = leaf.text;
  }
  if (type_.kind != OrcKind::kBinary) return component::SetText(leaf, bytes);
  leaf.form = Form::kBinary;
  leaf.bytes = bytes;
}

void OrcColumn::Moment(Leaf& leaf) {
  const bool zoned = type_.kind == OrcKind::kInstant;
  const auto written = static_cast<uint64_t>(ints_->Next());
  auto seconds = static_cast<int64_t>(written + static_cast<uint64_t>(zoned ? kYear2015 : streams_.epoch_seconds));
  const int64_t packed = others_->Next();
  // The last three bits are how many zeros were left out, less one.
  int64_t nanos = packed >> 3;
  if ((packed & 7) != 0) {
    for (int64_t zeros = (packed & 7) + 1; zeros > 0 && nanos > -kNanos && nanos < kNanos; --zeros) nanos *= 10;
  }
  if (nanos <= -kNanos || nanos >= kNanos) return others_->Fail("a second of more than a second");
  // Before 1970 some writers cut seconds towards it, others have the rest below zero.
  constexpr int64_t kFar = int64_t{1} << 42;  // beyond the year 100000
  const bool near = seconds > -kFar && seconds < kFar;
  if (near && seconds < 0 && nanos > 999'999) --seconds;
  if (near && nanos < 0) {
    --seconds;
    nanos += kNanos;
  }
  if (near && !zoned) seconds += streams_.zone.OffsetSeconds(seconds * 1'000'000);
  component::SetMoment(leaf, seconds, nanos, kNanos, zoned);
}

void OrcColumn::Decimal(Leaf& leaf) {
  const data::Int128 unscaled = bytes_->SignedVarint128();
  const int64_t scale = others_->Next();
  if (scale == type_.scale) return component::SetDecimal(leaf, unscaled, type_.precision, type_.scale);
  if (scale < 0 || scale > 38) return others_->Fail("a decimal of a scale that there is not");
  // Writers may leave zeros at the end out.
  const std::string text = data::DecimalText(unscaled, static_cast<int>(scale));
  const auto same = data::ParseDecimal(text, type_.scale);
  if (same.ok()) component::SetDecimal(leaf, *same, type_.precision, type_.scale);
  else component::SetOther(leaf, text);
}

}  // namespace leat::components::orc
