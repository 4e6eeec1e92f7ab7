#include "components/source/avro/avro_input.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace leat::components::avro {
namespace {

using component::InputFile;
using component::SourceColumn;
using data::AvroField;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error CannotRead(const std::string& origin, int failure) {
  return MakeError("SRC-203", failure == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission, "cannot read {}: {}",
                   origin, std::strerror(failure));
}

int FindColumn(const std::vector<SourceColumn>& columns, const std::string& name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const SourceColumn& column) { return column.name == name; });
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

void MatchFields(const std::vector<SourceColumn>& columns, AvroInput& input) {
  const auto is_field = [&](const std::string& name) {
    return std::any_of(input.fields.begin(), input.fields.end(),
                       [&](const AvroField& one) { return one.name == name; });
  };
  for (const AvroField& field : input.fields) {
    std::string name = field.name;
    int column = FindColumn(columns, name);
    for (const std::string& alias : field.aliases) {
      if (column >= 0 || is_field(alias)) continue;
      column = FindColumn(columns, alias);
      // Two fields may claim one old name: the first has it.
      if (std::find(input.columns.begin(), input.columns.end(), column) != input.columns.end()) column = -1;
      if (column >= 0) name = alias;
    }
    input.names.push_back(std::move(name));
    input.columns.push_back(column);
  }
}

}  // namespace

Error InputError(const std::string& table, const std::string& origin, Error error) {
  if (error.code() == "DATA-106") {
    return MakeError("SRC-223", ErrorKind::kData, "table {}: {} is no sound Avro file: {}", table, origin,
                     error.message())
        .WithHint("have it sent again, or leave such files out: on_bad_file: skip");
  }
  if (error.code() == "DATA-107") {
    return MakeError("SRC-224", ErrorKind::kUnsupported, "table {}: {}: {}", table, origin, error.message())
        .WithHint(error.hint());
  }
  return error;
}

Result<std::unique_ptr<AvroInput>> OpenInput(const std::string& table, const InputFile& file,
                                             const std::vector<SourceColumn>& columns) {
  const std::shared_ptr<std::FILE> stream(std::fopen(file.path.c_str(), "rbe"), [](std::FILE* open) {
    if (open != nullptr) FileCloser()(open);
  });
  struct stat info {};
  if (stream == nullptr || fstat(fileno(stream.get()), &info) != 0) return CannotRead(file.origin, errno);
  std::setvbuf(stream.get(), nullptr, _IONBF, 0);
  const std::string origin = file.origin;
  const auto read = [stream, origin](char* to, size_t most) -> Result<size_t> {
    const size_t count = std::fread(to, 1, most, stream.get());
    if (count == 0 && std::ferror(stream.get()) != 0) return CannotRead(origin, errno);
    return count;
  };
  auto reader = data::AvroFileReader::Open(read, info.st_size);
  if (!reader.ok()) return InputError(table, origin, std::move(reader).error());
  auto input = std::make_unique<AvroInput>();
  input->origin = origin;
  input->reader = std::move(reader).value();
  const data::AvroSchemaPtr& schema = input->reader->schema();
  if (schema->kind == data::AvroKind::kRecord) {
    input->fields = schema->fields;
  } else {
    input->fields.push_back({"value", -1, schema});
  }
  MatchFields(columns, *input);
  return input;
}

Status VerifyFile(const std::string& table, const InputFile& file, CancelToken* cancel) {
  LEAT_ASSIGN(const auto input, OpenInput(table, file, {}));
  data::AvroFileReader& reader = *input->reader;
  const auto verify = [&]() -> Status {
    data::AvroBlock block;
    while (true) {
      if (cancel != nullptr) LEAT_TRY(cancel->Check());
      LEAT_ASSIGN(const bool more, reader.Next(block));
      if (!more) return Ok();
      LEAT_ASSIGN(const std::string rows, reader.Unpack(block));
      data::AvroDecoder in(rows);
      for (int64_t row = 0; row < block.rows; ++row) {
        data::SkipAvro(in, *reader.schema());
        if (in.failed()) return data::AvroFileReader::RowError(block, row, in);
      }
      if (!in.at_end()) return data::AvroFileReader::RowError(block, block.rows, in);
    }
  };
  Status status = verify();
  if (!status.ok()) return InputError(table, file.origin, std::move(status).error());
  return Ok();
}

Result<bool> AvroBlocks::Next(std::shared_ptr<const AvroInput>& input, data::AvroBlock& block) {
  if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
  const std::lock_guard lock(mutex_);
  while (true) {
    if (open_ == nullptr) {
      if (next_ == files_.size()) return false;
      LEAT_ASSIGN(open_, OpenInput(table_, files_[next_], columns_));
      open_->file = next_++;
    }
    auto more = open_->reader->Next(block);
    if (!more.ok()) return InputError(table_, open_->origin, std::move(more).error());
    if (*more) {
      input = open_;
      return true;
    }
    open_ = nullptr;
  }
}

}  // namespace leat::components::avro
