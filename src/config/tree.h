#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::config {

/// A YAML value with its place. Scalars keep their text and whether they were quoted; numbers and booleans are read by
/// the accessors. Maps keep the order of the file; duplicate keys were refused by the parser (CFG-102).
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Member;

  Kind kind = Kind::kNull;
  std::string scalar;
  bool quoted = false;
  std::vector<Node> items;
  std::vector<Member> members;
  SourceSpan span;

  const Node* Find(std::string_view key) const;
  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_null() const { return kind == Kind::kNull; }
};

struct Node::Member {
  std::string key;
  SourceSpan key_span;
  Node value;
};

/// Parses YAML (or JSON) text; `file` is used in spans. Limits: 10 MB, 64 levels, 1,000 aliases.
/// CFG-101 malformed, CFG-102 duplicate key (names both places), CFG-103 over a limit.
Result<Node> ParseYaml(std::string_view text, const std::string& file);
Result<Node> ReadYamlFile(const std::string& path, const std::string& shown_name);
/// The bytes of a project file. CFG-111: kNotFound (no such file) or kEnvironment (no access, a folder).
Result<std::string> ReadTextFile(const std::string& path, const std::string& shown_name);

/// Collects findings of a whole project; errors and warnings sorted by position when rendered.
struct Findings {
  std::vector<Error> errors;
  std::vector<Error> warnings;
  bool ok() const { return errors.empty(); }
  void Add(Error error) { errors.push_back(std::move(error)); }
  void Warn(Error error) { warnings.push_back(std::move(error)); }
  /// One Error that carries all errors (the first with the rest as `others`). Asserts when ok().
  Error ToError() const;
};

/// Renders an error for people: code and message, place, the line with a caret (tabs and wide characters right, long
/// lines cut), hint. Reads the file again for the line. `color`: ANSI colours.
std::string RenderError(const Error& error, const std::string& project_root, bool color);
/// The same for one warning.
std::string RenderWarning(const Error& warning, const std::string& project_root, bool color);
/// {"code", "kind", "message", "hint", "file", "line", "column", "length", "others"}.
std::string ErrorToJson(const Error& error);

}  // namespace leat::config
