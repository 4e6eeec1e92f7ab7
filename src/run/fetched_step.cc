#include "run/fetched_step.h"

#include <algorithm>
#include <filesystem>

#include "base/ids.h"
#include "component/file_place.h"

namespace leat::run {

Result<FetchedStep> FetchedStep::Of(Lakehouse& lakehouse, const project::Project& project, const PlanStep& step,
                                    CancelToken* cancel, BudgetUser user) {
  FetchedStep fetched(step);
  const bool here = std::none_of(step.files.begin(), step.files.end(),
                                 [](const component::InputFile& file) { return component::IsPlaced(file.path); });
  const project::Asset* asset = project.Find(step.asset);
  if (here || asset == nullptr) return fetched;
  const std::string spool = user.run_id + "-" + RandomHex(4);
  fetched.folder_ = io::LocalPath(io::JoinUri(io::JoinUri(lakehouse.private_folder(), "spool"), spool));
  LEAT_ASSIGN(const std::unique_ptr<component::Source> source,
              OpenSource(lakehouse, project, *asset, spool, cancel, std::move(user)));
  if (auto* fetcher = dynamic_cast<component::FileFetcher*>(source.get())) {
    LEAT_ASSIGN(fetched.step_.files, fetcher->Fetch(step.files));
  }
  return fetched;
}

FetchedStep::FetchedStep(FetchedStep&& other) noexcept
    : step_(std::move(other.step_)), folder_(std::exchange(other.folder_, "")) {}

FetchedStep::~FetchedStep() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace leat::run
