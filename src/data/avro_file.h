#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/avro.h"
#include "io/block_codec.h"

namespace leat::data {

/// One block of a container file, still packed.
struct AvroBlock {
  int64_t number = 0;     ///< 1 is the first
  int64_t offset = 0;     ///< of its first byte in the file
  int64_t rows = 0;       ///< that it says to have
  int64_t first_row = 1;  ///< number in the file of its first row
  std::string packed;
};

/// Reads a container file block by block; memory is that of one block. Errors without the file's name: DATA-106 kData (not
/// sound: what, in which block, at which byte), DATA-107 kUnsupported (codec), or what `read` gave. Header and Unpack may be used by several
/// threads, Next by one at a time.
class AvroFileReader {
 public:
  /// Gives up to `most` further bytes of the file; 0 at its end.
  using ReadBytes = std::function<Result<size_t>(char* to, size_t most)>;

  static Result<std::unique_ptr<AvroFileReader>> Open(ReadBytes read, int64_t file_bytes);

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const AvroSchemaPtr& schema() const { return schema_; }

  /// False at the end of the file.
  Result<bool> Next(AvroBlock& block);
  /// The rows' bytes; those of `block` are moved where nothing packs them.
  Result<std::string> Unpack(AvroBlock& block) const;
  /// What is wrong with a row of a block, or after the last one (`row` is block.rows then).
  static Error RowError(const AvroBlock& block, int64_t row, const AvroDecoder& at);

 private:
  AvroFileReader(ReadBytes read, int64_t file_bytes) : read_(std::move(read)), file_bytes_(file_bytes) {}
  Status ReadHeader();
  /// Reads until `bytes` are in the buffer, or the file is at its end.
  Status Fill(size_t bytes);

  ReadBytes read_;
  int64_t file_bytes_;
  std::string buffer_;    ///< bytes of the file that were not used
  int64_t position_ = 0;  ///< in the file, of buffer_[0]
  int64_t blocks_ = 0;
  int64_t rows_ = 0;
  std::map<std::string, std::string> metadata_;
  AvroSchemaPtr schema_;
  io::BlockCodec codec_ = io::BlockCodec::kNone;
  std::string sync_;
};

/// An object container file that was read whole.
struct AvroFile {
  std::map<std::string, std::string> metadata;
  AvroSchemaPtr schema;
  std::vector<AvroValue> rows;
};

/// A container file of one deflated block: `rows` records that are encoded in `data`.
std::string WriteAvroFile(std::string_view schema_json, const std::map<std::string, std::string>& metadata,
                          int64_t rows, std::string_view data);

/// Errors as of AvroFileReader.
Result<AvroFile> ReadAvroFile(std::string_view bytes);

}  // namespace leat::data
