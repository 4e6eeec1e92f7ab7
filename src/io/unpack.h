#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace leat::io {

/// How a file is packed, by its first bytes (never by its name).
enum class Packing { kNone, kGzip, kZstd, kBzip2, kXz, kZip, kTar };

/// IO-201 kNotFound, IO-3xx kEnvironment. An empty file is kNone.
Result<Packing> DetectPacking(const std::string& path);
/// The same of bytes that begin with `head` (512 bytes are enough).
Packing PackingOf(std::string_view head);
std::string_view PackingName(Packing packing);

struct UnpackOptions {
  std::string spool_folder;        ///< created (0700); files inside get names of their own, never those of the archive
  std::string encoding = "utf-8";  ///< of the text inside; anything else is re-encoded to UTF-8 with iconv
  int64_t max_ratio = 200;         ///< unpacked bytes per packed byte, over the first 16 MB (IO-402); 0: no limit
  int64_t max_bytes = 1LL << 40;   ///< unpacked bytes of the whole file (IO-402)
  bool durable = false;            ///< sync the spool files (they are the archive copy)
  CancelToken* cancel = nullptr;
};

/// One file that came out. `origin`: what the user knows it as, "in/a.zip!member.csv" for a member of an archive, else
/// the file's own origin.
struct UnpackedFile {
  std::string path;
  std::string origin;
  int64_t size_bytes = 0;
};

/// Names of the members of an archive in its order, folders and "__MACOSX/" left out; {""} for a single stream or an
/// unpacked file. `origin`: what errors call the file.
Result<std::vector<std::string>> ListMembers(const std::string& path, const std::string& origin);

/// Gives the bytes of one member of a zip archive to `take`, in pieces and in order, without a file of their own; its name is
/// compared without case. False: there is none. `options`: limits and cancel. Errors as of Unpack, and those of `take`.
Result<bool> ReadMember(const std::string& path, const std::string& origin, const std::string& member,
                        const UnpackOptions& options, const std::function<Status(std::string_view)>& take);

/// Unpacks and re-encodes `path` into the spool folder, streamed. A file that is neither packed nor of another encoding is
/// returned as it is, without a copy. On failure nothing stays in the spool folder.
/// Errors: IO-401 kData (broken archive or encrypted member), IO-402 kResource (ratio or size limit), IO-403 kData (bytes
/// that are not valid in `encoding`, with their offset), IO-404 kConfig (encoding not known).
Result<std::vector<UnpackedFile>> Unpack(const std::string& path, const std::string& origin,
                                         const UnpackOptions& options);

/// Bytes that are packed as DetectPacking knows it, unpacked in memory; others as they are. `what` names them in errors: IO-401
/// kData (broken, or an archive of several files), IO-402 kResource (more than `most_bytes` come out).
Result<std::string> UnpackBytes(std::string_view packed, const std::string& what, size_t most_bytes);

/// Text in `encoding` as UTF-8; `what` names it in errors: IO-403 kData, IO-404 kConfig.
Result<std::string> ToUtf8(std::string_view text, const std::string& encoding, const std::string& what);

/// True for "utf-8", "utf8", "ascii", "us-ascii" in any case: nothing to re-encode.
bool IsUtf8(std::string_view encoding);

}  // namespace leat::io
