#include "component/input_files.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

#include "base/nearest.h"
#include "io/unpack.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;

bool HasWildcard(const std::string& pattern) { return pattern.find_first_of("*?[") != std::string::npos; }

std::string Origin(const std::string& path, const std::string& root) {
  std::string prefix = root.ends_with('/') ? root : root + "/";
  return path.starts_with(prefix) ? path.substr(prefix.size()) : path;
}

Error MissingFile(const std::string& path, const std::string& shown_table, const std::string& root) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry(fs::path(path).parent_path(), failure), end; !failure && entry != end;
       entry.increment(failure)) {
    names.push_back(entry->path().filename().string());
  }
  std::string near = DidYouMean(fs::path(path).filename().string(), names);
  std::string hint =
      near.empty() ? "put the file there, or change `files:` of the table (wildcards may match nothing)" : near;
  return MakeError("SRC-201", ErrorKind::kNotFound, "table {}: no file {}", shown_table, Origin(path, root))
      .WithHint(hint);
}

Result<InputFile> Describe(const std::string& path, const std::string& root, const std::string& shown_table) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return MissingFile(path, shown_table, root);
    return MakeError("SRC-203", ErrorKind::kPermission, "table {}: cannot look at {}: {}", shown_table, path,
                     std::strerror(errno));
  }
  InputFile file;
  file.path = path;
  file.origin = Origin(path, root);
  file.size_bytes = info.st_size;
  file.modified_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  file.identity = info.st_ino;
  return file;
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::string BelowProject(const std::string& project_root, const std::string& path) {
  fs::path given(path);
  return (given.is_absolute() ? given : fs::path(project_root) / given).lexically_normal().string();
}

Result<std::vector<InputFile>> ListInputFiles(const FilePatterns& patterns, const std::string& project_root,
                                              const std::string& shown_table) {
  std::set<std::string> paths;
  for (const std::string& pattern : patterns.patterns) {
    std::string full =
        fs::path(pattern).is_absolute() ? pattern : (fs::path(patterns.folder) / pattern).lexically_normal().string();
    std::error_code failure;
    std::string fixed = full.substr(0, full.find_first_of("*?["));
    std::string folder = fs::path(fixed).parent_path().string();
    if (!fs::is_directory(folder, failure)) {
      return MakeError("SRC-202", ErrorKind::kNotFound, "table {}: no folder {}", shown_table,
                       Origin(folder, project_root))
          .WithHint("make the folder, or change `path:` of the connection");
    }
    if (!HasWildcard(full)) {
      paths.insert(full);
      continue;
    }
    glob_t found{};
    int outcome = glob(full.c_str(), GLOB_NOSORT, nullptr, &found);
    for (size_t i = 0; outcome == 0 && i < found.gl_pathc; ++i) {
      if (fs::is_regular_file(found.gl_pathv[i], failure)) paths.insert(found.gl_pathv[i]);
    }
    globfree(&found);
    if (outcome != 0 && outcome != GLOB_NOMATCH) {
      return MakeError("SRC-203", ErrorKind::kPermission, "table {}: cannot list {}", shown_table, full);
    }
  }
  std::vector<InputFile> files;
  for (const std::string& path : paths) {
    LEAT_ASSIGN(InputFile file, Describe(path, project_root, shown_table));
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const InputFile& a, const InputFile& b) { return a.origin < b.origin; });
  return files;
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
