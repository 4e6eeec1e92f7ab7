#include "imports/report.h"

#include <algorithm>

#include "base/nearest.h"
#include "imports/python_literal.h"

namespace leat::imports {

using config::Node;

namespace {

/// A map or a list with parts of its own.
bool HasParts(const Node& node) {
  return (!node.members.empty() || !node.items.empty()) && PythonExpression(node) == nullptr &&
         PythonReference(node) == nullptr;
}

}  // namespace

const char* VerdictWord(Verdict verdict) {
  return verdict == Verdict::kTaken ? "taken" : verdict == Verdict::kChanged ? "changed" : "not_possible";
}

void Report::Add(const SourceSpan& key, Verdict verdict, const std::string& text) {
  const auto [at, is_new] = said_.try_emplace(Place{key.file, key.line, key.column}, Said{verdict, text});
  if (is_new || at->second.text == text) return;
  if (at->second.verdict < verdict) at->second = {verdict, text};
  // A default that holds for several tables may become something else in each.
  else if (at->second.verdict == verdict && at->second.text.find(text) == std::string::npos) {
    at->second.text += "; " + text;
  }
}

void Report::Taken(const SourceSpan& key, const std::string& text) { Add(key, Verdict::kTaken, text); }
void Report::Changed(const SourceSpan& key, const std::string& text) { Add(key, Verdict::kChanged, text); }
void Report::Impossible(const SourceSpan& key, const std::string& text) { Add(key, Verdict::kImpossible, text); }

bool Report::Keys(const Node& map, const SourceSpan& place, std::span<const KeyMeaning> meanings,
                  const std::string& of_what) {
  if (map.is_null()) return false;
  if (!map.is_map()) {
    Impossible(place, of_what + " is a map of keys and values; this is something else, and nothing of it was taken");
    return false;
  }
  for (const Node::Member& member : map.members) {
    const auto found = std::find_if(meanings.begin(), meanings.end(),
                                    [&](const KeyMeaning& meaning) { return member.key == meaning.key; });
    if (found != meanings.end()) {
      if (found->text[0] != '\0') Add(member.key_span, found->verdict, found->text);
      continue;
    }
    std::vector<std::string> names;
    for (const KeyMeaning& meaning : meanings) names.emplace_back(meaning.key);
    const std::string near = DidYouMean(member.key, names);
    Impossible(member.key_span, "no key of " + of_what + (near.empty() ? "" : "; " + near));
  }
  return true;
}

void Report::Cover(const Node& map, Verdict verdict, const std::string& text) {
  for (const Node::Member& member : map.members) {
    const SourceSpan& key = member.key_span;
    said_.try_emplace(Place{key.file, key.line, key.column}, Said{verdict, text});
  }
}

bool Report::Tell(const SourceSpan& key, const std::string& path) {
  const auto said = said_.find(Place{key.file, key.line, key.column});
  if (said == said_.end()) return false;
  notes_.push_back({key, path, said->second.verdict, said->second.text});
  return true;
}

void Report::Walk(const Node& node, const std::string& path, bool covered) {
  for (const Node::Member& member : node.members) {
    const std::string name = path.empty() ? member.key : path + "." + member.key;
    const bool said = Tell(member.key_span, name);
    const bool inner = HasParts(member.value);
    if (!said && !covered && !inner) {
      notes_.push_back({member.key_span, name, Verdict::kImpossible, "not known here: nothing was made of it"});
    }
    if (inner) Walk(member.value, name, covered || said);
  }
  for (size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const std::string name = path + "[" + std::to_string(i) + "]";
    if (HasParts(item)) {
      Walk(item, name, covered);
    } else if (!Tell(item.span, name) && !covered) {
      notes_.push_back({item.span, name, Verdict::kImpossible, "not known here: nothing was made of it"});
    }
  }
}

void Report::Finish(const Node& root, const std::string& path) {
  Walk(root, path, false);
  std::stable_sort(notes_.begin(), notes_.end(), [](const Note& a, const Note& b) {
    return std::tie(a.where.file, a.where.line, a.where.column) < std::tie(b.where.file, b.where.line, b.where.column);
  });
  // An alias shows the same place twice.
  notes_.erase(std::unique(notes_.begin(), notes_.end(),
                           [](const Note& a, const Note& b) {
                             return a.where.file == b.where.file && a.where.line == b.where.line &&
                                    a.where.column == b.where.column;
                           }),
               notes_.end());
}

void Report::Overrule(const SourceSpan& key, const std::string& text) {
  for (Note& note : notes_) {
    if (note.where.file != key.file || note.where.line != key.line || note.where.column != key.column) continue;
    note.verdict = Verdict::kImpossible;
    note.text = text;
  }
}

size_t Report::Count(Verdict verdict) const {
  return static_cast<size_t>(
      std::count_if(notes_.begin(), notes_.end(), [&](const Note& note) { return note.verdict == verdict; }));
}

}  // namespace leat::imports
