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

#include "base/ids.h"

namespace leat::io {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = 1 << 20;
constexpr int64_t kRatioFloorBytes = 16 << 20;

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

Result<ArchiveReader> OpenArchive(const std::string& path, Packing packing) {
  ArchiveReader reader(archive_read_new());
  // The packings of DetectPacking and no others: some of libarchive's filters start programs of other packages (lrzip,
  // grzip), or take text for packed data ("begin 644 …" for uuencode).
  archive_read_support_filter_gzip(reader.get());
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
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) {
    return MakeError("IO-401", ErrorKind::kData, "{} cannot be unpacked: {}", path, archive_error_string(reader.get()))
        .WithHint("is the file whole? Send it again");
  }
  return reader;
}

Error CannotUnpack(const std::string& what, archive* reader) {
  return MakeError("IO-401", ErrorKind::kData, "{} cannot be unpacked: {}", what, archive_error_string(reader))
      .WithHint("is the file whole and without a password? Send it again");
}

/// The next bytes of the member that the reader stands at; false at its end.
Result<bool> NextBlock(archive* reader, const std::string& shown, std::string_view& block) {
  const void* bytes = nullptr;
  size_t length = 0;
  la_int64_t offset = 0;
  const int read = archive_read_data_block(reader, &bytes, &length, &offset);
  if (read == ARCHIVE_EOF) return false;
  if (read < ARCHIVE_WARN) return CannotUnpack(shown, reader);
  block = {static_cast<const char*>(bytes), length};
  return true;
}

bool IsMember(archive_entry* entry) {
  if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0) return false;
  const char* name = archive_entry_pathname(entry);
  std::string_view path = name == nullptr ? "" : name;
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
  LEAT_ASSIGN(ArchiveReader reader, OpenArchive(path, packing));
  std::vector<UnpackedFile> files;
  bool archived = packing == Packing::kZip || packing == Packing::kTar;
  Status status = [&]() -> Status {
    archive_entry* entry = nullptr;
    int outcome = ARCHIVE_OK;
    while ((outcome = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF) {
      if (outcome < ARCHIVE_WARN) return CannotUnpack(origin, reader.get());
      if (archived && !IsMember(entry)) continue;
      std::string shown = archived ? origin + "!" + archive_entry_pathname(entry) : origin;
      auto next = [&](std::string_view& block) -> Result<bool> {
        LEAT_ASSIGN(const bool more, NextBlock(reader.get(), shown, block));
        if (more) LEAT_TRY(limits.Add(block.size(), origin));
        return more;
      };
      LEAT_ASSIGN(UnpackedFile file, WriteStream(next, shown, options));
      files.push_back(std::move(file));
    }
    return Ok();
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
  std::string_view bytes(head.data(), std::fread(head.data(), 1, head.size(), file.get()));
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
  LEAT_ASSIGN(ArchiveReader reader, OpenArchive(path, packing));
  std::vector<std::string> names;
  archive_entry* entry = nullptr;
  int outcome = ARCHIVE_OK;
  while ((outcome = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF) {
    if (outcome < ARCHIVE_WARN) return CannotUnpack(origin, reader.get());
    if (IsMember(entry)) names.emplace_back(archive_entry_pathname(entry));
  }
  return names;
}

Result<bool> ReadMember(const std::string& path, const std::string& origin, const std::string& member,
                        const UnpackOptions& options, const std::function<Status(std::string_view)>& take) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return CannotRead(path);
  Limits limits{options, std::max<int64_t>(1, info.st_size)};
  LEAT_ASSIGN(ArchiveReader reader, OpenArchive(path, Packing::kZip));
  archive_entry* entry = nullptr;
  int outcome = ARCHIVE_OK;
  while ((outcome = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF) {
    if (outcome < ARCHIVE_WARN) return CannotUnpack(origin, reader.get());
    if (!IsMember(entry) || Lower(archive_entry_pathname(entry)) != Lower(member)) continue;
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

Result<std::vector<UnpackedFile>> Unpack(const std::string& path, const std::string& origin,
                                         const UnpackOptions& options) {
  LEAT_ASSIGN(Packing packing, DetectPacking(path));
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return CannotRead(path);
  if (packing == Packing::kNone && IsUtf8(options.encoding))
    return std::vector<UnpackedFile>{{path, origin, info.st_size}};
  Limits limits{options, std::max<int64_t>(1, info.st_size)};
  if (packing != Packing::kNone) return UnpackMembers(path, packing, origin, options, limits);

  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return CannotRead(path);
  std::string buffer(kBlockBytes, '\0');
  auto next = [&](std::string_view& block) -> Result<bool> {
    size_t length = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (length == 0) return std::ferror(file.get()) != 0 ? Result<bool>(CannotRead(path)) : Result<bool>(false);
    if (options.cancel != nullptr) LEAT_TRY(options.cancel->Check());
    block = {buffer.data(), length};
    return true;
  };
  LEAT_ASSIGN(UnpackedFile unpacked, WriteStream(next, origin, options));
  return std::vector<UnpackedFile>{std::move(unpacked)};
}

}  // namespace leat::io
