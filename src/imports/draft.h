#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/tree.h"

namespace leat::imports {

config::Node TextNode(std::string text);
/// A number, true or false, as it is written.
config::Node WordNode(std::string text);
config::Node ListNode(const std::vector<std::string>& texts);
config::Node MapNode(const std::vector<std::pair<std::string, config::Node>>& members);

/// One line of a file of ours, with the reason beside it ("" none).
struct DraftMember {
  std::string key;
  config::Node value;
  std::string reason;
};

/// Members of a table, a source file or a connection, in the order in which they are written.
struct DraftMembers : std::vector<DraftMember> {
  using std::vector<DraftMember>::vector;
  void Set(const std::string& key, config::Node value, std::string reason = "");
  void Set(const std::string& key, const std::string& text, std::string reason = "");
  const config::Node* Find(const std::string& key) const;
};

struct TableDraft {
  DraftMembers members;            ///< `name` first
  std::vector<std::string> notes;  ///< what somebody should look at, as comments
  SourceSpan where;                ///< of the other tool's key that it comes from
};

struct SourceDraft {
  std::string name;
  std::string connection;
  std::vector<TableDraft> tables;
  std::vector<std::string> notes;  ///< what was left out, as comments at the end

  /// A name that no table of it has: `wanted`, else with _2, _3 ….
  std::string FreeName(const std::string& wanted) const;
};

struct ConnectionDraft {
  std::string name;
  std::string type;
  DraftMembers members;  ///< besides `type`
};

/// The text of sources/<name>.yml. `header`: what the first comment says, where it comes from.
std::string DraftSourceYaml(const SourceDraft& source, const std::string& header);
/// The connection's entry below `connections:`, indented by two.
std::string DraftConnectionYaml(const ConnectionDraft& connection);

/// `connections.yml` with the drafts added behind what it has ("" for a file that is not there). An entry is only added where the file still
/// means what it did, which is read again. APP-209: the file's form does not let one be added.
Result<std::string> AddConnections(const std::string& file_text, const std::vector<ConnectionDraft>& drafts);

/// A name of letters, digits and _ made of any text: "MY-PG" is my_pg.
std::string PlainNameOf(const std::string& text);

/// The same of a table: letters keep their case.
std::string EntryNameOf(const std::string& text);

/// Texts that are not to be written: each becomes ${secret:NAME}, and the name is remembered.
class SecretNames {
 public:
  /// A reference for the secret that `hint` names ("shop password"); another value under that name gets another one.
  std::string Reference(const std::string& hint, const std::string& value);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> values_;
};

}  // namespace leat::imports
