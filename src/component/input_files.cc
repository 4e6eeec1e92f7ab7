#include "component/input_files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "io/unpack.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::string BelowProject(const std::string& project_root, const std::string& path) {
  if (path.find("://") != std::string::npos) return path;
  fs::path given(path);
  return (given.is_absolute() ? given : fs::path(project_root) / given).lexically_normal().string();
}

Result<std::vector<InputFile>> PrepareInputFiles(const std::vector<InputFile>& files, const std::string& encoding,
                                                 const SourceContext& context) {
  std::vector<InputFile> prepared;
  for (const InputFile& file : files) {
    io::UnpackOptions options;
    options.spool_folder = context.spool_folder;
    options.encoding = encoding.empty() ? "utf-8" : encoding;
    options.cancel = context.cancel;
    LEAT_ASSIGN(std::vector<io::UnpackedFile> members, io::Unpack(file.path, file.origin, options));
    for (const io::UnpackedFile& member : members) {
      InputFile one = file;
      one.path = member.path;
      one.origin = member.origin;
      one.size_bytes = member.size_bytes;
      if (one.size_bytes > 0) prepared.push_back(std::move(one));
    }
  }
  return prepared;
}

Result<TextSample> SampleText(const InputFile& file, int64_t head_bytes, int pieces, int64_t piece_bytes) {
  std::unique_ptr<std::FILE, FileCloser> stream(std::fopen(file.path.c_str(), "rb"));
  if (!stream) {
    return MakeError("SRC-203", errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission, "cannot read {}: {}",
                     file.origin, std::strerror(errno));
  }
  auto read_at = [&](int64_t offset, int64_t length) {
    std::string text(static_cast<size_t>(length), '\0');
    fseeko(stream.get(), offset, SEEK_SET);
    text.resize(std::fread(text.data(), 1, text.size(), stream.get()));
    return text;
  };
  TextSample sample;
  sample.head = read_at(0, std::min(head_bytes, file.size_bytes));
  sample.whole = static_cast<int64_t>(sample.head.size()) >= file.size_bytes;
  if (sample.whole) return sample;
  size_t end = sample.head.rfind('\n');
  if (end != std::string::npos) sample.head.resize(end + 1);
  int64_t rest = file.size_bytes - head_bytes;
  for (int i = 1; i <= pieces && rest > piece_bytes; ++i) {
    std::string text = read_at(head_bytes + (rest - piece_bytes) / pieces * i, piece_bytes);
    size_t first = text.find('\n');
    size_t last = text.rfind('\n');
    if (first != std::string::npos && last > first) sample.pieces.push_back(text.substr(first + 1, last - first));
  }
  return sample;
}

Result<std::string> WriteSpoolFile(const std::string& folder, const std::string& name, const std::string& failure,
                                   const std::function<Status(std::ostream&)>& write) {
  std::error_code seen_below;
  fs::create_directories(folder, seen_below);
  const std::string path = folder + "/" + NewUuidV4() + "-" + name;
  std::ofstream out(path, std::ios::binary);
  LEAT_TRY(write(out));
  out.close();
  if (!out) {
    return MakeError("SRC-204", ErrorKind::kEnvironment, "{} into {}", failure, folder).WithHint("is the disk full?");
  }
  return path;
}

std::string SqlText(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

std::string SqlPathList(const std::vector<InputFile>& files) {
  std::string list = "[";
  for (const InputFile& file : files) {
    if (list.size() > 1) list += ", ";
    list += SqlText(file.path);
  }
  return list + "]";
}

}  // namespace leat::component
