#include <cctype>

#include "config/template/template.h"
#include "config/text.h"

namespace leat::config {
namespace {

constexpr int kMaxDepth = 32;

// Recursive descent over: name [ '(' arguments ')' ], with texts, numbers, true, false, none, lists and maps as values.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const SourceSpan& where) : text_(text), where_(where), lines_(text) {}

  Result<Expression> Parse() {
    Expression expression;
    SkipSpace();
    expression.where = Span(at_, 1);
    const size_t begin = at_;
    LEAT_ASSIGN(expression.name, Name());
    SkipSpace();
    if (Take('(')) {
      expression.is_call = true;
      expression.named.kind = Node::Kind::kMap;
      LEAT_TRY(Arguments(expression));
    }
    expression.where = Span(begin, at_ - begin);
    expression.named.span = expression.where;
    SkipSpace();
    if (at_ < text_.size()) {
      if (text_[at_] == '|') return Fail("filters are not supported yet");
      return Fail("unexpected '{}' after {}", text_[at_], expression.name);
    }
    return expression;
  }

 private:
  template <typename... Args>
  Error Fail(fmt::format_string<Args...> format, Args&&... args) const {
    return Error("CFG-123", ErrorKind::kConfig,
                 "not an expression: " + fmt::format(format, std::forward<Args>(args)...))
        .WithHint("write {{ ref('model') }}, {{ source('source', 'table') }}, {{ config(key='value') }} or {{ this }}")
        .At(Span(at_, 1));
  }

  SourceSpan Span(size_t offset, size_t length) const {
    const auto [line, column] = lines_.Position(offset);
    const int shown = CountCharacters(text_.substr(offset, length));
    if (line == 1) return {where_.file, where_.line, where_.column + column - 1, shown};
    return {where_.file, where_.line + line - 1, column, shown};
  }

  void SkipSpace() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  static bool IsNamePart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

  Result<std::string> Name() {
    const size_t begin = at_;
    while (at_ < text_.size() && (IsNamePart(text_[at_]) || (text_[at_] == '.' && at_ > begin))) ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0 || name.back() == '.') {
      return at_ >= text_.size() ? Fail("it is empty") : Fail("a name is expected");
    }
    return name;
  }

  Status Arguments(Expression& expression) {
    SkipSpace();
    while (!Take(')')) {
      SkipSpace();
      size_t end = at_;
      while (end < text_.size() && IsNamePart(text_[end])) ++end;
      size_t equals = end;
      while (equals < text_.size() && text_[equals] == ' ') ++equals;
      const bool named = end > at_ && equals < text_.size() && text_[equals] == '=';
      if (named) {
        Node::Member member;
        member.key = std::string(text_.substr(at_, end - at_));
        member.key_span = Span(at_, end - at_);
        if (expression.named.Find(member.key) != nullptr) return Fail("argument {} is given twice", member.key);
        at_ = equals + 1;
        LEAT_ASSIGN(member.value, Value(0));
        expression.named.members.push_back(std::move(member));
      } else {
        if (!expression.named.members.empty()) return Fail("an argument without a name follows one with a name");
        LEAT_ASSIGN(Node value, Value(0));
        expression.positional.push_back(std::move(value));
      }
      LEAT_TRY(AfterItem(')'));
    }
    return Ok();
  }

  // A comma, or the end of the list (which stays).
  Status AfterItem(char close) {
    SkipSpace();
    if (Take(',')) {
      SkipSpace();
      return Ok();
    }
    if (at_ < text_.size() && text_[at_] == close) return Ok();
    if (at_ >= text_.size()) return Fail("'{}' is missing", close);
    return Fail("',' or '{}' is expected", close);
  }

  Result<Node> Value(int depth) {
    SkipSpace();
    const size_t begin = at_;
    if (depth > kMaxDepth) return Fail("more than {} levels", kMaxDepth);
    if (at_ >= text_.size()) return Fail("a value is missing");
    const char c = text_[at_];
    Node node;
    if (c == '\'' || c == '"') {
      LEAT_ASSIGN(node.scalar, Text());
      node.kind = Node::Kind::kScalar;
      node.quoted = true;
    } else if (c == '[' || c == '(') {
      ++at_;
      LEAT_TRY(List(node, c == '[' ? ']' : ')', depth));
    } else if (c == '{') {
      ++at_;
      LEAT_TRY(Map(node, depth));
    } else {
      LEAT_TRY(Word(node));
    }
    node.span = Span(begin, at_ - begin);
    return node;
  }

  Result<std::string> Text() {
    const char quote = text_[at_++];
    std::string value;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == quote) return value;
      if (c == '\\' && at_ < text_.size()) {
        c = text_[at_++];
        if (c == 'n') c = '\n';
        else if (c == 't') c = '\t';
      }
      value += c;
    }
    return Fail("the quote is never closed");
  }

  Status List(Node& node, char close, int depth) {
    node.kind = Node::Kind::kList;
    SkipSpace();
    while (!Take(close)) {
      LEAT_ASSIGN(Node item, Value(depth + 1));
      node.items.push_back(std::move(item));
      LEAT_TRY(AfterItem(close));
    }
    return Ok();
  }

  Status Map(Node& node, int depth) {
    node.kind = Node::Kind::kMap;
    SkipSpace();
    while (!Take('}')) {
      LEAT_ASSIGN(Node key, Value(depth + 1));
      if (!key.is_scalar()) return Fail("a key must be a text");
      if (node.Find(key.scalar) != nullptr) return Fail("key '{}' is given twice", key.scalar);
      SkipSpace();
      if (!Take(':')) return Fail("':' is expected");
      LEAT_ASSIGN(Node value, Value(depth + 1));
      node.members.push_back({key.scalar, key.span, std::move(value)});
      LEAT_TRY(AfterItem('}'));
    }
    return Ok();
  }

  Status Word(Node& node) {
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (IsNamePart(text_[at_]) || text_[at_] == '.' || text_[at_] == '-' || text_[at_] == '+'))
      ++at_;
    const std::string word(text_.substr(begin, at_ - begin));
    node.kind = Node::Kind::kScalar;
    if (word == "True" || word == "true") {
      node.scalar = "true";
    } else if (word == "False" || word == "false") {
      node.scalar = "false";
    } else if (word == "None" || word == "none") {
      node.kind = Node::Kind::kNull;
    } else if (!word.empty() && word.find_first_not_of("+-.0123456789eE") == std::string::npos) {
      node.scalar = word;
    } else {
      at_ = begin;
      return word.empty() ? Fail("unexpected '{}'", text_[begin]) : Fail("'{}' is not a value here", word);
    }
    return Ok();
  }

  std::string_view text_;
  SourceSpan where_;
  Lines lines_;
  size_t at_ = 0;
};

}  // namespace

Result<Expression> ParseExpression(std::string_view text, const SourceSpan& where) {
  return ExpressionParser(text, where).Parse();
}

}  // namespace leat::config
