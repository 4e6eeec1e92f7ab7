#include "run/reject_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/ids.h"
#include "io/hash.h"

namespace leat::run {
namespace {

using nlohmann::json;

auto Rank(const RejectedRow& row) { return std::tie(row.origin, row.reason_code, row.payload); }

}  // namespace

std::string RejectFile::PathOf(const Lakehouse& lakehouse, const std::string& run_id, const std::string& asset) {
  const std::string folder = io::JoinUri(io::JoinUri(lakehouse.private_folder(), "rejected"), run_id);
  return io::LocalPath(io::JoinUri(folder, io::HashBytes(asset) + ".jsonl"));
}

RejectFile::RejectFile(Lakehouse& lakehouse, const std::string& run_id, const lake::TableName& table,
                       const std::string& asset, bool masked)
    : lakehouse_(lakehouse),
      run_id_(run_id),
      table_(table),
      asset_(asset),
      masked_(masked),
      path_(PathOf(lakehouse, run_id, asset)),
      part_(path_ + "." + RandomHex(4) + ".part") {}

RejectFile::~RejectFile() {
  if (file_ == nullptr) return;
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

Status RejectFile::Failed(const char* what) const {
  const int error = errno;
  return MakeError("RUN-524", ErrorKind::kEnvironment, "rejected rows of {} cannot be {} {}: {}", asset_, what, part_,
                   std::strerror(error))
      .WithHint("the disk of the project's folder may be full");
}

Status RejectFile::Open(File& file) const {
  LEAT_TRY(lakehouse_.files->CreateFolder(std::filesystem::path(path_).parent_path().string()));
  file.reset(std::fopen(part_.c_str(), "w+xe"));
  if (file == nullptr) return Failed("written to");
  ::fchmod(::fileno(file.get()), 0600);
  return Ok();
}

Status RejectFile::WriteLine(std::FILE* file, const RejectedRow& row) const {
  const json line = {{"ns", table_.ns},      {"name", table_.name},    {"run_id", run_id_},
                     {"step", asset_},       {"message", row.message}, {"reason_code", row.reason_code},
                     {"column", row.column}, {"origin", row.origin},   {"payload", row.payload},
                     {"masked", masked_},    {"status", "open"}};
  const std::string text = line.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size()) return Failed("written to");
  return Ok();
}

Status RejectFile::Add(const RejectedRow& row) {
  if (file_ == nullptr) LEAT_TRY(Open(file_));
  LEAT_TRY(WriteLine(file_.get(), row));
  ++rows_;
  if (!first_ || Rank(row) < Rank(*first_)) first_ = row;
  return Ok();
}

Status RejectFile::Keep() {
  if (file_ == nullptr) return lakehouse_.files->Remove(path_);
  if (std::fflush(file_.get()) != 0) return Failed("written to");
  LEAT_TRY(lakehouse_.files->Sync({part_}));
  file_.reset();
  if (std::rename(part_.c_str(), path_.c_str()) != 0) return Failed("kept in");
  return lakehouse_.files->Sync({path_});
}

}  // namespace leat::run
