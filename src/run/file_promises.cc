#include "run/file_promises.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/log.h"
#include "io/digest.h"
#include "io/file_system.h"
#include "io/s3/sign.h"
#include "run/folder_state.h"

namespace leat::run {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int kShown = 5;
constexpr const char* kContent = ".expect.content";

const component::ExpectedFile* PromiseOf(const StepContext& context, const component::InputFile& file) {
  const auto found = context.step.folder->promises.find(file.origin);
  return found == context.step.folder->promises.end() ? nullptr : &found->second;
}

CheckResult Result(const StepContext& context, const std::string& name, int64_t failures, int64_t total,
                   const std::string& observed, const std::string& good) {
  CheckResult check;
  check.check_id = context.asset.id + name;
  check.when = "write";
  check.on_fail = context.step.folder->blocks ? "block" : "warn";
  check.status = failures == 0 ? "pass" : context.step.folder->blocks ? "fail" : "warn";
  check.failures = failures;
  check.total = total;
  check.observed = observed;
  check.message = failures == 0 ? good : observed;
  if (failures > 0) Log(LogLevel::kWarn, "files_not_as_promised", {{"asset", context.asset.id}, {"what", observed}});
  return check;
}

leat::Result<std::string> HexDigest(const component::InputFile& file, io::Digest digest) {
  std::ifstream in(io::LocalPath(file.path), std::ios::binary);
  std::string piece(kPieceBytes, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    digest.Add(std::string_view(piece).substr(0, static_cast<size_t>(in.gcount())));
  }
  if (!in.eof()) {
    return MakeError("SRC-203", ErrorKind::kPermission, "cannot read {}: {}", file.origin, std::strerror(errno))
        .WithHint("grant access to it");
  }
  return io::s3::Hex(digest.Finish());
}

}  // namespace

leat::Result<std::optional<CheckResult>> CheckPromisedContent(const StepContext& context) {
  int64_t total = 0, failures = 0;
  std::string observed;
  for (const component::InputFile& file : context.step.files) {
    const component::ExpectedFile* promise = context.step.folder ? PromiseOf(context, file) : nullptr;
    if (promise == nullptr || promise->digest.empty()) continue;
    if (context.cancel != nullptr) LEAT_TRY(context.cancel->Check());
    std::optional<io::Digest> digest = io::Digest::Of(promise->digest);
    if (!digest.has_value()) {
      return MakeError("SRC-390", ErrorKind::kEnvironment, "{}: this machine allows no {}", file.origin,
                       promise->digest)
          .WithHint("have the manifest give sha256");
    }
    ++total;
    LEAT_ASSIGN(const std::string hex, HexDigest(file, std::move(*digest)));
    if (hex == promise->digest_hex) continue;
    if (++failures <= kShown) {
      observed += fmt::format("{}{} has the {} {}, and its manifest says {}", observed.empty() ? "" : "; ", file.origin,
                              promise->digest, hex, promise->digest_hex);
    }
  }
  if (total == 0) return std::optional<CheckResult>();
  if (failures > kShown) observed += fmt::format("; and {} more", failures - kShown);
  return std::optional<CheckResult>(
      Result(context, kContent, failures, total, observed, "the files have the content that their manifests say"));
}

std::optional<CheckResult> CheckPromisedRows(const StepContext& context, int64_t rows_in) {
  if (!context.step.folder) return std::nullopt;
  int64_t promised = 0;
  size_t files = 0;
  for (const component::InputFile& file : context.step.files) {
    const component::ExpectedFile* promise = PromiseOf(context, file);
    if (promise == nullptr || !promise->rows) continue;
    promised += *promise->rows;
    ++files;
  }
  if (files == 0) return std::nullopt;
  const bool all = files == context.step.files.size();
  const bool good = all ? rows_in == promised : rows_in >= promised;
  const std::string observed =
      good ? ""
           : fmt::format("{} rows came out of {} files{}, and the manifests say {} rows{}", rows_in,
                         context.step.files.size(), files == 1 ? " (" + context.step.files.front().origin + ")" : "",
                         promised, all ? "" : fmt::format(" of {} of them alone", files));
  return Result(context, ".expect.rows", good ? 0 : 1, 1, observed, "as many rows came as the manifests say");
}

Error BrokenPromise(const project::Asset& asset, const CheckResult& check) {
  const bool content = check.check_id.ends_with(kContent);
  return MakeError(content ? "SRC-390" : "SRC-391", ErrorKind::kData, "table {}: {}", asset.table.ToString(),
                   check.observed)
      .At(asset.table_values.Where("expect"))
      .WithHint("have the files or the manifest sent again; to load them as they are: `on_fail: warn` of `expect:`");
}

}  // namespace leat::run
