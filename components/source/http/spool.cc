#include "components/source/http/spool.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/ids.h"
#include "component/source.h"

namespace leat::components::http {
namespace {

constexpr uint32_t kRefused = 0xffffffff;  // in the place of the number of cells

void Put32(std::string& out, size_t number) {
  const auto narrow = static_cast<uint32_t>(number);
  out.append(reinterpret_cast<const char*>(&narrow), sizeof(narrow));
}

void PutText(std::string& out, std::string_view text) {
  Put32(out, text.size());
  out += text;
}

uint32_t Get32(const std::string& in, size_t& at) {
  uint32_t number = 0;
  std::memcpy(&number, in.data() + at, sizeof(number));
  at += sizeof(number);
  return number;
}

Error SpoolError(const std::string& path, const char* what) {
  return MakeError("SRC-204", ErrorKind::kEnvironment, "cannot {} {}: {}", what, path, std::strerror(errno))
      .WithHint("is the disk full?");
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::Make(const std::string& folder) {
  std::unique_ptr<Spool> spool(new Spool);
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  spool->path_ = folder + "/answers-" + NewUuidV4();
  spool->file_ = std::fopen(spool->path_.c_str(), "wbxe");
  if (spool->file_ == nullptr) return SpoolError(spool->path_, "make");
  return spool;
}

Spool::~Spool() {
  if (file_ != nullptr) std::fclose(file_);
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

Status Spool::Add(const std::vector<Cell>& cells) {
  std::lock_guard lock(mutex_);
  row_.clear();
  Put32(row_, 0);
  uint32_t count = 0;
  std::vector<bool> given(columns_.size() + cells.size());
  for (const Cell& cell : cells) {
    auto [found, added] = index_.try_emplace(cell.name, columns_.size());
    if (added) columns_.emplace_back().name = cell.name;
    if (given[found->second]) continue;
    given[found->second] = true;
    // An empty text is NULL where the others are numbers: it says nothing about the type.
    if (cell.kind != Kind::kText || !cell.text.empty()) columns_[found->second].Add(cell.kind, cell.text);
    Put32(row_, found->second);
    PutText(row_, cell.text);
    ++count;
  }
  std::memcpy(row_.data(), &count, sizeof(count));
  return Write();
}

Status Spool::Refuse(const Refusal& refusal) {
  std::lock_guard lock(mutex_);
  if (!first_refusal_) first_refusal_ = refusal;
  row_.clear();
  Put32(row_, kRefused);
  PutText(row_, component::RefusedRow(refusal.code, refusal.column, refusal.message));
  PutText(row_, refusal.payload);
  return Write();
}

Status Spool::Write() {
  if (rows_ % kRunRows == 0) runs_.push_back(bytes_);
  if (std::fwrite(row_.data(), 1, row_.size(), file_) != row_.size()) return SpoolError(path_, "write");
  bytes_ += static_cast<int64_t>(row_.size());
  ++rows_;
  return Ok();
}

Status Spool::Finish() {
  if (std::fflush(file_) != 0) return SpoolError(path_, "write");
  return Ok();
}

SpoolReader::~SpoolReader() {
  if (file_ != nullptr) std::fclose(file_);
}

Status SpoolReader::Open(size_t run) {
  if (file_ == nullptr) file_ = std::fopen(spool_.path().c_str(), "rbe");
  const int64_t begin = spool_.runs()[run];
  const int64_t end = run + 1 < spool_.runs().size() ? spool_.runs()[run + 1] : spool_.bytes();
  run_.resize(static_cast<size_t>(end - begin));
  at_ = 0;
  if (file_ == nullptr || std::fseek(file_, begin, SEEK_SET) != 0 ||
      std::fread(run_.data(), 1, run_.size(), file_) != run_.size())
    return SpoolError(spool_.path(), "read");
  return Ok();
}

bool SpoolReader::Next(std::vector<std::string_view>& cells) {
  if (at_ >= run_.size()) return false;
  cells.assign(spool_.columns().size(), std::string_view());
  refused_ = payload_ = {};
  const auto take = [&] {
    const uint32_t length = Get32(run_, at_);
    const std::string_view text(run_.data() + at_, length);
    at_ += length;
    return text;
  };
  uint32_t left = Get32(run_, at_);
  if (left == kRefused) {
    refused_ = take();
    payload_ = take();
    return true;
  }
  for (; left > 0; --left) {
    const uint32_t column = Get32(run_, at_);
    cells[column] = take();
  }
  return true;
}

}  // namespace leat::components::http
