#include "run/file_clean_up.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/fault.h"
#include "component/dated_files.h"
#include "component/file_listing.h"
#include "component/file_place.h"
#include "component/file_policy.h"
#include "component/input_files.h"
#include "io/file_system.h"
#include "io/hash.h"
#include "run/file_ledger.h"

namespace leat::run {
namespace {

namespace fs = std::filesystem;
using component::AfterLoad;
using component::InputFile;

/// Names of files that were taken aside begin so; no wildcard of a listing takes a name with a dot in front.
constexpr const char* kAside = ".leat-taken.";
constexpr const char* kAsidePattern = ".leat-take[n].";
constexpr int kMostNames = 10'000;  // that are tried for a file

fs::path AsideOf(const fs::path& path) { return path.parent_path() / (kAside + path.filename().string()); }

/// Renames, never onto something. Network file systems that cannot do so in one step get a second name first.
bool RenameNew(const fs::path& from, const fs::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return link(from.c_str(), to.c_str()) == 0 && unlink(from.c_str()) == 0;
}

/// `path`, or where something lies there already "<stem>~2<ending>" and so on.
fs::path NameNumber(const fs::path& path, int number) {
  if (number == 1) return path;
  return path.parent_path() / fmt::format("{}~{}{}", path.stem().string(), number, path.extension().string());
}

/// Absolute path of a folder of the project, without a slash behind it.
std::string FolderBelow(const project::Project& project, const std::string& path) {
  std::string folder = component::BelowProject(project.root, path);
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

/// Where a file of `folder` goes below `move_to`, when no other of its name lies there.
fs::path MovedPath(const std::string& move_to, const std::string& folder, const fs::path& path) {
  const fs::path below = path.lexically_relative(folder);
  return fs::path(move_to) / (below.empty() || *below.begin() == ".." ? path.filename() : below);
}

class Cleaner {
 public:
  Cleaner(Lakehouse& lakehouse, const project::Project& project, const project::Asset& asset, const CancelToken* cancel)
      : lakehouse_(lakehouse),
        project_(project),
        asset_(asset),
        cancel_(cancel),
        policy_(component::ReadFilePolicy(asset.connection_values, asset.table_values)),
        folder_(FolderBelow(project, asset.connection_values.Text("path"))),
        move_to_(policy_.move_to.empty() ? "" : FolderBelow(project, policy_.move_to)) {}

  Result<CleanedUp> Run() {
    lake::View main;
    main.ref = "main";
    main.commit = INT64_MAX;
    LEAT_ASSIGN(reach_, ReachOf(*lakehouse_.store, main));
    LEAT_TRY(FindOthers());
    LEAT_TRY(SeeToThoseAside());
    LEAT_TRY(component::EachInputFile(Patterns(""), project_.root, asset_.table.ToString(),
                                      [this](const std::vector<component::ListedFile>& piece) { return Look(piece); }));
    return std::move(done_);
  }

 private:
  component::FilePatterns Patterns(const std::string& prefix) const {
    component::FilePatterns patterns{folder_, {}, policy_, 0};
    patterns.policy.settle = {};
    patterns.policy.done_file.clear();
    if (!prefix.empty()) patterns.policy.ignore.clear();
    patterns.leave_out = move_to_;
    for (const std::string& text : asset_.table_values.TextList("files")) {
      const fs::path path(text);
      patterns.patterns.push_back(prefix.empty() ? text
                                                 : (path.parent_path() / (prefix + path.filename().string())).string());
    }
    return patterns;
  }

  /// Tables that may want the same files.
  Status FindOthers() {
    for (const project::Asset& other : project_.assets) {
      if (other.kind != project::AssetKind::kSourceTable || !other.source->source.files || other.id == asset_.id)
        continue;
      LEAT_ASSIGN(component::DatedFiles files,
                  component::DatedFiles::Make(other.connection_values, other.table_values, project_.root));
      others_.emplace_back(&other, std::move(files));
    }
    return Ok();
  }

  FileLedger LedgerOf(const project::Asset& asset) const {
    return FileLedger(*lakehouse_.store, asset.id.substr(std::string_view("source.").size()), reach_);
  }

  /// The rows of the ledger, by file: of a table, for those files that it has as they lie there.
  Result<std::map<std::string, DoneFile>> DoneOf(const project::Asset& asset,
                                                 const std::vector<InputFile>& files) const {
    std::vector<std::string> origins;
    std::map<std::string, const InputFile*> lying;
    for (const InputFile& file : files) {
      origins.push_back(file.origin);
      lying[file.origin] = &file;
    }
    std::map<std::string, DoneFile> found;
    if (files.empty()) return found;
    LEAT_ASSIGN(const std::vector<DoneFile> done, LedgerOf(asset).Find(origins));
    for (const DoneFile& known : done) {
      const InputFile& file = *lying[known.origin];
      if (known.size_bytes == file.size_bytes && known.modified_ns == file.modified_ns &&
          known.identity == file.identity)
        found[known.origin] = known;
    }
    return found;
  }

  Status Look(const std::vector<component::ListedFile>& piece) {
    std::vector<InputFile> files;
    files.reserve(piece.size());
    for (const component::ListedFile& listed : piece) files.push_back(listed.file);
    LEAT_ASSIGN(const auto done, DoneOf(asset_, files));
    std::erase_if(files, [&done = done](const InputFile& file) { return !done.contains(file.origin); });
    std::map<std::string, std::string> needed;  // why files stay
    for (const auto& [other, patterns] : others_) {
      std::vector<InputFile> wanted;
      for (const InputFile& file : files) {
        if (patterns.Takes(file.origin)) wanted.push_back(file);
      }
      LEAT_ASSIGN(const auto read, DoneOf(*other, wanted));
      for (const InputFile& file : wanted) {
        if (other->reads_all_files()) needed[file.origin] = other->table.ToString() + " reads it each time";
        else if (!read.contains(file.origin)) needed[file.origin] = other->table.ToString() + " has not loaded it yet";
      }
    }
    for (const InputFile& file : files) {
      if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
      if (const auto why = needed.find(file.origin); why != needed.end()) {
        Left(file.origin, why->second);
        continue;
      }
      LEAT_ASSIGN(const bool kept, IsKept(done.at(file.origin)));
      if (kept) LEAT_TRY(TakeAside(file));
      else Left(file.origin, "no copy of it is kept");
    }
    return Ok();
  }

  /// A file that would be deleted lies in the landing folder too, it or the one whose content it has.
  Result<bool> IsKept(const DoneFile& file) const {
    if (policy_.after_load != AfterLoad::kDelete || file.size_bytes == 0) return true;
    const fs::path landing = component::BelowProject(project_.root, io::LocalPath(project_.settings.landing));
    const auto lies_there = [&](const DoneFile& one) {
      std::error_code none;
      return !one.archived_as.empty() &&
             fs::file_size(landing / one.archived_as, none) == static_cast<uintmax_t>(file.size_bytes);
    };
    if (lies_there(file)) return true;
    InputFile content;
    content.size_bytes = file.size_bytes;
    content.content_hash = file.content_hash;
    LEAT_ASSIGN(const std::vector<DoneFile> same, LedgerOf(asset_).FindContent({content}));
    return std::any_of(same.begin(), same.end(), lies_there);
  }

  Status TakeAside(const InputFile& file) {
    const fs::path path(file.path);
    struct stat link {};
    if (lstat(path.c_str(), &link) == 0 && !S_ISREG(link.st_mode)) {
      Left(file.origin, "it is a link");
      return Ok();
    }
    const fs::path aside = AsideOf(path);
    if (!RenameNew(path, aside)) {
      if (errno != ENOENT) Left(file.origin, std::strerror(errno));
      return Ok();
    }
    LEAT_FAULT_POINT("files.aside");
    LEAT_ASSIGN(std::vector<InputFile> now, component::DescribeFile(aside.string(), file.origin));
    if (now.empty()) return Ok();  // another process saw to it
    if (now[0].size_bytes != file.size_bytes || now[0].modified_ns != file.modified_ns ||
        now[0].identity != file.identity) {
      PutBack(aside, path, file.origin);
      return Ok();
    }
    return Finish(aside, path, file.origin);
  }

  /// What an earlier process took aside and did not see to the end.
  Status SeeToThoseAside() {
    std::vector<InputFile> aside;
    LEAT_TRY(component::EachInputFile(Patterns(kAsidePattern), project_.root, asset_.table.ToString(),
                                      [&](const std::vector<component::ListedFile>& piece) -> Status {
                                        for (const component::ListedFile& one : piece) aside.push_back(one.file);
                                        return Ok();
                                      }));
    for (InputFile& file : aside) {
      const fs::path taken(file.path);
      const fs::path path = taken.parent_path() / taken.filename().string().substr(std::string_view(kAside).size());
      file.origin = component::OriginOf(path.string(), project_.root);
      LEAT_ASSIGN(const auto done, DoneOf(asset_, {file}));
      if (done.empty()) PutBack(taken, path, file.origin);
      else LEAT_TRY(Finish(taken, path, file.origin));
    }
    return Ok();
  }

  /// Under its name, or, where the next file of that name came meanwhile, under one beside it.
  void PutBack(const fs::path& aside, const fs::path& path, const std::string& origin) {
    for (int number = 1; number < kMostNames; ++number) {
      const fs::path back = NameNumber(path, number);
      if (RenameNew(aside, back)) {
        return Left(origin, "it changed since it was loaded" +
                                (number == 1 ? "" : ", and lies as " + back.filename().string()));
      }
      if (errno == ENOENT) return;  // another process saw to it
      if (errno != EEXIST) break;
    }
    Left(origin, fmt::format("it lies as {}: {}", aside.string(), std::strerror(errno)));
  }

  Status Finish(const fs::path& aside, const fs::path& path, const std::string& origin) {
    FinishMarker(path);
    if (policy_.after_load != AfterLoad::kDelete) return Move(aside, path, origin);
    if (unlink(aside.c_str()) == 0) ++done_.deleted;
    else if (errno != ENOENT) Left(origin, std::strerror(errno));
    return Ok();
  }

  /// The marker goes first, unless somebody put the next file of that name there.
  void FinishMarker(const fs::path& path) const {
    std::error_code none;
    if (policy_.done_file.empty() || fs::exists(path, none)) return;
    unlink(component::MarkerPath(policy_.done_file, path.string()).c_str());
  }

  Status Move(const fs::path& aside, const fs::path& path, const std::string& origin) {
    const fs::path target = MovedPath(move_to_, folder_, path);
    std::error_code failure;
    fs::create_directories(target.parent_path(), failure);
    if (failure) {
      Left(origin, failure.message());
      return Ok();
    }
    fs::path from = aside;
    for (int number = 1; number < kMostNames; ++number) {
      const fs::path to = NameNumber(target, number);
      if (RenameNew(from, to)) {
        if (from != aside) unlink(aside.c_str());
        ++done_.moved;
        return Ok();
      }
      if (errno == ENOENT) return Ok();
      if (errno == EXDEV && from == aside) {
        from = target.parent_path() / (kAside + target.filename().string());
        LEAT_TRY(CopyDurably(aside, from));
        --number;
      } else if (errno != EEXIST) {
        break;
      }
    }
    Left(origin, std::strerror(errno));
    return Ok();
  }

  Status CopyDurably(const fs::path& from, const fs::path& to) {
    std::error_code failure;
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, failure);
    if (failure) {
      return MakeError("IO-313", ErrorKind::kEnvironment, "cannot copy {} to {}: {}", from.string(), to.string(),
                       failure.message())
          .WithHint("make room or grant access there, or change `move_to:`");
    }
    return lakehouse_.files->Sync({io::FileUri(to.string())});
  }

  void Left(const std::string& origin, const std::string& why) {
    if (done_.left++ == 0) done_.first_left = origin + ": " + why;
  }

  Lakehouse& lakehouse_;
  const project::Project& project_;
  const project::Asset& asset_;
  const CancelToken* const cancel_;
  const component::FilePolicy policy_;
  const std::string folder_;
  const std::string move_to_;
  Reach reach_;
  std::vector<std::pair<const project::Asset*, component::DatedFiles>> others_;
  CleanedUp done_;
};

}  // namespace

std::string CleanedUp::ToText(const std::string& move_to) const {
  std::string text;
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  const auto count = [](size_t n) { return fmt::format("{} {}", n, n == 1 ? "file" : "files"); };
  if (moved > 0) add(fmt::format("{} moved to {}", count(moved), move_to));
  if (deleted > 0) add(fmt::format("{} deleted", count(deleted)));
  if (left > 0) add(fmt::format("{} left ({})", count(left), first_left));
  return text;
}

Status CheckAfterLoad(const project::Project& project, const project::Asset& asset) {
  const component::FilePolicy policy = component::ReadFilePolicy(asset.connection_values, asset.table_values);
  if (policy.after_load == AfterLoad::kKeep && policy.lock.empty()) return Ok();
  const std::string path = asset.connection_values.Text("path");
  if (component::IsPlaced(path)) {
    const std::string field = policy.lock.empty() ? "after_load" : "lock";
    const config::Values& own = asset.table_values.Has(field) ? asset.table_values : asset.connection_values;
    return MakeError("RUN-551", ErrorKind::kConfig,
                     "table {}: `{}` goes with folders of this machine; its files are at {}", asset.table.ToString(),
                     field, path)
        .At(own.Where(field))
        .WithHint("leave it out: a file that was loaded is not read again, and the store can end it by its own rules");
  }
  if (policy.after_load == AfterLoad::kKeep) return Ok();
  const config::Values& given = asset.table_values.Has("after_load") ? asset.table_values : asset.connection_values;
  const auto wrong = [&](const std::string& why, const std::string& hint) {
    return MakeError("RUN-551", ErrorKind::kConfig, "table {}: after_load: {} {}", asset.table.ToString(),
                     policy.after_load == AfterLoad::kMove ? "move" : "delete", why)
        .At(given.Where("after_load"))
        .WithHint(hint);
  };
  if (asset.reads_all_files())
    return wrong(fmt::format("does not go with mode {}, which reads all files each time", asset.mode),
                 "load it with mode append, or keep the files");
  if (policy.after_load == AfterLoad::kMove && policy.move_to.empty())
    return wrong("needs a folder", "say where the files go: move_to: inbound/done");
  if (policy.after_load == AfterLoad::kMove &&
      FolderBelow(project, policy.move_to) == FolderBelow(project, asset.connection_values.Text("path")))
    return wrong("moves files to where they are", "name another folder: move_to: inbound/done");
  if (policy.after_load == AfterLoad::kDelete && !project.settings.archive)
    return wrong("leaves nothing of the files: the project keeps no copies (archive: false)",
                 "keep copies (archive: true), or move the files: after_load: move");
  return Ok();
}

Result<CleanedUp> CleanUpFolder(Lakehouse& lakehouse, const project::Project& project, const project::Asset& asset,
                                const CancelToken* cancel) {
  return Cleaner(lakehouse, project, asset, cancel).Run();
}

Result<std::string> FindMoved(const project::Project& project, const project::Asset& asset, const std::string& origin,
                              int64_t size_bytes, const std::string& content_hash) {
  const component::FilePolicy policy = component::ReadFilePolicy(asset.connection_values, asset.table_values);
  if (policy.after_load != AfterLoad::kMove || policy.move_to.empty()) return std::string();
  const fs::path target =
      MovedPath(FolderBelow(project, policy.move_to), FolderBelow(project, asset.connection_values.Text("path")),
                component::BelowProject(project.root, origin));
  for (int number = 1; number < kMostNames; ++number) {
    const std::string path = NameNumber(target, number).string();
    LEAT_ASSIGN(const std::vector<InputFile> found, component::DescribeFile(path, origin));
    if (found.empty()) break;
    if (found[0].size_bytes != size_bytes) continue;
    LEAT_ASSIGN(const std::string hash, io::HashFile(path));
    if (hash == content_hash) return path;
  }
  return std::string();
}

}  // namespace leat::run
