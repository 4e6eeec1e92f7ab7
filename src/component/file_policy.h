#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/field.h"

namespace leat::component {

/// What happens to a file that has the content of one that was loaded under another name.
enum class OnDuplicate { kByMode, kSkip, kLoad, kFail };
/// What happens to the rows of a file whose content changed since it was loaded (mode append).
enum class OnChange { kAppend, kReplace, kFail };
/// What becomes of a file once its rows are published on main.
enum class AfterLoad { kKeep, kMove, kDelete };

/// Which files of a table are taken, and when: options of its connection, each of which the table may set itself.
struct FilePolicy {
  std::vector<std::string> ignore;      ///< patterns of names that no wildcard takes
  std::chrono::microseconds settle{0};  ///< how long a file must have been left alone
  std::string done_file;                ///< name of the marker beside a file that is complete, "" none
  OnDuplicate on_duplicate = OnDuplicate::kByMode;
  OnChange on_change = OnChange::kAppend;
  AfterLoad after_load = AfterLoad::kKeep;
  std::string move_to;  ///< as typed
  std::string lock;     ///< name of the lock in the folder, "" none
  std::chrono::microseconds lock_timeout{0};
};

std::vector<config::FieldSpec> FilePolicyFields();
/// Of sources without these fields: the defaults.
FilePolicy ReadFilePolicy(const config::Values& connection, const config::Values& table);

/// Path of the lock of the folder that a table is read from.
std::string FolderLockPath(const config::Values& connection, const config::Values& table,
                           const std::string& project_root);

/// Path of the marker of the file `path` ("{name}.ok": beside it, with its name; "{stem}": without its ending).
std::string MarkerPath(const std::string& done_file, const std::string& path);
/// The names that markers have, as a pattern: '*.ok'.
std::string MarkerPattern(const std::string& done_file);

}  // namespace leat::component
