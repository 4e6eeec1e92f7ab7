#include <filesystem>

#include "base/log.h"
#include "component/file_place.h"
#include "component/file_policy.h"
#include "component/input_files.h"
#include "run/file_clean_up.h"
#include "run/folder_state.h"
#include "run/walk.h"

namespace leat::run {

Result<bool> Walk::LockFolder(const project::Asset& asset) {
  const component::FilePolicy policy = component::ReadFilePolicy(asset.connection_values, asset.table_values);
  if (asset.source == nullptr || !asset.source->source.files || policy.lock.empty()) return false;
  const std::string path = component::FolderLockPath(asset.connection_values, asset.table_values, project_.root);
  const std::lock_guard lock(folders_mutex_);
  if (folder_locks_.contains(path)) return true;
  LEAT_ASSIGN(std::unique_ptr<FolderLock> taken,
              FolderLock::Take(path, component::OriginOf(path, project_.root),
                               "leat " + project_.settings.name + " run " + result_.run_id, policy.lock_timeout));
  folder_locks_.emplace(path, std::move(taken));
  return true;
}

void Walk::CleanUpFolders() {
  if (options_.plan.target == "main" && !cancel_->cancelled()) {
    for (const PlanStep& step : planned_) {
      const project::Asset* asset = project_.Find(step.asset);
      if (asset == nullptr || asset->source == nullptr || !asset->source->source.files) continue;
      const component::FilePolicy policy = component::ReadFilePolicy(asset->connection_values, asset->table_values);
      if (policy.after_load == component::AfterLoad::kKeep || !CheckAfterLoad(project_, *asset).ok()) continue;
      if (step.folder != nullptr && !step.folder->locked.empty()) continue;  // the step says so
      const std::string path = asset->connection_values.Text("path");
      std::error_code none;
      if (!component::IsPlaced(path) &&
          !std::filesystem::is_directory(component::BelowProject(project_.root, path), none))
        continue;
      Result<CleanedUp> done = [&]() -> Result<CleanedUp> {
        LEAT_TRY(LockFolder(*asset));
        return CleanUpFolder(lakehouse_, project_, *asset, cancel_, BudgetUser{result_.run_id, asset->id});
      }();
      const std::string text =
          done.ok() ? done->ToText(policy.move_to) : "its folder is not cleaned up: " + done.error().message();
      if (text.empty()) continue;
      const bool whole = done.ok() && done->left == 0;
      Log(whole ? LogLevel::kInfo : LogLevel::kWarn, "folder_cleaned_up", {{"asset", asset->id}, {"what", text}});
      for (StepResult& result : result_.steps) {
        if (result.asset == asset->id) result.reason += (result.reason.empty() ? "" : "; ") + text;
      }
    }
  }
  const std::lock_guard lock(folders_mutex_);
  folder_locks_.clear();
}

}  // namespace leat::run
