#include "components/source/http/answer_text.h"

#include <algorithm>
#include <array>

#include "base/lower.h"
#include "data/text_bytes.h"
#include "io/unpack.h"

namespace leat::components::http {
namespace {

bool SaysNothing(const std::string& type) {
  constexpr std::array<std::string_view, 9> kOpaque{"",
                                                    "application/octet-stream",
                                                    "binary/octet-stream",
                                                    "application/gzip",
                                                    "application/x-gzip",
                                                    "application/zip",
                                                    "application/zstd",
                                                    "application/x-bzip2",
                                                    "application/x-xz"};
  return std::find(kOpaque.begin(), kOpaque.end(), type) != kOpaque.end();
}

/// The content type that the name at the end of an address stands for, "" none.
std::string TypeByName(const std::string& url) {
  std::string name = Lower(url.substr(0, url.find_first_of("?#")));
  for (const char* packed : {".gz", ".zst", ".bz2", ".xz", ".zip"}) {
    if (name.ends_with(packed)) name.resize(name.rfind('.'));
  }
  if (name.ends_with(".csv")) return "text/csv";
  if (name.ends_with(".tsv")) return "text/tab-separated-values";
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return "application/x-ndjson";
  return "";
}

}  // namespace

Status MakeText(const Resource& resource, ApiAnswer& answer) {
  const std::string what = "the answer of " + answer.url;
  if (io::PackingOf(answer.body) != io::Packing::kNone) {
    LEAT_ASSIGN(answer.body, io::UnpackBytes(answer.body, what, kLongestAnswer));
  }
  if (SaysNothing(answer.content_type)) answer.content_type = TypeByName(answer.url);
  if (resource.format == "xml") return Ok();
  const bool wide = answer.body.starts_with("\xFF\xFE") || answer.body.starts_with("\xFE\xFF");
  const std::string encoding = !resource.encoding.empty() ? resource.encoding : wide ? "utf-16" : answer.charset;
  if (!io::IsUtf8(encoding)) {
    LEAT_ASSIGN(answer.body, io::ToUtf8(answer.body, encoding, what));
  }
  if (answer.body.starts_with("\xEF\xBB\xBF")) answer.body.erase(0, 3);
  const size_t bad = data::FindNotUtf8(answer.body);
  if (bad == std::string::npos) return Ok();
  const size_t from = bad < 20 ? 0 : bad - 20;
  return MakeError("SRC-255", ErrorKind::kData, "{} is not UTF-8: byte {}, in: {}", what, bad + 1,
                   data::ReadableText(std::string_view(answer.body).substr(from, 60)))
      .WithHint("say what it is: `encoding: latin-1`, `windows-1252`, …");
}

}  // namespace leat::components::http
