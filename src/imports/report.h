#pragma once

#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "config/tree.h"

namespace leat::imports {

/// What became of a key of another tool's file.
enum class Verdict {
  kTaken,       ///< means the same here
  kChanged,     ///< means something else here: the text says what
  kImpossible,  ///< has no counterpart: the text says why, and what to write by hand
};

/// "taken", "changed", "not_possible".
const char* VerdictWord(Verdict verdict);

/// One key of the input.
struct Note {
  SourceSpan where;
  std::string key;  ///< its path: "streams.public.orders.mode"
  Verdict verdict = Verdict::kTaken;
  std::string text;
};

/// What a key of another tool means here, as data. An empty text: its reader says what became of it.
struct KeyMeaning {
  const char* key;
  Verdict verdict = Verdict::kTaken;
  const char* text = "";
};

/// Accounts for every key of the files that are imported. A note holds for the key's value too, but for parts of it that have notes of
/// their own. Of several notes about one place the worst counts. Not thread-safe.
class Report {
 public:
  void Taken(const SourceSpan& key, const std::string& text);
  void Changed(const SourceSpan& key, const std::string& text);
  void Impossible(const SourceSpan& key, const std::string& text);
  void Add(const SourceSpan& key, Verdict verdict, const std::string& text);

  /// Notes each member of `map` as the table says; one that it does not have is not possible, with the nearest names. `of_what`: "a
  /// Sling stream". False when `map` is something else than a map, which is noted at `place`.
  bool Keys(const config::Node& map, const SourceSpan& place, std::span<const KeyMeaning> meanings,
            const std::string& of_what);

  /// Notes what nothing was said about of a part that is left out as a whole, without its inner parts that have notes.
  void Cover(const config::Node& map, Verdict verdict, const std::string& text);

  /// Walks a whole file, or a part of one that stands at `path`: what nothing was said about is not possible, so that nothing is passed over in silence.
  void Finish(const config::Node& root, const std::string& path = "");

  /// After Finish: what was made of a key is not possible after all.
  void Overrule(const SourceSpan& key, const std::string& text);

  /// In order of place; `Finish` fills in the paths.
  const std::vector<Note>& notes() const { return notes_; }
  size_t Count(Verdict verdict) const;

 private:
  using Place = std::tuple<std::string, int, int>;
  struct Said {
    Verdict verdict = Verdict::kTaken;
    std::string text;
  };
  void Walk(const config::Node& node, const std::string& path, bool covered);
  bool Tell(const SourceSpan& key, const std::string& path);

  std::map<Place, Said> said_;
  std::vector<Note> notes_;
};

}  // namespace leat::imports
