#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "base/nearest.h"
#include "project/project.h"
#include "project/reader.h"

namespace leat::project {
namespace {

using Ids = std::set<std::string>;

// '*' and '?' as in file names, without case.
bool Matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool MatchesName(const std::string& pattern, const std::string& name) {
  return Matches(LowerName(pattern), LowerName(name));
}

std::string_view MaterialisationWord(const Asset& asset) {
  if (asset.kind == AssetKind::kSourceTable) return "source";
  if (asset.materialised == Materialisation::kView) return "view";
  return asset.materialised == Materialisation::kIncremental ? "incremental" : "table";
}

// One selector taken apart: "2+tag:x+1", "@name".
struct Term {
  std::string method;  ///< "" is a name
  std::string value;
  int up = 0, down = 0;
  bool at = false;
};

constexpr int kAll = std::numeric_limits<int>::max();

int Depth(std::string_view digits) {
  if (digits.empty()) return kAll;
  int depth = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), depth);
  return error == std::errc() && end == digits.data() + digits.size() ? depth : -1;
}

Term ParseTerm(std::string text) {
  Term term;
  if (!text.empty() && text.front() == '@') {
    term.at = true;
    text.erase(0, 1);
  }
  if (const size_t plus = text.find('+');
      plus != std::string::npos && Depth(std::string_view(text).substr(0, plus)) >= 0) {
    term.up = Depth(std::string_view(text).substr(0, plus));
    text.erase(0, plus + 1);
  }
  if (const size_t plus = text.rfind('+');
      plus != std::string::npos && Depth(std::string_view(text).substr(plus + 1)) >= 0) {
    term.down = Depth(std::string_view(text).substr(plus + 1));
    text.erase(plus);
  }
  const size_t colon = text.find(':');
  if (colon != std::string::npos) {
    term.method = text.substr(0, colon);
    text.erase(0, colon + 1);
  }
  term.value = text;
  return term;
}

class Selector {
 public:
  explicit Selector(const Project& project) : project_(project) {
    for (const Asset& asset : project.assets) {
      for (const std::string& on : asset.depends_on) children_[on].push_back(asset.id);
    }
  }

  Result<Ids> Union(const std::string& selector) {
    Ids all;
    bool first = true;
    size_t at = 0;
    while (at <= selector.size()) {
      const size_t comma = std::min(selector.find(',', at), selector.size());
      LEAT_ASSIGN(Ids ids, One(selector.substr(at, comma - at)));
      if (first) {
        all = std::move(ids);
      } else {
        Ids both;
        std::set_intersection(all.begin(), all.end(), ids.begin(), ids.end(), std::inserter(both, both.end()));
        all = std::move(both);
      }
      first = false;
      at = comma + 1;
    }
    return all;
  }

 private:
  Result<Ids> One(const std::string& text) {
    const Term term = ParseTerm(text);
    static const std::vector<std::string> kMethods = {
        "", "source", "tag", "path", "file", "zone", "config.materialized", "resource_type", "model", "fqn"};
    if (std::find(kMethods.begin(), kMethods.end(), term.method) == kMethods.end()) {
      const std::string near = DidYouMean(term.method, kMethods);
      return MakeError("PROJ-302", ErrorKind::kUsage, "unknown selection method '{}:'", term.method)
          .WithHint((near.empty() ? "" : near + "\n") +
                    "methods: source, tag, path, file, zone, config.materialized, resource_type");
    }
    Ids found;
    for (const Asset& asset : project_.assets) {
      if (Matches(term, asset)) found.insert(asset.id);
    }
    if (found.empty()) return Nothing(term, text);
    Ids all = found;
    for (const std::string& id : found) {
      Walk(id, term.up, true, all);
      Walk(id, term.at ? kAll : term.down, false, all);
    }
    if (term.at) {
      // dbt's @: everything below, and all that this needs.
      for (const std::string& id : Ids(all)) Walk(id, kAll, true, all);
    }
    return all;
  }

  static bool Matches(const Term& term, const Asset& asset) {
    const std::string& v = term.value;
    if (term.method == "source") {
      if (asset.kind == AssetKind::kModel) return false;
      return MatchesName(v, asset.source_name) || MatchesName(v, asset.source_name + "." + asset.name);
    }
    if (term.method == "tag") {
      return std::any_of(asset.tags.begin(), asset.tags.end(), [&](const auto& tag) { return MatchesName(v, tag); });
    }
    if (term.method == "path") {
      std::string folder = v.substr(0, 2) == "./" ? v.substr(2) : v;
      while (!folder.empty() && folder.back() == '/') folder.pop_back();
      const bool below = asset.path.size() > folder.size() && asset.path.compare(0, folder.size(), folder) == 0 &&
                         asset.path[folder.size()] == '/';
      return asset.path == folder || below || MatchesName(folder, asset.path);
    }
    if (term.method == "file") {
      const size_t slash = asset.path.rfind('/');
      return MatchesName(v, slash == std::string::npos ? asset.path : asset.path.substr(slash + 1));
    }
    if (term.method == "zone") return MatchesName(v, asset.zone);
    if (term.method == "config.materialized") return MatchesName(v, std::string(MaterialisationWord(asset)));
    if (term.method == "resource_type") {
      return MatchesName(v, asset.kind == AssetKind::kModel        ? "model"
                            : asset.kind == AssetKind::kStructured ? "structured"
                                                                   : "source");
    }
    const bool by_name = asset.kind == AssetKind::kModel && MatchesName(v, asset.name);
    return by_name || MatchesName(v, asset.id) || MatchesName(v, asset.table.ToString());
  }

  void Walk(const std::string& id, int depth, bool up, Ids& all) const {
    if (depth <= 0) return;
    const Asset* asset = project_.Find(id);
    const auto below = children_.find(id);
    static const std::vector<std::string> kNone;
    const auto& next =
        up ? (asset == nullptr ? kNone : asset->depends_on) : (below == children_.end() ? kNone : below->second);
    for (const std::string& other : next) {
      const bool is_new = all.insert(other).second;
      // With a bounded depth a known asset may still have unknown ones behind it.
      if (is_new || depth != kAll) Walk(other, depth == kAll ? kAll : depth - 1, up, all);
      else if (visited_.insert(fmt::format("{}{}>{}", up ? '+' : '-', id, other)).second) Walk(other, depth, up, all);
    }
  }

  Error Nothing(const Term& term, const std::string& text) const {
    std::vector<std::string> names;
    for (const Asset& asset : project_.assets) {
      if (term.method == "tag") {
        names.insert(names.end(), asset.tags.begin(), asset.tags.end());
      } else if (term.method == "source") {
        if (!asset.source_name.empty()) names.push_back(asset.source_name);
      } else if (term.method == "path" || term.method == "file") {
        names.push_back(asset.path);
      } else {
        names.push_back(asset.name);
        names.push_back(asset.table.ToString());
      }
    }
    std::string hint = DidYouMean(term.value, names);
    for (const Asset& asset : project_.assets) {
      if (term.method.empty() && asset.kind == AssetKind::kSourceTable &&
          LowerName(asset.name) == LowerName(term.value)) {
        hint = fmt::format("source tables are selected with source:{}.{}", asset.source_name, asset.name);
      }
    }
    return MakeError("PROJ-301", ErrorKind::kUsage, "nothing is selected by '{}'", text)
        .WithHint(hint.empty() ? "`leat ls` lists what can be selected" : hint);
  }

  const Project& project_;
  std::map<std::string, std::vector<std::string>> children_;
  mutable std::set<std::string> visited_;
};

}  // namespace

Result<std::vector<std::string>> Select(const Project& project, const std::vector<std::string>& selectors) {
  Ids chosen;
  Selector selector(project);
  for (const std::string& text : selectors) {
    // Several selectors may stand in one argument, as in dbt: "a b".
    size_t at = 0;
    while (at < text.size()) {
      const size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) {
        LEAT_ASSIGN(const Ids ids, selector.Union(text.substr(at, end - at)));
        chosen.insert(ids.begin(), ids.end());
      }
      at = end + 1;
    }
  }
  std::vector<std::string> ordered;
  for (const Asset& asset : project.assets) {
    if (selectors.empty() || chosen.count(asset.id) > 0) ordered.push_back(asset.id);
  }
  if (ordered.empty() && !selectors.empty()) {
    return MakeError("PROJ-301", ErrorKind::kUsage, "nothing is selected")
        .WithHint("`leat ls` lists what can be selected");
  }
  return ordered;
}

}  // namespace leat::project
