#include "components/source/duckdb/attached_file.h"

#include <sys/stat.h>

#include <atomic>

#include "component/sql_text.h"

namespace leat::components::duckdb {

Result<std::unique_ptr<AttachedFile>> AttachedFile::Open(const std::string& path, const std::string& shown,
                                                         const std::string& what,
                                                         const component::SourceContext& context) {
  static std::atomic<int> number{0};
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return MakeError("SRC-201", ErrorKind::kNotFound, "{}: there is no file {}", what, shown)
        .WithHint("put the database there, or change `file:` of the connection");
  }
  std::unique_ptr<AttachedFile> file(new AttachedFile);
  if (context.budget != nullptr) {
    LEAT_ASSIGN(file->slot_, context.budget->Connect(context.cancel));
  }
  file->shown_ = shown;
  file->what_ = what;
  file->query_ = context.query;
  file->alias_ = "leat_source_" + std::to_string(++number);
  LEAT_ASSIGN(const TextRows rows, file->Query("ATTACH " + component::SqlLiteral(path) + " AS " + file->alias_ +
                                               " (TYPE duckdb, READ_ONLY)"));
  file->attached_ = true;
  return file;
}

AttachedFile::~AttachedFile() {
  if (attached_) (void)query_("DETACH " + alias_);  // nothing is lost with it: the process closes its files
}

Result<TextRows> AttachedFile::Query(const std::string& sql) const {
  auto rows = query_(sql);
  if (!rows.ok()) return Failed(rows.error());
  return rows;
}

Error AttachedFile::Failed(const Error& error) const {
  if (error.kind() == ErrorKind::kCancelled) return error;
  const std::string& text = error.message();
  if (text.find("Could not set lock") != std::string::npos) {
    return MakeError("SRC-320", ErrorKind::kEnvironment, "{}: another process writes to {}: {}", what_, shown_, text)
        .WithRetry(Retry::kSafe)
        .WithHint("run again when it has closed the file: a DuckDB file has one writer, or readers");
  }
  return MakeError("SRC-321", ErrorKind::kData, "{}: {} cannot be read: {}", what_, shown_, text)
      .WithHint(
          "is it a DuckDB file, and written by a version that the engine reads (`leat version`)? Where not: EXPORT "
          "DATABASE with its own version, IMPORT DATABASE with the engine's");
}

}  // namespace leat::components::duckdb
