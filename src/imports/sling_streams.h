#pragma once

#include <map>
#include <string>

#include "imports/import.h"
#include "imports/load_choice.h"

namespace leat::imports {

/// The streams of a Sling replication, read with the defaults and the values of `env` that hold for them. A stream is the value of a
/// member of `streams`: a map, or null for a table with all defaults.
class SlingStreams {
 public:
  using Member = config::Node::Member;

  SlingStreams(const config::Node& root, Report& report) : root_(root), report_(report) {}

  /// Reads `env` and `defaults`. APP-211: the defaults are no map.
  Status Read();

  /// {name} of `env` replaced; what only a run of Sling knows stays.
  std::string Expanded(const std::string& text) const;
  /// A key of a stream: its own, else that of the defaults; or nullptr.
  const Member* Get(const config::Node& stream, const std::string& key) const;
  /// A member of a stream's `source_options` or `target_options`: each is looked for by itself.
  const Member* Option(const config::Node& stream, const std::string& group, const std::string& key) const;
  /// Get's text, expanded; "" for none.
  std::string Text(const config::Node& stream, const std::string& key) const;
  /// Notes the options of a stream and of the defaults.
  void NoteOptions(const config::Node& stream, bool files);

  /// What a stream does to its table: mode and keys. False: nothing that Leat does; a note says why.
  bool Wish(const config::Node& stream, const SourceSpan& place, LoadWish& wish);
  /// Writes mode, keys and what becomes of deleted rows.
  void SetLoadOf(const config::Node& stream, const SourceSpan& place, const LoadWish& wish, TableDraft& table);
  /// Writes what streams of tables and of files have in common: description, tags, columns, new columns.
  void SetCommon(const config::Node& stream, TableDraft& table);
  /// `object`'s table part with the stream's names put in; "" where only a run of Sling knows it.
  std::string ObjectName(const config::Node& stream, const std::string& schema, const std::string& table);

 private:
  void ReadEnv();
  void SetDeleted(const Member& member, const LoadWish& wish, TableDraft& table);
  void SetColumns(const Member& columns, TableDraft& table);

  const config::Node& root_;
  Report& report_;
  const config::Node* defaults_ = nullptr;
  std::map<std::string, std::string> variables_;
};

/// A name without its quotes, and its part behind the last dot.
std::string Unquoted(std::string text);
std::string LastPart(const std::string& name);

}  // namespace leat::imports
