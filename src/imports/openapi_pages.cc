#include "imports/openapi_pages.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "config/scalar.h"
#include "imports/draft.h"

namespace leat::imports {
namespace {

using config::Node;
using Kind = ApiShape::Kind;
using Names = std::span<const std::string_view>;

// Bare names (BareName), the surest first.
constexpr std::string_view kPage[] = {"page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage", "p"};
constexpr std::string_view kOffset[] = {"offset", "pageoffset", "skip", "startat", "startindex", "start"};
constexpr std::string_view kSize[] = {"perpage", "pagesize",    "limit",          "pagelimit",    "size", "maxresults",
                                      "top",     "maxpagesize", "resultsperpage", "itemsperpage", "count"};
constexpr std::string_view kCursor[] = {"cursor",       "pagecursor",    "pagetoken", "nexttoken", "continuationtoken",
                                        "continuation", "nextpagetoken", "after",     "pageafter", "marker",
                                        "token"};
constexpr std::string_view kNextCursor[] = {"nextcursor",   "nextpagetoken", "nexttoken",  "continuationtoken",
                                            "continuation", "endcursor",     "nextmarker", "cursornext",
                                            "next",         "cursor",        "after"};
constexpr std::string_view kNextUrl[] = {"nexturl",  "nextlink", "odatanextlink", "nextpageurl",
                                         "nexthref", "nexturi",  "nextpagelink"};
constexpr std::string_view kPages[] = {"totalpages", "pagecount", "numpages", "pages", "lastpage", "pagestotal"};
constexpr std::string_view kTotal[] = {"totalcount",   "total",      "totalresults", "totalelements",
                                       "totalrecords", "totalitems", "totalrows"};
constexpr std::string_view kMore[] = {"hasmore", "hasnext", "hasnextpage", "morerecords", "more"};
constexpr std::string_view kChanged[] = {"updated", "modified", "changed"};
constexpr std::string_view kFrom[] = {"since", "after", "from", "gte"};
constexpr std::string_view kUpdated[] = {"updatedat", "modifiedat",  "changedat",  "lastmodified",
                                         "updatedon", "modifiedon",  "updated",    "lastmodifiedat",
                                         "modified",  "updatedtime", "lastupdated"};

constexpr size_t kLevels = 3;
constexpr int64_t kMostRows = 1000;  ///< that an answer is asked for where no greatest number is said

const ApiParam* FindParam(const std::vector<ApiParam>& params, Names names) {
  for (const std::string_view name : names) {
    for (const ApiParam& param : params) {
      if (param.in == "query" && BareName(param.name) == name) return &param;
    }
  }
  return nullptr;
}

const ApiMember* FindMember(const std::vector<ApiMember>& members, Names names, bool (*fits)(const ApiMember&)) {
  for (const std::string_view name : names) {
    for (const ApiMember& member : members) {
      if (BareName(member.name) == name && fits(member)) return &member;
    }
  }
  return nullptr;
}

bool IsText(const ApiMember& member) {
  const bool none = member.shape.type.empty() || member.shape.type == "string" || member.shape.type == "integer";
  return none && (member.shape.kind == Kind::kScalar || member.shape.kind == Kind::kUnknown);
}
bool IsNumber(const ApiMember& member) { return member.shape.type == "integer" || member.shape.type == "number"; }
bool IsYesOrNo(const ApiMember& member) { return member.shape.type == "boolean"; }
bool IsAddressText(const ApiMember& member) {
  return IsText(member) && (member.shape.format.starts_with("uri") || member.shape.format == "url");
}
/// `next` among links; or of the format of addresses.
bool IsNextAddress(const ApiMember& member) {
  const std::string parent = BareName(member.parent);
  return IsAddressText(member) || (IsText(member) && (parent == "links" || parent == "link"));
}

std::optional<int64_t> Whole(const OpenApiDocument& document, const ApiParam& param, const char* key) {
  const Node* value = document.Find(param.schema, key);
  return value == nullptr || !value->is_scalar() ? std::nullopt : config::ParseInteger(value->scalar);
}

/// Takes together what becomes `pagination:`.
class Pages {
 public:
  Pages(const OpenApiDocument& document, const std::vector<ApiParam>& params) : document_(document), params_(params) {}

  void Set(const std::string& key, const std::string& text) { members_.emplace_back(key, TextNode(text)); }
  void SetNumber(const std::string& key, int64_t number) {
    members_.emplace_back(key, WordNode(std::to_string(number)));
  }
  void Use(const std::string& param) { used_.insert(param); }

  /// The parameter of how many rows an answer has: as many as it allows.
  void Size() {
    const ApiParam* size = FindParam(params_, kSize);
    if (size == nullptr) return;
    const auto most = Whole(document_, *size, "maximum");
    const auto usual = Whole(document_, *size, "default");
    const int64_t rows = most ? std::min(*most, kMostRows) : usual ? *usual : 100;
    if (rows <= 0) return;
    Set("size_param", size->name);
    SetNumber("size", rows);
    Use(size->name);
    reason_ += "; " + std::to_string(rows) + " rows are " +
               (most && *most <= kMostRows ? "the most that `" + size->name + "` allows"
                : usual && !most           ? "what `" + size->name + "` is by default"
                                           : "asked for with `" + size->name + "`");
  }

  ApiPages Done(const std::string& reason) { return {MapNode(members_), reason + reason_, used_}; }

 private:
  const OpenApiDocument& document_;
  const std::vector<ApiParam>& params_;
  std::vector<std::pair<std::string, Node>> members_;
  std::set<std::string> used_;
  std::string reason_;
};

}  // namespace

ApiPages FindPages(const OpenApiDocument& document, const std::vector<ApiParam>& params, const Node* answer,
                   bool link) {
  std::vector<ApiMember> members = document.Members(answer, kLevels);
  std::erase_if(members, [](const ApiMember& one) { return one.shape.kind == Kind::kList; });
  Pages pages(document, params);
  const ApiParam* cursor = FindParam(params, kCursor);
  const ApiMember* next_cursor =
      FindMember(members, kNextCursor, [](const ApiMember& one) { return IsText(one) && !IsNextAddress(one); });
  const ApiMember* more = FindMember(members, kMore, IsYesOrNo);
  if (cursor != nullptr && next_cursor != nullptr) {
    pages.Set("type", "cursor");
    pages.Set("param", cursor->name);
    pages.Set("next", next_cursor->path);
    if (more != nullptr) pages.Set("more", more->path);
    pages.Use(cursor->name);
    pages.Size();
    return pages.Done("parameter `" + cursor->name + "`, and " + next_cursor->path + " in the answer");
  }
  const ApiMember* next_url = FindMember(members, kNextUrl, IsText);
  constexpr std::array<std::string_view, 2> kNext = {"next", "nextpage"};
  if (next_url == nullptr) next_url = FindMember(members, kNext, IsNextAddress);
  if (next_url == nullptr) {  // _links: { next: { href } }
    for (const ApiMember& member : members) {
      if (BareName(member.name) == "href" && BareName(member.parent) == "next" && IsText(member)) next_url = &member;
    }
  }
  if (next_url != nullptr || link) {
    pages.Set("type", next_url != nullptr ? "next_url" : "link");
    if (next_url != nullptr) pages.Set("next", next_url->path);
    pages.Size();
    for (const auto names : {Names(kPage), Names(kOffset), Names(kCursor)}) {
      if (const ApiParam* param = FindParam(params, names)) pages.Use(param->name);
    }
    return pages.Done(next_url != nullptr ? next_url->path + " is the address of the next answer"
                                          : std::string("the answer has the header Link"));
  }
  const ApiParam* page = FindParam(params, kPage);
  const ApiParam* number = page != nullptr ? page : FindParam(params, kOffset);
  if (number == nullptr) return {};
  const ApiMember* total = FindMember(members, page != nullptr ? Names(kPages) : Names(kTotal), IsNumber);
  pages.Set("type", page != nullptr ? "page" : "offset");
  pages.Set("param", number->name);
  const auto first = Whole(document, *number, "default");
  const auto least = Whole(document, *number, "minimum");
  const int64_t usual = page != nullptr ? 1 : 0;
  const int64_t start = first ? *first : page != nullptr && least ? *least : usual;
  if (start != usual && start >= 0) pages.SetNumber("start", start);
  if (total != nullptr) pages.Set("total", total->path);
  else if (more != nullptr) pages.Set("more", more->path);
  pages.Use(number->name);
  pages.Size();
  return pages.Done("parameter `" + number->name + "`" +
                    (total != nullptr  ? ", and " + total->path + " tells how many there are"
                     : more != nullptr ? ", and " + more->path + " tells when it was the last"
                                       : "; it ends with the first answer that has fewer rows"));
}

std::optional<ApiSince> FindSince(const std::vector<ApiParam>& params, const ApiShape& row) {
  const auto has = [](const std::string& text, Names words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
  };
  for (const std::string_view wanted : kUpdated) {
    for (const auto& [member, schema] : row.members) {
      if (BareName(member) != wanted) continue;
      for (const ApiParam& param : params) {
        const std::string name = BareName(param.name);
        if (param.in != "query" || !has(name, kChanged) || !has(name, kFrom)) continue;
        const Node* format = param.schema == nullptr ? nullptr : param.schema->Find("format");
        const Node* type = param.schema == nullptr ? nullptr : param.schema->Find("type");
        const std::string of_time = format != nullptr && format->scalar == "date"        ? "date"
                                    : format != nullptr && format->scalar == "date-time" ? "iso"
                                    : type != nullptr && type->scalar == "integer"       ? "unix"
                                                                                         : "";
        return ApiSince{param.name, member, of_time};
      }
    }
  }
  return std::nullopt;
}

}  // namespace leat::imports
