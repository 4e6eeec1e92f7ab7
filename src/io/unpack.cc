#include "io/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <iconv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <utility>

#include "base/ids.h"
#include "io/block_codec.h"
#include "io/gunzip.h"

namespace leat::io {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = 1 << 20;
constexpr int64_t kRatioFloorBytes = 16 << 20;
constexpr size_t kZipEndBytes = (1 << 16) + 200;  // a comment of 65,535 bytes, and the records around it

struct CloseArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using ArchiveReader = std::unique_ptr<archive, CloseArchive>;
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Error CannotRead(const std::string& path) {
  if (errno == ENOENT) return MakeError("IO-201", ErrorKind::kNotFound, "no file {}", path);
  return MakeError("IO-301", ErrorKind::kEnvironment, "cannot read {}: {}", path, std::strerror(errno));
}

const char* ReasonOf(archive* reader) {
  const char* reason = archive_error_string(reader);
  return reason == nullptr ? "its bytes are not sound" : reason;
}

/// A reader of the packings of DetectPacking but gzip (io/gunzip), and of no others: some of libarchive's filters start programs
/// of other packages (lrzip, grzip), or take text for packed data ("begin 644 …" for uuencode).
ArchiveReader NewReader(Packing packing) {
  ArchiveReader reader(archive_read_new());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  if (packing == Packing::kZip) {
    archive_read_support_format_zip(reader.get());
  } else if (packing == Packing::kTar) {
    archive_read_support_format_tar(reader.get());
  } else {
    archive_read_support_format_raw(reader.get());
  }
  return reader;
}

Result<ArchiveReader> OpenArchive(const std::string& path, const std::string& origin, Packing packing) {
  ArchiveReader reader = NewReader(packing);
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK)
    return CannotUnpack(origin, ReasonOf(reader.get()));
  return reader;
}

Error TooLong(const std::string& what, size_t most_bytes) {
  return MakeError("IO-402", ErrorKind::kResource, "{} unpacks to more than {} bytes", what, most_bytes)
      .WithHint("ask for less at once");
}

uint64_t NumberAt(std::string_view bytes, size_t at, int width) {
  uint64_t number = 0;
  for (int i = width - 1; i >= 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

/// How many entries the directory at the end of a zip has; `end`: the file's last kZipEndBytes (PKWARE's APPNOTE 4.3.14 and
/// 4.3.16). -1: there is no directory, so the file is cut off.
int64_t EntriesOfZip(std::string_view end) {
  constexpr size_t kRecord = 22, kCountAt = 10, kRecord64 = 56, kCount64At = 32;
  constexpr uint64_t kIn64 = 0xFFFF;
  const size_t at = end.rfind("PK\x05\x06");
  if (at == std::string_view::npos || end.size() - at < kRecord) return -1;
  const uint64_t count = NumberAt(end, at + kCountAt, 2);
  if (count != kIn64) return static_cast<int64_t>(count);
  const size_t at64 = end.rfind("PK\x06\x06", at);
  if (at64 == std::string_view::npos || end.size() - at64 < kRecord64) return static_cast<int64_t>(count);
  return static_cast<int64_t>(NumberAt(end, at64 + kCount64At, 8));
}

Result<int64_t> EntriesOfZipFile(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file || std::fseek(file.get(), 0, SEEK_END) != 0) return CannotRead(path);
  const long size = std::ftell(file.get());
  std::string end(std::min<size_t>(kZipEndBytes, static_cast<size_t>(std::max(0L, size))), '\0');
  if (std::fseek(file.get(), size - static_cast<long>(end.size()), SEEK_SET) != 0) return CannotRead(path);
  if (std::fread(end.data(), 1, end.size(), file.get()) != end.size()) return CannotRead(path);
  return EntriesOfZip(end);
}

/// Without its directory libarchive takes the members that it comes across, or none: some would be lost in silence.
Status CheckAllRead(const std::string& what, int64_t listed, int64_t read) {
  if (listed < 0) return CannotUnpack(what, "the directory at its end is missing: it is cut off or damaged");
  if (listed == read) return Ok();
  return CannotUnpack(what,
                      fmt::format("its directory is damaged: it counts {} entries and {} are there", listed, read));
}

/// The next bytes of the member that the reader stands at; false at its end.
Result<bool> NextBlock(archive* reader, const std::string& shown, std::string_view& block) {
  const void* bytes = nullptr;
  size_t length = 0;
  la_int64_t offset = 0;
  const int read = archive_read_data_block(reader, &bytes, &length, &offset);
  if (read == ARCHIVE_EOF) return false;
  // Its warnings are damage, too: a checksum or a length that is another one.
  if (read != ARCHIVE_OK) return CannotUnpack(shown, ReasonOf(reader));
  block = {static_cast<const char*>(bytes), length};
  return true;
}

/// "" where the archive gives none that can be read.
const char* NameOf(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  return name == nullptr ? "" : name;
}

bool IsMember(archive_entry* entry) {
  if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0) return false;
  const std::string_view path = NameOf(entry);
  return !path.ends_with('/') && path.find("__MACOSX/") == std::string_view::npos && !path.ends_with(".DS_Store");
}

/// Re-encodes a stream of blocks to UTF-8; bytes of a character that is cut off wait for the next block.
class Recoder {
 public:
  static Result<std::unique_ptr<Recoder>> Make(const std::string& encoding) {
    std::string name = Lower(encoding);
    if (name == "latin-1" || name == "latin1") name = "iso-8859-1";
    iconv_t handle = iconv_open("UTF-8", name.c_str());
    if (handle == reinterpret_cast<iconv_t>(-1)) {  // NOLINT(performance-no-int-to-ptr): how iconv_open says no
      return MakeError("IO-404", ErrorKind::kConfig, "encoding '{}' is not known", encoding)
          .WithHint("use a name that `iconv --list` shows: utf-16, latin-1, windows-1252, …");
    }
    return std::unique_ptr<Recoder>(new Recoder(handle, encoding));
  }
  Recoder(const Recoder&) = delete;
  Recoder& operator=(const Recoder&) = delete;
  ~Recoder() { iconv_close(handle_); }

  /// An empty block ends the text.
  Status Feed(std::string_view block, std::string& out) {
    rest_.append(block);
    char* input = rest_.data();
    size_t left = rest_.size();
    std::array<char, 1 << 16> buffer{};
    while (left > 0) {
      char* output = buffer.data();
      size_t room = buffer.size();
      size_t before = left;
      size_t outcome = iconv(handle_, &input, &left, &output, &room);
      int failure = errno;
      out.append(buffer.data(), buffer.size() - room);
      offset_ += static_cast<int64_t>(before - left);
      if (outcome != static_cast<size_t>(-1) || failure == E2BIG) continue;
      if (failure == EINVAL && !block.empty()) break;
      return MakeError("IO-403", ErrorKind::kData, "byte {} is not valid {}", offset_, encoding_)
          .WithHint("set the `encoding:` that the text really has");
    }
    rest_.erase(0, rest_.size() - left);
    return Ok();
  }

 private:
  Recoder(iconv_t handle, std::string encoding) : handle_(handle), encoding_(std::move(encoding)) {}
  iconv_t handle_;
  std::string encoding_;
  std::string rest_;
  int64_t offset_ = 0;
};

/// Writes one spool file; removes it again unless it was finished.
class SpoolFile {
 public:
  static Result<std::unique_ptr<SpoolFile>> Make(const std::string& folder) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    fs::permissions(folder, fs::perms::owner_all, failure);
    auto spool = std::unique_ptr<SpoolFile>(new SpoolFile(folder + "/" + NewUuidV4()));
    spool->file_.reset(std::fopen(spool->path_.c_str(), "wbx"));
    if (!spool->file_) return spool->CannotWrite();
    chmod(spool->path_.c_str(), S_IRUSR | S_IWUSR);
    return spool;
  }
  ~SpoolFile() {
    if (!finished_) std::remove(path_.c_str());
  }
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  Status Write(std::string_view block) {
    if (block.empty()) return Ok();  // its data() may be null
    if (std::fwrite(block.data(), 1, block.size(), file_.get()) != block.size()) return CannotWrite();
    size_ += static_cast<int64_t>(block.size());
    return Ok();
  }
  Result<UnpackedFile> Finish(std::string origin, bool durable) {
    if (std::fflush(file_.get()) != 0 || (durable && fsync(fileno(file_.get())) != 0)) return CannotWrite();
    file_.reset();
    finished_ = true;
    return UnpackedFile{path_, std::move(origin), size_};
  }
  const std::string& path() const { return path_; }

 private:
  explicit SpoolFile(std::string path) : path_(std::move(path)) {}
  Error CannotWrite() const {
    return MakeError("IO-302", ErrorKind::kEnvironment, "cannot write {}: {}", path_, std::strerror(errno))
        .WithHint(errno == ENOSPC ? "the disk is full: make room" : "is the folder there and writable?");
  }
  std::string path_;
  File file_;
  int64_t size_ = 0;
  bool finished_ = false;
};

/// Counts what comes out against the limits.
struct Limits {
  const UnpackOptions& options;
  int64_t packed_bytes;
  int64_t unpacked_bytes = 0;

  Status Add(size_t bytes, const std::string& origin) {
    if (options.cancel != nullptr) LEAT_TRY(options.cancel->Check());
    unpacked_bytes += static_cast<int64_t>(bytes);
    bool over_ratio =
        options.max_ratio > 0 && unpacked_bytes > kRatioFloorBytes && unpacked_bytes / options.max_ratio > packed_bytes;
    if (!over_ratio && unpacked_bytes <= options.max_bytes) return Ok();
    return MakeError("IO-402", ErrorKind::kResource, "{} unpacks to more than {}", origin,
                     over_ratio ? std::to_string(options.max_ratio) + " times its size"
                                : std::to_string(options.max_bytes) + " bytes")
        .WithHint("if that is meant, unpack it yourself and put the files there");
  }
};

Result<UnpackedFile> WriteStream(const std::function<Result<bool>(std::string_view& block)>& next,
                                 const std::string& origin, const UnpackOptions& options) {
  LEAT_ASSIGN(std::unique_ptr<SpoolFile> spool, SpoolFile::Make(options.spool_folder));
  std::unique_ptr<Recoder> recoder;
  if (!IsUtf8(options.encoding)) {
    LEAT_ASSIGN(recoder, Recoder::Make(options.encoding));
  }
  std::string converted;
  while (true) {
    std::string_view block;
    LEAT_ASSIGN(bool more, next(block));
    if (recoder) {
      converted.clear();
      Status status = recoder->Feed(more ? block : std::string_view(), converted);
      if (!status.ok()) return std::move(std::move(status).error()).In(origin);
      block = converted;
    }
    if (more || recoder) LEAT_TRY(spool->Write(block));
    if (!more) break;
  }
  return spool->Finish(origin, options.durable);
}

Result<std::vector<UnpackedFile>> UnpackMembers(const std::string& path, Packing packing, const std::string& origin,
                                                const UnpackOptions& options, Limits& limits) {
  LEAT_ASSIGN(ArchiveReader reader, OpenArchive(path, origin, packing));
  std::vector<UnpackedFile> files;
  bool archived = packing == Packing::kZip || packing == Packing::kTar;
  Status status = [&]() -> Status {
    archive_entry* entry = nullptr;
    int outcome = ARCHIVE_OK;
    int64_t entries = 0;
    for (; (outcome = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF; ++entries) {
      if (outcome < ARCHIVE_WARN) return CannotUnpack(origin, ReasonOf(reader.get()));
      // Too short for its filter to know it again.
      if (!archived && archive_filter_code(reader.get(), 0) == ARCHIVE_FILTER_NONE)
        return CannotUnpack(origin, "it is cut off");
      if (archived && !IsMember(entry)) continue;
      std::string shown = archived ? origin + "!" + NameOf(entry) : origin;
      auto next = [&](std::string_view& block) -> Result<bool> {
        LEAT_ASSIGN(const bool more, NextBlock(reader.get(), shown, block));
        if (more) LEAT_TRY(limits.Add(block.size(), origin));
        return more;
      };
      LEAT_ASSIGN(UnpackedFile file, WriteStream(next, shown, options));
      files.push_back(std::move(file));
    }
    if (packing != Packing::kZip) return Ok();
    LEAT_ASSIGN(const int64_t listed, EntriesOfZipFile(path));
    return CheckAllRead(origin, listed, entries);
  }();
  if (!status.ok()) {
    for (const UnpackedFile& file : files) std::remove(file.path.c_str());
    return std::move(status).error();
  }
  return files;
}

}  // namespace

bool IsUtf8(std::string_view encoding) {
  std::string name = Lower(encoding);
  return name.empty() || name == "utf-8" || name == "utf8" || name == "ascii" || name == "us-ascii";
}

Result<std::string> ToUtf8(std::string_view text, const std::string& encoding, const std::string& what) {
  std::string out;
  LEAT_ASSIGN(const std::unique_ptr<Recoder> recoder, Recoder::Make(encoding));
  Status status = recoder->Feed(text, out);
  if (status.ok()) status = recoder->Feed({}, out);
  if (!status.ok()) return std::move(std::move(status).error()).In(what);
  return out;
}

std::string_view PackingName(Packing packing) {
  switch (packing) {
    case Packing::kNone: return "none";
    case Packing::kGzip: return "gzip";
    case Packing::kZstd: return "zstd";
    case Packing::kBzip2: return "bzip2";
    case Packing::kXz: return "xz";
    case Packing::kZip: return "zip";
    case Packing::kTar: return "tar";
  }
  return "none";
}

Result<Packing> DetectPacking(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return CannotRead(path);
  std::array<char, 512> head{};
  return PackingOf({head.data(), std::fread(head.data(), 1, head.size(), file.get())});
}

Packing PackingOf(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Packing::kGzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Packing::kZstd;
  if (bytes.starts_with("BZh") && bytes.size() > 9 && bytes.substr(4, 6) == "\x31\x41\x59\x26\x53\x59")
    return Packing::kBzip2;
  if (bytes.starts_with(std::string_view("\xfd\x37zXZ\0", 6))) return Packing::kXz;
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06")) return Packing::kZip;
  if (bytes.size() >= 262 && bytes.substr(257, 5) == "ustar") return Packing::kTar;
  return Packing::kNone;
}

Result<std::vector<std::string>> ListMembers(const std::string& path, const std::string& origin) {
  LEAT_ASSIGN(Packing packing, DetectPacking(path));
  if (packing != Packing::kZip && packing != Packing::kTar) return std::vector<std::string>{""};
  LEAT_ASSIGN(ArchiveReader reader, OpenArchive(path, origin, packing));
  std::vector<std::string> names;
  archive_entry* entry = nullptr;
  int outcome = ARCHIVE_OK;
  int64_t entries = 0;
  for (; (outcome = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF; ++entries) {
    if (outcome < ARCHIVE_WARN) return CannotUnpack(origin, ReasonOf(reader.get()));
    if (IsMember(entry)) names.emplace_back(NameOf(entry));
  }
  if (packing != Packing::kZip) return names;
  LEAT_ASSIGN(const int64_t listed, EntriesOfZipFile(path));
  LEAT_TRY(CheckAllRead(origin, listed, entries));
  return names;
}

Result<bool> ReadMember(const std::string& path, const std::string& origin, const std::string& member,
                        const UnpackOptions& options, const std::function<Status(std::string_view)>& take) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return CannotRead(path);
  Limits limits{options, std::max<int64_t>(1, info.st_size)};
  LEAT_ASSIGN(ArchiveReader reader, OpenArchive(path, origin, Packing::kZip));
  archive_entry* entry = nullptr;
  int outcome = ARCHIVE_OK;
  while ((outcome = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF) {
    if (outcome < ARCHIVE_WARN) return CannotUnpack(origin, ReasonOf(reader.get()));
    if (!IsMember(entry) || Lower(NameOf(entry)) != Lower(member)) continue;
    const std::string shown = fmt::format("{}!{}", origin, member);
    std::string_view block;
    while (true) {
      LEAT_ASSIGN(const bool more, NextBlock(reader.get(), shown, block));
      if (!more) return true;
      LEAT_TRY(limits.Add(block.size(), origin));
      LEAT_TRY(take(block));
    }
  }
  return false;
}

namespace {

Result<std::string> UnpackOnlyMember(std::string_view packed, Packing packing, const std::string& what,
                                     size_t most_bytes) {
  const ArchiveReader reader = NewReader(packing);
  if (archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK)
    return CannotUnpack(what, ReasonOf(reader.get()));
  std::string text;
  int members = 0, outcome = ARCHIVE_OK;
  int64_t entries = 0;
  archive_entry* entry = nullptr;
  for (; (outcome = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF; ++entries) {
    if (outcome < ARCHIVE_WARN) return CannotUnpack(what, ReasonOf(reader.get()));
    if (!IsMember(entry)) continue;
    if (++members > 1) return CannotUnpack(what, "it holds more than one file");
    std::string_view block;
    while (true) {
      LEAT_ASSIGN(const bool more, NextBlock(reader.get(), what, block));
      if (!more) break;
      if (text.size() + block.size() > most_bytes) return TooLong(what, most_bytes);
      text += block;
    }
  }
  if (packing == Packing::kZip)
    LEAT_TRY(CheckAllRead(what, EntriesOfZip(packed.substr(packed.size() - std::min(packed.size(), kZipEndBytes))),
                          entries));
  return text;
}

}  // namespace

Result<std::string> UnpackBytes(std::string_view packed, const std::string& what, size_t most_bytes) {
  const Packing packing = PackingOf(packed);
  switch (packing) {
    case Packing::kNone: return std::string(packed);
    case Packing::kGzip: {
      NestedGunzip gunzip([rest = packed]() mutable -> Result<std::string_view> { return std::exchange(rest, {}); },
                          what);
      std::string text;
      std::string_view block;
      while (true) {
        LEAT_ASSIGN(const bool more, gunzip.Next(block));
        if (!more) return text;
        if (text.size() + block.size() > most_bytes) return TooLong(what, most_bytes);
        text += block;
      }
    }
    case Packing::kZstd:
    case Packing::kBzip2:
    case Packing::kXz: {
      auto text = UnpackBlock(packing == Packing::kZstd    ? BlockCodec::kZstandard
                              : packing == Packing::kBzip2 ? BlockCodec::kBzip2
                                                           : BlockCodec::kXz,
                              packed, most_bytes);
      if (!text.ok()) return CannotUnpack(what, text.error().message());
      return text;
    }
    case Packing::kZip:
    case Packing::kTar: return UnpackOnlyMember(packed, packing, what, most_bytes);
  }
  return std::string(packed);
}

Result<std::vector<UnpackedFile>> Unpack(const std::string& path, const std::string& origin,
                                         const UnpackOptions& options) {
  LEAT_ASSIGN(Packing packing, DetectPacking(path));
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return CannotRead(path);
  if (packing == Packing::kNone && IsUtf8(options.encoding))
    return std::vector<UnpackedFile>{{path, origin, info.st_size}};
  Limits limits{options, std::max<int64_t>(1, info.st_size)};
  if (packing != Packing::kNone && packing != Packing::kGzip)
    return UnpackMembers(path, packing, origin, options, limits);

  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return CannotRead(path);
  std::string buffer(kBlockBytes, '\0');
  auto read = [&]() -> Result<std::string_view> {
    if (options.cancel != nullptr) LEAT_TRY(options.cancel->Check());
    const size_t length = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (length == 0 && std::ferror(file.get()) != 0) return CannotRead(path);
    return std::string_view(buffer.data(), length);
  };
  NestedGunzip gunzip(read, origin);
  auto next = [&](std::string_view& block) -> Result<bool> {
    if (packing == Packing::kGzip) {
      LEAT_ASSIGN(const bool more, gunzip.Next(block));
      if (more) LEAT_TRY(limits.Add(block.size(), origin));
      return more;
    }
    LEAT_ASSIGN(block, read());
    return !block.empty();
  };
  LEAT_ASSIGN(UnpackedFile unpacked, WriteStream(next, origin, options));
  return std::vector<UnpackedFile>{std::move(unpacked)};
}

}  // namespace leat::io
