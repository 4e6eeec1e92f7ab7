#include "components/source/orc/orc_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "component/header_names.h"

namespace leat::components::orc {
namespace {

using component::InputFile;
using component::SourceColumn;

Error CannotRead(const std::string& origin, int failure) {
  return MakeError("SRC-203", failure == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission, "cannot read {}: {}",
                   origin, std::strerror(failure));
}

/// An error of the reader with table and file.
Error InputError(const std::string& table, const std::string& origin, const Error& error) {
  if (error.code() != "SRC-350" && error.code() != "SRC-351") return error;
  return MakeError(error.code(), error.kind(), "table {}: {} {}: {}", table, origin,
                   error.code() == "SRC-350" ? "is no sound ORC file" : "is not read", error.message())
      .WithHint(error.hint());
}

struct OpenFile {
  explicit OpenFile(int opened) : descriptor(opened) {}
  ~OpenFile() {
    if (descriptor >= 0) close(descriptor);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor;
};

/// The columns that Hive's transactional tables put around each row.
bool IsTransactional(const data::OrcType& root) {
  return root.names.size() == 6 && root.names[0] == "operation" && root.names[1] == "originalTransaction" &&
         root.names[5] == "row";
}

}  // namespace

Result<std::shared_ptr<OrcInput>> OpenInput(const std::string& table, const InputFile& file,
                                            const std::vector<SourceColumn>& columns) {
  const auto open = std::make_shared<OpenFile>(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (open->descriptor < 0 || fstat(open->descriptor, &info) != 0) return CannotRead(file.origin, errno);
  const std::string origin = file.origin;
  const data::ReadAt read = [open, origin](uint64_t offset, char* to, size_t most) -> Result<size_t> {
    size_t got = 0;
    while (got < most) {
      const ssize_t now = pread(open->descriptor, to + got, most - got, static_cast<off_t>(offset + got));
      if (now < 0 && errno == EINTR) continue;
      if (now < 0) return CannotRead(origin, errno);
      if (now == 0) break;
      got += static_cast<size_t>(now);
    }
    return got;
  };
  auto reader = data::OrcFile::Open(read, static_cast<uint64_t>(info.st_size));
  if (!reader.ok()) return InputError(table, origin, reader.error());
  auto input = std::make_shared<OrcInput>();
  input->origin = origin;
  input->reader = std::move(reader).value();
  const data::OrcType& root = input->reader->footer().root;
  if (IsTransactional(root)) {
    const Error error = MakeError("SRC-351", ErrorKind::kUnsupported,
                                  "it is a part of a transactional table of Hive, with changes in it")
                            .WithHint("have the table's rows written as files of their own");
    return InputError(table, origin, error);
  }
  const bool is_struct = root.kind == data::OrcKind::kStruct && !root.parts.empty();
  input->names = component::UniqueNames(is_struct ? root.names : std::vector<std::string>{"value"});
  for (size_t i = 0; i < input->names.size(); ++i) {
    input->types.push_back(is_struct ? &root.parts[i] : &root);
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const SourceColumn& column) { return column.name == input->names[i]; });
    input->columns.push_back(found == columns.end() ? -1 : static_cast<int>(found - columns.begin()));
  }
  return input;
}

Result<std::unique_ptr<StripeRows>> StripeRows::Open(const std::string& table, std::shared_ptr<const OrcInput> input,
                                                     size_t stripe) {
  std::unique_ptr<StripeRows> rows(new StripeRows(table, std::move(input)));
  const data::OrcFile& file = *rows->input_->reader;
  auto streams = StripeStreams::Open(file, stripe);
  if (!streams.ok()) return InputError(table, rows->input_->origin, streams.error());
  rows->streams_ = std::move(streams).value();
  for (const data::OrcType* type : rows->input_->types)
    rows->columns_.push_back(std::make_unique<OrcColumn>(*type, *rows->streams_));
  for (size_t i = 0; i < stripe; ++i) rows->first_row_ += static_cast<int64_t>(file.footer().stripes[i].rows);
  rows->rows_ = file.footer().stripes[stripe].rows;
  return rows;
}

Result<bool> StripeRows::Next(std::vector<OrcValue>& values) {
  if (next_ == rows_) return false;
  if (values.size() != columns_.size()) values = std::vector<OrcValue>(columns_.size());
  streams_->parts_left = StripeStreams::kMostParts;
  ++next_;
  for (size_t i = 0; i < columns_.size(); ++i) {
    columns_[i]->Next(values[i]);
    if (!streams_->fault.failed()) continue;
    const std::string where =
        fmt::format("stripe {}, row {}, column {}", streams_->stripe + 1, row(), input_->names[i]);
    return InputError(table_, input_->origin, data::OrcFile::FaultError(streams_->fault, where));
  }
  return true;
}

Result<std::unique_ptr<StripeRows>> OrcStripes::Next() {
  if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
  std::shared_ptr<OrcInput> input;
  size_t stripe = 0;
  {
    const std::lock_guard lock(mutex_);
    while (open_ == nullptr || next_stripe_ == open_->reader->footer().stripes.size()) {
      if (next_file_ == files_.size()) return std::unique_ptr<StripeRows>();
      LEAT_ASSIGN(open_, OpenInput(table_, files_[next_file_], columns_));
      open_->file = next_file_++;
      next_stripe_ = 0;
    }
    input = open_;
    stripe = next_stripe_++;
  }
  return StripeRows::Open(table_, std::move(input), stripe);
}

}  // namespace leat::components::orc
