#include "config/tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <sstream>
#include <tuple>

#include "config/text.h"

namespace leat::config {
namespace {

constexpr size_t kMaxBytes = 10u << 20;
constexpr size_t kMaxDepth = 64;
constexpr size_t kMaxAliases = 1000;
constexpr size_t kMaxNodes = 200'000;  // aliases copy: without this, a few nested ones would fill the memory

// Leaves yaml-cpp's parser from inside an event.
struct Stop {
  Error error;
};

size_t CountNodes(const Node& node) {
  size_t count = 1;
  for (const Node& item : node.items) count += CountNodes(item);
  for (const Node::Member& member : node.members) count += CountNodes(member.value);
  return count;
}

size_t DepthOf(const Node& node) {
  size_t depth = 0;
  for (const Node& item : node.items) depth = std::max(depth, DepthOf(item));
  for (const Node::Member& member : node.members) depth = std::max(depth, DepthOf(member.value));
  return node.is_scalar() || node.is_null() ? 0 : depth + 1;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, std::string file) : lines_(text), file_(std::move(file)) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.span = Span(mark, 1);
    Value(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::kScalar;
    node.scalar = value;
    node.quoted = tag != "?";
    node.span = Span(mark, ScalarLength(mark, value));
    Value(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (++aliases_ > kMaxAliases) Refuse(mark, kMaxAliases, "aliases");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Stop{MakeError("CFG-101", ErrorKind::kConfig, "an alias stands inside its own anchor").At(Span(mark, 1))};
    }
    nodes_ += CountNodes(found->second);
    if (nodes_ > kMaxNodes) Refuse(mark, kMaxNodes, "values after aliases");
    if (stack_.size() + DepthOf(found->second) > kMaxDepth) Refuse(mark, kMaxDepth, "levels");
    Value(found->second, 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Node::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Node::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { Close(); }

  SourceSpan Span(const YAML::Mark& mark, int length) const {
    if (mark.is_null()) return {file_, 0, 0, 0};
    const std::string_view line = lines_.Line(mark.line + 1);
    const auto bytes = std::min(static_cast<size_t>(std::max(mark.column, 0)), line.size());
    return {file_, mark.line + 1, CountCharacters(line.substr(0, bytes)) + 1, length};
  }

  Node root;
  std::vector<Error> duplicates;

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    std::string key;
    SourceSpan key_span;
    std::vector<Node> merges;  // values of "<<"
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, size_t limit, std::string_view of_what) const {
    throw Stop{MakeError("CFG-103", ErrorKind::kConfig, "this file is over a limit: more than {} {}", limit, of_what)
                   .WithHint("split the file or write it more simply")
                   .At(Span(mark, 1))};
  }

  int ScalarLength(const YAML::Mark& mark, const std::string& value) const {
    std::string_view line = lines_.Line(mark.line + 1);
    const auto start = static_cast<size_t>(std::max(mark.column, 0));
    if (start >= line.size()) return 1;
    if (line[start] == '"' || line[start] == '\'') return QuotedLength(mark, line[start]);
    if (line.substr(start, value.size()) == value) return std::max(1, CountCharacters(value));
    return 1;
  }

  // Length on the first line. yaml-cpp takes a quote that never closes for one that ends with the file: refused here.
  int QuotedLength(const YAML::Mark& mark, char quote) const {
    for (int number = mark.line + 1; number <= lines_.count(); ++number) {
      const std::string_view line = lines_.Line(number);
      const auto start = number == mark.line + 1 ? static_cast<size_t>(mark.column) : 0;
      for (size_t i = number == mark.line + 1 ? start + 1 : 0; i < line.size(); ++i) {
        if (quote == '"' && line[i] == '\\') {
          ++i;
        } else if (line[i] == quote) {
          const bool doubled = quote == '\'' && i + 1 < line.size() && line[i + 1] == quote;
          if (!doubled) return number > mark.line + 1 ? 1 : CountCharacters(line.substr(start, i + 1 - start));
          ++i;
        }
      }
    }
    throw Stop{MakeError("CFG-101", ErrorKind::kConfig, "this quote is never closed")
                   .WithHint(fmt::format("end the text with {}", quote))
                   .At(Span(mark, 1))};
  }

  void Open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (stack_.size() >= kMaxDepth) Refuse(mark, kMaxDepth, "levels");
    Frame frame;
    frame.node.kind = kind;
    frame.node.span = Span(mark, 1);
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    for (const Node& merge : frame.merges) {
      for (const Node::Member& member : merge.members) {
        if (frame.node.Find(member.key) == nullptr) frame.node.members.push_back(member);
      }
    }
    Value(std::move(frame.node), frame.anchor);
  }

  void Value(Node node, YAML::anchor_t anchor) {
    if (++nodes_ > kMaxNodes) {
      throw Stop{MakeError("CFG-103", ErrorKind::kConfig, "this file is over a limit: more than {} values", kMaxNodes)
                     .At(node.span)};
    }
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      root = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.is_list()) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      TakeKey(frame, node);
    } else {
      TakeMember(frame, std::move(node));
    }
  }

  void TakeKey(Frame& frame, const Node& node) {
    if (!node.is_scalar()) {
      throw Stop{MakeError("CFG-101", ErrorKind::kConfig, "a key must be a simple word").At(node.span)};
    }
    frame.has_key = true;
    frame.key = node.scalar;
    frame.key_span = node.span;
  }

  void TakeMember(Frame& frame, Node node) {
    frame.has_key = false;
    if (frame.key == "<<") {
      TakeMerge(frame, node);
      return;
    }
    // An empty value has no place of its own: its key is where to look.
    if (node.is_null()) node.span = frame.key_span;
    for (const Node::Member& member : frame.node.members) {
      if (member.key != frame.key) continue;
      duplicates.push_back(MakeError("CFG-102", ErrorKind::kConfig, "key '{}' is given twice, first at {}:{}",
                                     frame.key, member.key_span.line, member.key_span.column)
                               .WithHint("keep one of the two")
                               .At(frame.key_span));
      return;
    }
    frame.node.members.push_back({frame.key, frame.key_span, std::move(node)});
  }

  void TakeMerge(Frame& frame, const Node& node) {
    std::vector<Node> merged;
    if (node.is_list()) merged = node.items;
    else merged = {node};
    for (const Node& map : merged) {
      if (!map.is_map()) {
        throw Stop{MakeError("CFG-101", ErrorKind::kConfig, "'<<' takes a map or a list of maps").At(frame.key_span)};
      }
      frame.merges.push_back(map);
    }
  }

  Lines lines_;
  std::string file_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  size_t aliases_ = 0;
  size_t nodes_ = 0;
};

// What yaml-cpp's message does not say: the usual reason.
std::string HintFor(std::string_view line, const std::string& message) {
  const size_t indent = line.find_first_not_of(" \t");
  if (line.substr(0, indent == std::string_view::npos ? line.size() : indent).find('\t') != std::string_view::npos) {
    return "indent with spaces: YAML takes no tabs";
  }
  if (message.find("map value") != std::string::npos) return "put quotes around text that contains ': '";
  return "check indentation, quotes and brackets on this line and the one before";
}

}  // namespace

const Node* Node::Find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Result<Node> ParseYaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return MakeError("CFG-103", ErrorKind::kConfig, "this file is over a limit: {} bytes, at most {} are read",
                     text.size(), kMaxBytes)
        .At({file, 0, 0, 0});
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (const auto bad = FindInvalidUtf8(text)) {
    const Lines lines(text);
    const auto [line, column] = lines.Position(*bad);
    return MakeError("CFG-101", ErrorKind::kConfig, "this file is not UTF-8 text")
        .WithHint("save it as UTF-8 without control characters")
        .At({file, line, column, 1});
  }
  TreeBuilder builder(text, file);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      Node empty;
      empty.span = {file, 1, 1, 0};
      return empty;
    }
    TreeBuilder second("", file);
    if (parser.HandleNextDocument(second)) {
      return MakeError("CFG-101", ErrorKind::kConfig, "this file holds more than one YAML document")
          .WithHint("remove the '---' in the middle or split the file")
          .At({file, 0, 0, 0});
    }
  } catch (Stop& stop) {
    return std::move(stop.error);
  } catch (const YAML::Exception& e) {
    const SourceSpan span = builder.Span(e.mark, 1);
    return MakeError("CFG-101", ErrorKind::kConfig, "not valid YAML: {}", e.msg)
        .WithHint(HintFor(Lines(text).Line(span.line), e.msg))
        .At(span);
  } catch (const std::exception& e) {
    return MakeError("CFG-101", ErrorKind::kConfig, "not valid YAML: {}", e.what()).At({file, 0, 0, 0});
  }
  if (!builder.duplicates.empty()) {
    Findings findings;
    findings.errors = std::move(builder.duplicates);
    return findings.ToError();
  }
  return std::move(builder.root);
}

Result<std::string> ReadTextFile(const std::string& path, const std::string& shown_name) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    const int reason = errno;
    return MakeError("CFG-111", reason == ENOENT ? ErrorKind::kNotFound : ErrorKind::kEnvironment, "cannot read {}: {}",
                     shown_name, std::strerror(reason))
        .WithHint(reason == ENOENT ? "create the file or correct the name" : "grant read access to it")
        .At({shown_name, 0, 0, 0});
  }
  std::string text;
  char buffer[1 << 16];
  size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, file)) > 0 && text.size() <= kMaxBytes) text.append(buffer, got);
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) {
    return MakeError("CFG-111", ErrorKind::kEnvironment, "cannot read {}", shown_name)
        .WithHint("is it a folder?")
        .At({shown_name, 0, 0, 0});
  }
  return text;
}

Result<Node> ReadYamlFile(const std::string& path, const std::string& shown_name) {
  LEAT_ASSIGN(const std::string text, ReadTextFile(path, shown_name));
  return ParseYaml(text, shown_name);
}

Error Findings::ToError() const {
  assert(!ok());
  std::vector<Error> sorted = errors;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Error& a, const Error& b) {
    const SourceSpan& x = a.where();
    const SourceSpan& y = b.where();
    return std::tie(x.file, x.line, x.column) < std::tie(y.file, y.line, y.column);
  });
  Error first = sorted.front();
  for (size_t i = 1; i < sorted.size(); ++i) {
    Error longer = std::move(first).WithOther(std::move(sorted[i]));
    first = std::move(longer);
  }
  return first;
}

}  // namespace leat::config
