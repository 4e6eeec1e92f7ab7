#include "imports/python_literal.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/utf8.h"
#include "config/text.h"

namespace leat::imports {
namespace {

using config::Node;

constexpr const char* kExpression = "a Python expression";
constexpr const char* kReference = "a reference";
constexpr size_t kMaxDepth = 64;

enum class Kind { kName, kNumber, kText, kSign, kEnd };

struct Token {
  Kind kind = Kind::kEnd;
  size_t begin = 0, end = 0;
  std::string text;        ///< of a text: its value
  bool formatted = false;  ///< f"…", b"…": no literal text
};

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Cuts Python text into tokens; comments and line ends are left out. A text that has no end reaches to the end of the file.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> All() {
    std::vector<Token> tokens;
    for (;;) {
      SkipSpace();
      if (at_ >= text_.size()) break;
      tokens.push_back(Next());
    }
    Token end;
    end.begin = end.end = text_.size();
    tokens.push_back(end);
    return tokens;
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r' ||
                 text_[at_] == '\\' || text_[at_] == '\f') {
        ++at_;
      } else {
        return;
      }
    }
  }

  Token Next() {
    Token token;
    token.begin = at_;
    if (IsNameStart(text_[at_])) {
      while (at_ < text_.size() && (IsNameStart(text_[at_]) || IsDigit(text_[at_]))) ++at_;
      token.kind = Kind::kName;
      token.text = text_.substr(token.begin, at_ - token.begin);
      const bool prefix = token.text.size() <= 2 && token.text.find_first_not_of("rRbBuUfF") == std::string::npos;
      if (prefix && at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
        const std::string letters = token.text;
        Text(token, letters.find_first_of("rR") != std::string::npos);
        token.formatted = letters.find_first_of("bBfF") != std::string::npos;
      }
    } else if (IsDigit(text_[at_])) {
      while (at_ < text_.size() && (IsNameStart(text_[at_]) || IsDigit(text_[at_]) || text_[at_] == '.')) ++at_;
      token.kind = Kind::kNumber;
      for (const char c : text_.substr(token.begin, at_ - token.begin)) {
        if (c != '_') token.text += c;
      }
    } else if (text_[at_] == '"' || text_[at_] == '\'') {
      Text(token, false);
    } else {
      token.kind = Kind::kSign;
      token.text = text_[at_++];
    }
    token.end = at_;
    return token;
  }

  void Text(Token& token, bool raw) {
    token.kind = Kind::kText;
    token.text.clear();
    const char quote = text_[at_];
    const bool triple = text_.substr(at_).starts_with(std::string(3, quote));
    at_ += triple ? 3 : 1;
    while (at_ < text_.size()) {
      if (triple ? text_.substr(at_).starts_with(std::string(3, quote)) : text_[at_] == quote) {
        at_ += triple ? 3 : 1;
        return;
      }
      if (!triple && text_[at_] == '\n') return;
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        if (raw) {
          token.text += text_.substr(at_, 2);
          at_ += 2;
        } else {
          Escape(token.text);
        }
      } else {
        token.text += text_[at_++];
      }
    }
  }

  void Escape(std::string& out) {
    const char c = text_[at_ + 1];
    at_ += 2;
    const auto hex = [&](size_t digits) {
      uint32_t code = 0;
      for (size_t i = 0; i < digits && at_ < text_.size(); ++i, ++at_) {
        const char d = text_[at_];
        const int value = IsDigit(d)               ? d - '0'
                          : (d >= 'a' && d <= 'f') ? d - 'a' + 10
                          : (d >= 'A' && d <= 'F') ? d - 'A' + 10
                                                   : -1;
        if (value < 0) break;
        code = code * 16 + static_cast<uint32_t>(value);
      }
      AppendUtf8(code > 0x10FFFF ? 0xFFFD : code, out);
    };
    switch (c) {
      case 'n': out += '\n'; return;
      case 't': out += '\t'; return;
      case 'r': out += '\r'; return;
      case '\n': return;
      case 'x': return hex(2);
      case 'u': return hex(4);
      case 'U': return hex(8);
      case '\\':
      case '\'':
      case '"': out += c; return;
      default: out += '\\'; out += c;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

/// A class of dlt whose instance a configuration may hold: the map that means the same.
struct KnownClass {
  const char* name;
  const char* type;
  std::array<const char*, 4> arguments;  ///< by position
};

constexpr KnownClass kClasses[] = {
    {"BearerTokenAuth", "bearer", {"token"}},
    {"HttpBasicAuth", "http_basic", {"username", "password"}},
    {"APIKeyAuth", "api_key", {"name", "api_key", "location"}},
    {"OAuth2ClientCredentials", "oauth2_client_credentials", {"access_token_url", "client_id", "client_secret"}},
    {"SinglePagePaginator", "single_page", {}},
    {"HeaderLinkPaginator", "header_link", {"links_next_key"}},
    {"HeaderCursorPaginator", "header_cursor", {"cursor_key", "cursor_param"}},
    {"JSONLinkPaginator", "json_link", {"next_url_path"}},
    {"JSONResponsePaginator", "json_link", {"next_url_path"}},
    {"JSONResponseCursorPaginator", "cursor", {"cursor_path", "cursor_param"}},
    {"OffsetPaginator", "offset", {"limit", "offset", "offset_param", "limit_param"}},
    {"PageNumberPaginator", "page_number", {"base_page", "page", "page_param", "total_path"}},
};

Node Wrapped(const char* what, std::string text, const SourceSpan& span) {
  Node scalar;
  scalar.kind = Node::Kind::kScalar;
  scalar.scalar = std::move(text);
  scalar.quoted = true;
  scalar.span = span;
  Node node;
  node.kind = Node::Kind::kMap;
  node.span = span;
  node.members.push_back({what, span, std::move(scalar)});
  return node;
}

const std::string* Unwrapped(const Node& node, const char* what) {
  const bool is = node.is_map() && node.members.size() == 1 && node.members[0].key == what;
  return is ? &node.members[0].value.scalar : nullptr;
}

std::string EnvName(const std::string& path) {
  std::string name;
  for (const char c : path) {
    if (c == '.') name += "__";
    else name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return name;
}

class Parser {
 public:
  Parser(std::string_view text, std::string file)
      : text_(text), lines_(text), file_(std::move(file)), tokens_(Lexer(text).All()) {}

  /// All dicts with `client` and `resources`, outermost first.
  std::vector<Node> Configs() {
    std::vector<Node> found;
    // Each brace is tried once, and what was read as a dict is not tried again: together that is linear but for texts that nest without
    // end, which the budget stops.
    budget_ = tokens_.size() * 20 + 10'000;
    for (size_t i = 0; i < tokens_.size() && budget_ > 0; ++i) {
      if (!Is(i, "{")) continue;
      at_ = i;
      depth_ = 0;
      const auto dict = Dict();
      if (!dict) continue;
      if (dict->Find("client") != nullptr && dict->Find("resources") != nullptr) {
        found.push_back(*dict);
        i = at_ - 1;
      }
    }
    return found;
  }

 private:
  bool Is(size_t i, std::string_view sign) const {
    return i < tokens_.size() && tokens_[i].kind == Kind::kSign && tokens_[i].text == sign;
  }
  bool Take(std::string_view sign) {
    if (!Is(at_, sign)) return false;
    ++at_;
    return true;
  }

  /// Lines::Position, counted from the last place on the same line: lines may be long.
  std::pair<int, int> Position(size_t offset) const {
    const bool ahead = offset >= last_offset_;
    const std::string_view between =
        ahead ? text_.substr(last_offset_, offset - last_offset_) : text_.substr(offset, last_offset_ - offset);
    if (between.find('\n') != std::string_view::npos) last_ = lines_.Position(offset);
    else last_.second += (ahead ? 1 : -1) * config::CountCharacters(between);
    last_offset_ = offset;
    return last_;
  }

  SourceSpan SpanOf(size_t begin, size_t end) const {
    const auto [line, column] = Position(begin);
    const std::string_view shown = lines_.Line(line);
    const std::string_view part = text_.substr(begin, std::min(end - begin, shown.size()));
    return {file_, line, column, std::max(1, config::CountCharacters(part.substr(0, part.find('\n'))))};
  }

  std::optional<Node> Dict() {
    const size_t begin = tokens_[at_].begin;
    if (!Take("{") || ++depth_ > kMaxDepth) return std::nullopt;
    Node node;
    node.kind = Node::Kind::kMap;
    node.span = SpanOf(begin, begin + 1);
    while (!Take("}")) {
      if (tokens_[at_].kind == Kind::kEnd || budget_ == 0) return std::nullopt;
      Node::Member member;
      if (Is(at_, "*") && Is(at_ + 1, "*")) {  // {**defaults}
        const size_t first = at_;
        member.key_span = SpanOf(tokens_[at_].begin, tokens_[at_ + 1].end);
        at_ += 2;
        Skip();
        member.key = "**";
        member.value = Expression(first);
      } else {
        const auto key = Value();
        if (!key || !key->is_scalar() || !key->quoted || !Take(":")) return std::nullopt;
        member.key = key->scalar;
        member.key_span = key->span;
        auto value = Value();
        if (!value) return std::nullopt;
        member.value = std::move(*value);
      }
      node.members.push_back(std::move(member));
      if (!Take(",") && !Is(at_, "}")) return std::nullopt;
    }
    KeepLast(node.members);
    --depth_;
    return node;
  }

  /// Of several members with one key the last counts.
  static void KeepLast(std::vector<Node::Member>& members) {
    std::set<std::string> seen;
    std::vector<Node::Member> kept;
    for (size_t i = members.size(); i-- > 0;) {
      if (seen.insert(members[i].key).second) kept.push_back(std::move(members[i]));
    }
    std::reverse(kept.begin(), kept.end());
    members = std::move(kept);
  }

  std::optional<Node> List(const char* close) {
    const size_t begin = tokens_[at_++].begin;
    if (++depth_ > kMaxDepth) return std::nullopt;
    Node node;
    node.kind = Node::Kind::kList;
    node.span = SpanOf(begin, begin + 1);
    while (!Take(close)) {
      if (tokens_[at_].kind == Kind::kEnd || budget_ == 0) return std::nullopt;
      auto item = Value();
      if (!item) return std::nullopt;
      node.items.push_back(std::move(*item));
      if (!Take(",") && !Is(at_, close)) return std::nullopt;
    }
    --depth_;
    return node;
  }

  /// To the comma or bracket behind a value.
  void Skip() {
    int lambdas = 0;  // their parameters have commas of their own
    for (int open = 0; tokens_[at_].kind != Kind::kEnd && budget_ > 0; ++at_, --budget_) {
      if (open == 0 && tokens_[at_].kind == Kind::kName && tokens_[at_].text == "lambda") ++lambdas;
      const bool sign = tokens_[at_].kind == Kind::kSign;
      const char c = sign ? tokens_[at_].text[0] : ' ';
      if (c == '(' || c == '[' || c == '{') ++open;
      if (open == 0 && c == ':' && lambdas > 0) --lambdas;
      if (open == 0 && c == ',' && lambdas > 0) continue;
      if (open == 0 && (c == ',' || c == ')' || c == ']' || c == '}')) return;
      if (c == ')' || c == ']' || c == '}') --open;
    }
  }

  Node Expression(size_t first) const {
    const size_t begin = tokens_[first].begin, end = at_ > first ? tokens_[at_ - 1].end : tokens_[first].end;
    return Wrapped(kExpression, std::string(text_.substr(begin, end - begin)), SpanOf(begin, end));
  }

  bool AtEndOfValue() const {
    return tokens_[at_].kind == Kind::kEnd || Is(at_, ",") || Is(at_, "}") || Is(at_, "]") || Is(at_, ")") ||
           Is(at_, ":");
  }

  std::optional<Node> Value() {
    if (budget_ > 0) --budget_;
    const size_t first = at_;
    const int depth = static_cast<int>(depth_);
    auto value = Atom();
    if (value && AtEndOfValue()) return value;
    depth_ = static_cast<size_t>(depth);
    at_ = first;
    Skip();
    if (at_ == first || budget_ == 0) return std::nullopt;
    return Expression(first);
  }

  std::optional<Node> Atom() {
    const Token& token = tokens_[at_];
    Node node;
    node.kind = Node::Kind::kScalar;
    switch (token.kind) {
      case Kind::kEnd: return std::nullopt;
      case Kind::kText: {
        node.quoted = true;
        const size_t begin = token.begin;
        for (; tokens_[at_].kind == Kind::kText; ++at_) {  // "a" "b" is "ab"
          if (tokens_[at_].formatted) return std::nullopt;
          node.scalar += tokens_[at_].text;
        }
        node.span = SpanOf(begin, tokens_[at_ - 1].end);
        return node;
      }
      case Kind::kNumber:
        node.scalar = token.text;
        node.span = SpanOf(token.begin, token.end);
        ++at_;
        return node;
      case Kind::kSign:
        if (token.text == "{") return Dict();
        if (token.text == "[") return List("]");
        if (token.text == "(") return Bracketed();
        if (token.text == "-" && tokens_[at_ + 1].kind == Kind::kNumber) {
          node.scalar = "-" + tokens_[at_ + 1].text;
          node.span = SpanOf(token.begin, tokens_[at_ + 1].end);
          at_ += 2;
          return node;
        }
        return std::nullopt;
      case Kind::kName: return Named();
    }
    return std::nullopt;
  }

  /// (x) is x, (x, y) a list.
  std::optional<Node> Bracketed() {
    const size_t first = at_;
    auto list = List(")");
    if (!list) return std::nullopt;
    const bool tuple = list->items.size() != 1 || Is(at_ - 2, ",");
    if (tuple || at_ - first < 3) return list;
    Node inner = std::move(list->items[0]);
    return inner;
  }

  std::optional<Node> Named() {
    const Token& token = tokens_[at_];
    Node node;
    node.span = SpanOf(token.begin, token.end);
    if (token.text == "None") {
      ++at_;
      return node;
    }
    if (token.text == "True" || token.text == "False") {
      node.kind = Node::Kind::kScalar;
      node.scalar = token.text == "True" ? "true" : "false";
      ++at_;
      return node;
    }
    const size_t first = at_;
    std::string name = token.text;  // a.b.c
    for (++at_; Is(at_, ".") && tokens_[at_ + 1].kind == Kind::kName; at_ += 2) name += "." + tokens_[at_ + 1].text;
    if (name == "dlt.secrets" || name == "dlt.config" || name == "os.environ") {
      if (Is(at_, "[") && tokens_[at_ + 1].kind == Kind::kText && Is(at_ + 2, "]"))
        return Reference(name == "os.environ", first, tokens_[at_ + 1].text, 3);
    }
    if (!Is(at_, "(")) return std::nullopt;
    const bool env = name == "os.environ.get" || name == "os.getenv";
    if (env || name == "dlt.secrets.get" || name == "dlt.config.get") {
      if (tokens_[at_ + 1].kind == Kind::kText && Is(at_ + 2, ")"))
        return Reference(env, first, tokens_[at_ + 1].text, 3);
      return std::nullopt;
    }
    const std::string last = name.substr(name.rfind('.') + 1);
    const auto known =
        std::find_if(std::begin(kClasses), std::end(kClasses), [&](const KnownClass& one) { return last == one.name; });
    if (known == std::end(kClasses)) return std::nullopt;
    return Call(*known, node.span);
  }

  Node Reference(bool env, size_t first, const std::string& name, size_t tokens) {
    const size_t begin = tokens_[first].begin;
    at_ += tokens;
    return Wrapped(kReference, "${env:" + (env ? name : EnvName(name)) + "}", SpanOf(begin, tokens_[at_ - 1].end));
  }

  std::optional<Node> Call(const KnownClass& known, const SourceSpan& span) {
    ++at_;
    if (++depth_ > kMaxDepth) return std::nullopt;
    Node node;
    node.kind = Node::Kind::kMap;
    node.span = span;
    Node type;
    type.kind = Node::Kind::kScalar;
    type.scalar = known.type;
    type.quoted = true;
    type.span = span;
    node.members.push_back({"type", span, std::move(type)});
    for (size_t position = 0; !Take(")"); ++position) {
      if (tokens_[at_].kind == Kind::kEnd || budget_ == 0) return std::nullopt;
      Node::Member member;
      member.key_span = SpanOf(tokens_[at_].begin, tokens_[at_].end);
      if (tokens_[at_].kind == Kind::kName && Is(at_ + 1, "=") && !Is(at_ + 2, "=")) {
        member.key = tokens_[at_].text;
        at_ += 2;
      } else if (position < known.arguments.size() && known.arguments[position] != nullptr) {
        member.key = known.arguments[position];
      } else {
        return std::nullopt;
      }
      auto value = Value();
      if (!value) return std::nullopt;
      member.value = std::move(*value);
      node.members.push_back(std::move(member));
      if (!Take(",") && !Is(at_, ")")) return std::nullopt;
    }
    --depth_;
    return node;
  }

  std::string_view text_;
  config::Lines lines_;
  std::string file_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t depth_ = 0;
  size_t budget_ = 0;
  mutable size_t last_offset_ = 0;  ///< where a position was asked for, and it
  mutable std::pair<int, int> last_{1, 1};
};

}  // namespace

const std::string* PythonExpression(const Node& node) { return Unwrapped(node, kExpression); }
const std::string* PythonReference(const Node& node) { return Unwrapped(node, kReference); }

Result<Node> ReadPythonConfig(std::string_view text, const std::string& file) {
  if (const auto bad = config::FindInvalidUtf8(text)) {
    const auto [line, column] = config::Lines(text).Position(*bad);
    return MakeError("APP-210", ErrorKind::kConfig, "this file is not UTF-8 text").At({file, line, column, 1});
  }
  std::vector<Node> found = Parser(text, file).Configs();
  if (found.empty()) {
    return MakeError("APP-210", ErrorKind::kConfig,
                     "no literal dict with the keys 'client' and 'resources' stands here")
        .WithHint("Leat reads Python and does not run it: write the configuration as one dict, or as JSON or YAML")
        .At({file, 0, 0, 0});
  }
  if (found.size() > 1) {
    std::string lines;
    for (const Node& one : found) lines += (lines.empty() ? "" : ", ") + std::to_string(one.span.line);
    return MakeError("APP-210", ErrorKind::kConfig, "{} configurations stand here, on lines {}", found.size(), lines)
        .WithHint("one file becomes one source: put the one that you want into a file of its own")
        .At(found[1].span);
  }
  return std::move(found[0]);
}

}  // namespace leat::imports
