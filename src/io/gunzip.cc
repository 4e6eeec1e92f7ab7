#include "io/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

namespace leat::io {
namespace {

constexpr size_t kBlockBytes = 1 << 18;
constexpr int kGzipOnly = MAX_WBITS + 16;
constexpr size_t kMostLayers = 3;
constexpr std::string_view kMagic = "\x1f\x8b";

}  // namespace

struct Gunzip::State {
  z_stream stream{};
  bool ready = false;
  bool in_member = true;  ///< else between two members, or behind the last one
  bool at_end = false;    ///< the source has no more
};

Error CannotUnpack(const std::string& what, std::string_view why) {
  return MakeError("IO-401", ErrorKind::kData, "{} cannot be unpacked: {}", what, why)
      .WithHint("is the file whole and without a password? Send it again");
}

Gunzip::Gunzip(Source source) : source_(std::move(source)), state_(std::make_unique<State>()), out_(kBlockBytes, '\0') {
  state_->ready = inflateInit2(&state_->stream, kGzipOnly) == Z_OK;
}

Gunzip::~Gunzip() { inflateEnd(&state_->stream); }

Status Gunzip::Refill() {
  z_stream& stream = state_->stream;
  if (stream.avail_in > 0 || state_->at_end) return Ok();
  LEAT_ASSIGN(const std::string_view more, source_());
  state_->at_end = more.empty();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(more.data()));
  stream.avail_in = static_cast<uInt>(more.size());
  return Ok();
}

Result<bool> Gunzip::Next(const std::string& what, std::string_view& block) {
  State& state = *state_;
  z_stream& stream = state.stream;
  if (!state.ready) return MakeError("IO-401", ErrorKind::kResource, "{}: no memory to unpack it", what);
  while (true) {
    LEAT_TRY(Refill());
    if (stream.avail_in == 0 && state.at_end) {
      if (state.in_member) return CannotUnpack(what, "it is cut off");
      return false;
    }
    if (!state.in_member) {
      if (*stream.next_in == 0) {
        ++stream.next_in;
        --stream.avail_in;
        continue;
      }
      if (inflateReset(&stream) != Z_OK) return CannotUnpack(what, "no memory for its next member");
      state.in_member = true;
    }
    stream.next_out = reinterpret_cast<Bytef*>(out_.data());
    stream.avail_out = static_cast<uInt>(out_.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      state.in_member = false;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return CannotUnpack(what, stream.msg == nullptr ? "its bytes are not sound" : stream.msg);
    }
    const size_t came = out_.size() - stream.avail_out;
    if (came == 0) continue;
    block = {out_.data(), came};
    return true;
  }
}

NestedGunzip::NestedGunzip(Gunzip::Source source, std::string what) : what_(std::move(what)) {
  layers_.push_back(std::make_unique<Gunzip>(std::move(source)));
}

Result<bool> NestedGunzip::Begin(std::string_view& block) {
  while (true) {
    Gunzip* const outer = layers_.back().get();
    LEAT_ASSIGN(const bool more, outer->Next(what_, block));
    if (!more || !block.starts_with(kMagic) || layers_.size() == kMostLayers) return more;
    auto unpacked = [this, outer, first = block]() mutable -> Result<std::string_view> {
      if (!first.empty()) return std::exchange(first, {});
      std::string_view next;
      LEAT_ASSIGN(const bool comes, outer->Next(what_, next));
      return comes ? next : std::string_view();
    };
    layers_.push_back(std::make_unique<Gunzip>(std::move(unpacked)));
  }
}

Result<bool> NestedGunzip::Next(std::string_view& block) {
  if (!begun_) {
    begun_ = true;
    return Begin(block);
  }
  return layers_.back()->Next(what_, block);
}

}  // namespace leat::io
