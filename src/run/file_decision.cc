#include "run/file_decision.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace leat::run {
namespace {

using component::InputFile;
using component::ListedFile;
using component::OnChange;

}  // namespace

Status FileDecider::Hash(InputFile& file) {
  if (!file.content_hash.empty()) return Ok();
  LEAT_ASSIGN(file.content_hash, source_.HashContent(file));
  return Ok();
}

Status FileDecider::Look(std::vector<ListedFile> piece) {
  if (!begun_ && rules_.full && ledger_ != nullptr) {
    LEAT_ASSIGN(newest_run_, ledger_->NewestRun());
  }
  begun_ = true;
  decision_.listed += piece.size();
  std::vector<DoneFile> done;
  if (ledger_ != nullptr && !(rules_.full && newest_run_.empty())) {
    std::vector<std::string> origins;
    origins.reserve(piece.size());
    for (const ListedFile& listed : piece) origins.push_back(listed.file.origin);
    LEAT_ASSIGN(done, ledger_->Find(origins, newest_run_));
  }
  // Of one file the newest version last.
  std::sort(done.begin(), done.end(), [](const DoneFile& a, const DoneFile& b) {
    return std::tie(a.origin, a.published) < std::tie(b.origin, b.published);
  });
  for (ListedFile& listed : piece) {
    const InputFile& file = listed.file;
    const auto first =
        std::lower_bound(done.begin(), done.end(), file.origin,
                         [](const DoneFile& known, const std::string& origin) { return known.origin < origin; });
    if (rules_.full && listed.waiting.empty()) decision_.all.push_back(file);
    LEAT_TRY(LookAtOne(std::move(listed), done, static_cast<size_t>(first - done.begin())));
  }
  return Ok();
}

Status FileDecider::LookAtOne(ListedFile listed, const std::vector<DoneFile>& done, size_t begin) {
  InputFile& file = listed.file;
  size_t end = begin;
  while (end < done.size() && done[end].origin == file.origin) ++end;
  if (begin == end) {
    if (!listed.waiting.empty()) {
      decision_.waiting.push_back(std::move(listed));
      return Ok();
    }
    ++decision_.added;
    decision_.pending.push_back(std::move(file));
    return Ok();
  }
  ++still_there_;
  const bool replaces = rules_.on_change == OnChange::kReplace;
  // What replaces a file's rows has those of its newest version only: an older one that came back is a change.
  if (replaces) begin = end - 1;
  for (size_t i = begin; i < end; ++i) {
    if (done[i].size_bytes == file.size_bytes && done[i].modified_ns == file.modified_ns &&
        done[i].identity == file.identity) {
      ++decision_.unchanged;
      return Ok();
    }
  }
  if (!listed.waiting.empty()) {
    decision_.waiting.push_back(std::move(listed));
    return Ok();
  }
  LEAT_TRY(Hash(file));
  for (size_t i = begin; i < end; ++i) {
    if (done[i].content_hash != file.content_hash) continue;
    ++decision_.unchanged;
    decision_.touched.push_back(std::move(file));
    return Ok();
  }
  if (rules_.on_change == OnChange::kFail) {
    return MakeError("RUN-541", ErrorKind::kData,
                     "table {}: {} changed since run {} loaded it: it had {} bytes then and has {} now", rules_.table,
                     file.origin, done[end - 1].run_id, done[end - 1].size_bytes, file.size_bytes)
        .WithHint("put the file back as it was, or say what shall become of its rows: on_change: append or replace");
  }
  ++decision_.changed;
  decision_.changed_origins.insert(file.origin);
  if (replaces) decision_.replaced.push_back(file.origin);
  decision_.pending.push_back(std::move(file));
  return Ok();
}

Status FileDecider::HashThoseAlike() {
  std::map<int64_t, size_t> sizes;
  std::set<int64_t> asked;
  for (const InputFile& file : decision_.pending) {
    ++sizes[file.size_bytes];
    asked.insert(file.size_bytes);
  }
  std::set<int64_t> known;
  if (ledger_ != nullptr) {
    LEAT_ASSIGN(known, ledger_->FindSizes(asked));
  }
  for (InputFile& file : decision_.pending) {
    if (sizes[file.size_bytes] > 1 || known.contains(file.size_bytes)) LEAT_TRY(Hash(file));
  }
  return Ok();
}

Status FileDecider::LeaveNewest(std::vector<DoneFile>& done) {
  std::vector<std::string> asked;
  asked.reserve(done.size());
  for (const DoneFile& file : done) asked.push_back(file.origin);
  LEAT_ASSIGN(const std::vector<DoneFile> versions, ledger_->Find(asked));
  std::map<std::string, const DoneFile*> newest;
  for (const DoneFile& version : versions) {
    const DoneFile*& known = newest[version.origin];
    if (known == nullptr || known->published < version.published) known = &version;
  }
  std::erase_if(done, [&](const DoneFile& file) { return newest.at(file.origin)->content_hash != file.content_hash; });
  return Ok();
}

Status FileDecider::FindDuplicates() {
  LEAT_TRY(HashThoseAlike());
  std::vector<InputFile> hashed;
  for (const InputFile& file : decision_.pending) {
    if (!file.content_hash.empty()) hashed.push_back(file);
  }
  // By content: who brought it. A file without bytes brings none.
  std::map<std::string, DuplicateFile> brought;
  const std::set<std::string> replaced(decision_.replaced.begin(), decision_.replaced.end());
  if (ledger_ != nullptr) {
    LEAT_ASSIGN(std::vector<DoneFile> done, ledger_->FindContent(hashed));
    if (rules_.on_change == OnChange::kReplace) LEAT_TRY(LeaveNewest(done));
    for (const DoneFile& file : done) {
      if (replaced.contains(file.origin)) continue;
      brought.emplace(file.content_hash, DuplicateFile{{}, file.origin, file.run_id});
    }
  }
  for (const InputFile& file : decision_.pending) {
    if (replaced.contains(file.origin)) brought.emplace(file.content_hash, DuplicateFile{{}, file.origin, ""});
  }
  std::vector<InputFile> pending;
  for (InputFile& file : decision_.pending) {
    const bool comparable = !file.content_hash.empty() && file.size_bytes > 0 && !replaced.contains(file.origin);
    if (!comparable) {
      pending.push_back(std::move(file));
      continue;
    }
    const auto [other, first] = brought.emplace(file.content_hash, DuplicateFile{{}, file.origin, ""});
    if (first) {
      pending.push_back(std::move(file));
      continue;
    }
    if (rules_.fail_duplicates) {
      return MakeError("RUN-541", ErrorKind::kData, "table {}: {} has the content of {}{}", rules_.table, file.origin,
                       other->second.of,
                       other->second.run_id.empty() ? "" : ", which run " + other->second.run_id + " loaded")
          .WithHint("take one of the two away, or say `on_duplicate: skip` or `load`");
    }
    --(decision_.changed_origins.contains(file.origin) ? decision_.changed : decision_.added);
    DuplicateFile& duplicate = decision_.duplicates.emplace_back(other->second);
    duplicate.file = std::move(file);
    // Content that only this run brings is noted once it is there.
    if (!duplicate.run_id.empty()) decision_.touched.push_back(duplicate.file);
  }
  decision_.pending = std::move(pending);
  return Ok();
}

Result<FileDecision> FileDecider::Finish() {
  if (!begun_) LEAT_TRY(Look({}));
  if (rules_.full && !newest_run_.empty()) {
    LEAT_ASSIGN(const int64_t before, ledger_->CountFilesOf(newest_run_));
    decision_.gone = static_cast<size_t>(std::max<int64_t>(0, before - static_cast<int64_t>(still_there_)));
  }
  const auto by_origin = [](const InputFile& a, const InputFile& b) { return a.origin < b.origin; };
  for (auto* files : {&decision_.pending, &decision_.touched, &decision_.all}) {
    std::sort(files->begin(), files->end(), by_origin);
  }
  std::sort(decision_.waiting.begin(), decision_.waiting.end(),
            [&](const ListedFile& a, const ListedFile& b) { return by_origin(a.file, b.file); });
  if (rules_.skip_duplicates || rules_.fail_duplicates) LEAT_TRY(FindDuplicates());
  return std::move(decision_);
}

}  // namespace leat::run
