#include "run/file_clean_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "base/fault.h"
#include "component/dated_files.h"
#include "component/file_listing.h"
#include "component/file_moves.h"
#include "component/file_place.h"
#include "component/file_policy.h"
#include "component/http_address.h"
#include "component/input_files.h"
#include "io/file_system.h"
#include "io/hash.h"
#include "run/file_ledger.h"
#include "run/folder_renamer.h"
#include "run/step.h"

namespace leat::run {
namespace {

namespace fs = std::filesystem;
using component::AfterLoad;
using component::InputFile;
using component::Moved;

/// Of files that were taken aside (folder_renamer.h); with a wildcard, so that none of them needs to be there.
constexpr const char* kAsidePattern = ".leat-take[n].";
constexpr int kMostNames = 10'000;  // that are tried for a file

/// `path`, or where something lies there already "<stem>~2<ending>" and so on.
std::string NameNumber(const std::string& path, int number) {
  if (number == 1) return path;
  const fs::path one(path);
  return (one.parent_path() / fmt::format("{}~{}{}", one.stem().string(), number, one.extension().string())).string();
}

/// Absolute path of a folder of the project, or an address as it is, without a slash behind it.
std::string FolderBelow(const project::Project& project, const std::string& path) {
  std::string folder = component::BelowProject(project.root, path);
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

/// Where a file of `folder` goes below `move_to`, when no other of its name lies there.
std::string MovedPath(const std::string& move_to, const std::string& folder, const fs::path& path) {
  const fs::path below = path.lexically_relative(folder);
  return (fs::path(move_to) / (below.empty() || *below.begin() == ".." ? path.filename() : below)).string();
}

class Cleaner {
 public:
  Cleaner(Lakehouse& lakehouse, const project::Project& project, const project::Asset& asset, CancelToken* cancel)
      : lakehouse_(lakehouse),
        project_(project),
        asset_(asset),
        cancel_(cancel),
        policy_(component::ReadFilePolicy(asset.connection_values, asset.table_values)),
        folder_(FolderBelow(project, asset.connection_values.Text("path"))),
        move_to_(policy_.move_to.empty() ? "" : FolderBelow(project, policy_.move_to)) {}

  Result<CleanedUp> Run(const BudgetUser& user) {
    lake::View main;
    main.ref = "main";
    main.commit = INT64_MAX;
    LEAT_ASSIGN(reach_, ReachOf(*lakehouse_.store, main));
    LEAT_TRY(FindOthers());
    LEAT_ASSIGN(const std::unique_ptr<component::Source> source,
                OpenSource(lakehouse_, project_, asset_, "clean-" + user.run_id, cancel_, user));
    if (auto* fetcher = dynamic_cast<component::FileFetcher*>(source.get())) {
      LEAT_ASSIGN(place_, fetcher->Place());
    }
    const std::unique_ptr<component::FileRenamer> here = MakeFolderRenamer(*lakehouse_.files);
    renamer_ = place_ == nullptr ? here.get() : place_->renamer();
    if (renamer_ != nullptr) LEAT_TRY(SeeToThoseAside());
    LEAT_TRY(EachFile("", [this](const std::vector<component::ListedFile>& piece) { return Look(piece); }));
    return std::move(done_);
  }

 private:
  /// The table's files, or those that were taken aside.
  Status EachFile(const std::string& prefix, const component::TakeFiles& take) {
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
    if (place_ != nullptr) return component::EachPlacedFile(*place_, patterns, asset_.table.ToString(), take);
    return component::EachInputFile(patterns, project_.root, asset_.table.ToString(), take);
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
      const DoneFile& known = done.at(file.origin);
      LEAT_ASSIGN(const bool kept, IsKept(known));
      if (!kept) Left(file.origin, "no copy of it is kept");
      else if (renamer_ != nullptr) LEAT_TRY(TakeAside(file));
      else LEAT_TRY(CopyAway(file, known.content_hash));
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

  /// What became of one file; nullopt: nothing can be done with it, it is `left`.
  Result<std::optional<Moved>> OfOne(const std::string& origin, const Result<Moved>& moved) {
    if (moved.ok()) return std::optional<Moved>(*moved);
    if (moved.error().kind() != ErrorKind::kPermission) return moved.error();
    Left(origin, moved.error().message());
    return std::optional<Moved>();
  }

  Status TakeAside(const InputFile& file) {
    LEAT_ASSIGN(const bool link, renamer_->IsLink(file.path));
    if (link) {
      Left(file.origin, "it is a link");
      return Ok();
    }
    const std::string aside = AsideOf(file.path);
    LEAT_ASSIGN(const std::optional<Moved> taken, OfOne(file.origin, renamer_->Rename(file.path, aside)));
    if (taken == Moved::kTaken) Left(file.origin, "something lies as " + aside);
    if (taken != Moved::kDone) return Ok();
    LEAT_FAULT_POINT("files.aside");
    LEAT_ASSIGN(const std::optional<InputFile> now, component::LookAtFile(place_, aside, file.origin));
    if (!now) return Ok();  // another process saw to it
    return component::SameState(*now, file) ? Finish(aside, file.path, file.origin)
                                            : PutBack(aside, file.path, file.origin);
  }

  /// What an earlier process took aside and did not see to the end.
  Status SeeToThoseAside() {
    std::vector<InputFile> aside;
    LEAT_TRY(EachFile(kAsidePattern, [&](const std::vector<component::ListedFile>& piece) -> Status {
      for (const component::ListedFile& one : piece) aside.push_back(one.file);
      return Ok();
    }));
    for (InputFile& file : aside) {
      const std::string path = AsideFrom(file.path);
      file.origin = component::OriginOf(path, project_.root);
      LEAT_ASSIGN(const auto done, DoneOf(asset_, {file}));
      LEAT_TRY(done.empty() ? PutBack(file.path, path, file.origin) : Finish(file.path, path, file.origin));
    }
    return Ok();
  }

  /// Under its name, or, where the next file of that name came meanwhile, under one beside it.
  Status PutBack(const std::string& aside, const std::string& path, const std::string& origin) {
    for (int number = 1; number < kMostNames; ++number) {
      const std::string back = NameNumber(path, number);
      LEAT_ASSIGN(const std::optional<Moved> moved, OfOne(origin, renamer_->Rename(aside, back)));
      if (moved == Moved::kTaken) continue;
      if (moved == Moved::kDone) {
        Left(origin, "it changed since it was loaded" +
                         (number == 1 ? "" : ", and lies as " + fs::path(back).filename().string()));
      }
      return Ok();  // or another process saw to it
    }
    Left(origin, "it lies as " + aside);
    return Ok();
  }

  Status Finish(const std::string& aside, const std::string& path, const std::string& origin) {
    LEAT_TRY(FinishMarker(path, origin));
    if (policy_.after_load != AfterLoad::kDelete) return Move(aside, path, origin);
    LEAT_ASSIGN(const std::optional<Moved> removed, OfOne(origin, renamer_->Remove(aside)));
    if (removed == Moved::kDone) ++done_.deleted;
    return Ok();
  }

  /// The marker goes first, unless somebody put the next file of that name there.
  Status FinishMarker(const std::string& path, const std::string& origin) {
    if (policy_.done_file.empty()) return Ok();
    LEAT_ASSIGN(const bool next, renamer_->Exists(path));
    if (!next) LEAT_TRY(OfOne(origin, renamer_->Remove(component::MarkerPath(policy_.done_file, path))));
    return Ok();
  }

  Status Move(const std::string& aside, const std::string& path, const std::string& origin) {
    const std::string target = MovedPath(move_to_, folder_, path);
    for (int number = 1; number < kMostNames; ++number) {
      LEAT_ASSIGN(const std::optional<Moved> moved,
                  OfOne(origin, renamer_->MoveFar(aside, NameNumber(target, number))));
      if (moved == Moved::kTaken) continue;
      if (moved == Moved::kDone) ++done_.moved;
      return Ok();
    }
    Left(origin, "all names are taken at " + target);
    return Ok();
  }

  /// Where files cannot be renamed: a copy first, then the file goes, if it is still the one that was copied.
  Status CopyAway(InputFile file, const std::string& content_hash) {
    component::FileCopier& copier = *place_->copier();
    file.content_hash = content_hash;
    const bool move = policy_.after_load == AfterLoad::kMove;
    const std::string target = move ? MovedPath(move_to_, folder_, file.path) : "";
    std::optional<Moved> copied = Moved::kDone;
    for (int number = 1; move && number < kMostNames; ++number) {
      LEAT_ASSIGN(copied, OfOne(file.origin, copier.Copy(file, NameNumber(target, number))));
      if (copied != Moved::kTaken) break;
    }
    LEAT_FAULT_POINT("files.aside");
    if (copied == Moved::kDone) {
      const std::string marker = policy_.done_file.empty() ? "" : component::MarkerPath(policy_.done_file, file.path);
      LEAT_ASSIGN(copied, OfOne(file.origin, copier.RemoveListed(file, marker)));
    }
    if (copied == Moved::kDone) ++(move ? done_.moved : done_.deleted);
    if (copied == Moved::kTaken) Left(file.origin, "all names are taken at " + target);
    if (copied == Moved::kChanged) Left(file.origin, "it changed since it was loaded");
    return Ok();
  }

  void Left(const std::string& origin, const std::string& why) {
    if (done_.left++ == 0) done_.first_left = origin + ": " + why;
  }

  Lakehouse& lakehouse_;
  const project::Project& project_;
  const project::Asset& asset_;
  CancelToken* const cancel_;
  const component::FilePolicy policy_;
  const std::string folder_;
  const std::string move_to_;
  component::FilePlace* place_ = nullptr;      ///< null: this machine
  component::FileRenamer* renamer_ = nullptr;  ///< null: files are copied and removed (`place_`)
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
  if (component::IsPlaced(path) && !policy.lock.empty()) {
    const config::Values& own = asset.table_values.Has("lock") ? asset.table_values : asset.connection_values;
    return MakeError("RUN-551", ErrorKind::kConfig,
                     "table {}: `lock` goes with folders of this machine; its files are at {}", asset.table.ToString(),
                     path)
        .At(own.Where("lock"))
        .WithHint("leave it out, and set `settle:` or `done_file:`, by which files are read once they are complete");
  }
  if (policy.after_load == AfterLoad::kKeep) return Ok();
  const config::Values& given = asset.table_values.Has("after_load") ? asset.table_values : asset.connection_values;
  const auto wrong = [&](const std::string& why, const std::string& hint) {
    return MakeError("RUN-551", ErrorKind::kConfig, "table {}: after_load: {} {}", asset.table.ToString(),
                     policy.after_load == AfterLoad::kMove ? "move" : "delete", why)
        .At(given.Where("after_load"))
        .WithHint(hint);
  };
  if (component::IsWeb(path))
    return wrong(
        fmt::format("has no way to the files of a web server ({}): they are read, and stay where they are", path),
        "leave it out: the ledger knows which files were loaded");
  if (asset.reads_all_files())
    return wrong(fmt::format("does not go with mode {}, which reads all files each time", asset.mode),
                 "load it with mode append, or keep the files");
  if (policy.after_load == AfterLoad::kMove && policy.move_to.empty())
    return wrong("needs a folder", "say where the files go: move_to: inbound/done");
  if (policy.after_load == AfterLoad::kMove && FolderBelow(project, policy.move_to) == FolderBelow(project, path))
    return wrong("moves files to where they are", "name another folder: move_to: inbound/done");
  if (policy.after_load == AfterLoad::kMove && !component::SamePlace(path, policy.move_to)) {
    return wrong(fmt::format("cannot bring files from {} to {}", path, policy.move_to),
                 component::IsPlaced(path)
                     ? "name a folder beside them: move_to: " + FolderBelow(project, path) + "/done"
                     : "name a folder of this machine: move_to: inbound/done");
  }
  if (policy.after_load == AfterLoad::kDelete && !project.settings.archive)
    return wrong("leaves nothing of the files: the project keeps no copies (archive: false)",
                 "keep copies (archive: true), or move the files: after_load: move");
  return Ok();
}

Result<CleanedUp> CleanUpFolder(Lakehouse& lakehouse, const project::Project& project, const project::Asset& asset,
                                CancelToken* cancel, const BudgetUser& user) {
  return Cleaner(lakehouse, project, asset, cancel).Run(user);
}

Result<std::optional<InputFile>> FindMoved(const project::Project& project, const project::Asset& asset,
                                           component::FileFetcher& fetcher, const InputFile& loaded) {
  const component::FilePolicy policy = component::ReadFilePolicy(asset.connection_values, asset.table_values);
  if (policy.after_load != AfterLoad::kMove || policy.move_to.empty()) return std::optional<InputFile>();
  LEAT_ASSIGN(component::FilePlace* const place, fetcher.Place());
  const std::string target =
      MovedPath(FolderBelow(project, policy.move_to), FolderBelow(project, asset.connection_values.Text("path")),
                component::BelowProject(project.root, loaded.origin));
  for (int number = 1; number < kMostNames; ++number) {
    const std::string path = NameNumber(target, number);
    LEAT_ASSIGN(std::optional<InputFile> found, component::LookAtFile(place, path, loaded.origin));
    if (!found) break;
    if (found->size_bytes != loaded.size_bytes) continue;
    LEAT_ASSIGN(found->content_hash, fetcher.HashContent(*found));
    if (found->content_hash == loaded.content_hash) return found;
  }
  return std::optional<InputFile>();
}

}  // namespace leat::run
