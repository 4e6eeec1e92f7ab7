#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "data/xml.h"

namespace leat::data {

/// What of a document is a record, and how names are told apart.
struct XmlRecordRules {
  std::vector<std::string> path{};                ///< names from the root to the record; "*" is any
  std::map<std::string, std::string> prefixes{};  ///< namespace -> prefix: names in it are "prefix:name"
  std::set<std::string> lists{};                  ///< "tags", "lines/line": lists also where there is one
  bool trim = false;                              ///< space around texts is left out
  struct Outer {
    std::string column;
    size_t up = 1;          ///< 1: the element around the record
    std::string attribute;  ///< without the @
  };
  std::vector<Outer> outer{};  ///< attributes of elements around the record, as columns

  /// "/feed/items/item". SRC-331 kConfig: no path.
  static Result<std::vector<std::string>> ParsePath(const std::string& text);
  /// "../../@date" as the column `column`. SRC-331 kConfig.
  static Result<Outer> ParseOuter(const std::string& column, const std::string& text);
  std::string PathText() const;
};

/// One column of one record. docs/fidelity/xml.md has the mapping.
struct XmlCell {
  enum class Kind { kNull, kText, kJson };
  std::string name;
  Kind kind = Kind::kText;
  std::string text;
};

/// Gives the records of a document as it is read. Memory is that of one record.
class XmlRecords : private XmlEvents {
 public:
  static constexpr size_t kMostBytes = size_t{16} << 20;  ///< of one record
  struct Record {
    std::vector<XmlCell> cells;
    std::string clash;  ///< a name that two namespaces have in the record, which cannot be told apart; "" for none
  };
  using Take = std::function<void(const Record&)>;

  /// `encoding`: of XmlParser. `rules` and `take` must outlive it.
  XmlRecords(const XmlRecordRules& rules, const std::string& encoding, Take take);
  ~XmlRecords() override;

  /// As XmlParser has it.
  std::optional<XmlFault> Feed(std::string_view bytes, bool last) { return parser_.Feed(bytes, last); }
  /// That there was an element in which records could have stood.
  bool found_place() const { return found_place_; }
  /// Paths of the first elements of the document, for messages: "/feed, /feed/items".
  const std::string& seen_paths() const { return seen_text_; }

 private:
  struct Node;
  void Start(XmlParser& parser, const XmlName& name, const std::vector<XmlAttribute>& attributes) override;
  void End(XmlParser& parser) override;
  void Text(XmlParser& parser, std::string_view text) override;

  const std::string& Named(const XmlName& name);
  uint32_t NewNode();
  void NoteOuter(const std::string& name, const std::vector<XmlAttribute>& attributes);
  void Give();
  void PutChildren(const Node& node, const std::string& path, std::string* json);
  void PutAttributes(const Node& node, const std::string& before);
  std::string ValueJson(const Node& node, const std::string& path);
  std::string MembersJson(const Node& node, const std::string& path, bool attributes);
  std::string ContentJson(const Node& node, const std::string& path);
  std::string TextOf(const Node& node) const;
  bool IsLeaf(const Node& node) const;
  bool IsMixed(const Node& node) const;

  const XmlRecordRules& rules_;
  const Take take_;
  std::unordered_map<std::string, std::string> names_;  ///< namespace and local name -> the name here
  std::vector<Node> nodes_;                             ///< of the record; the first `used_` count
  size_t used_ = 0;
  size_t bytes_ = 0;
  std::vector<uint32_t> open_;  ///< elements of the record that are open
  struct OuterElement {
    std::string name;
    std::vector<std::pair<std::string, std::string>> attributes;
  };
  std::vector<OuterElement> outer_;  ///< elements around the record that are open
  size_t matched_ = 0;               ///< so many of them are what the path says
  bool found_place_ = false;
  std::set<std::string> seen_;
  std::string seen_text_;
  Record record_;
  XmlParser parser_;
};

}  // namespace leat::data
