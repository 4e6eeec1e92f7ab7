#include "sql/duckdb_type.h"

#include <cctype>
#include <cstdlib>

namespace leat::sql {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool Type(DuckDbType& type) {
    Space();
    size_t begin = at_;
    if (At() == '"') {  // the type of NULL
      std::string name;
      if (!Name(name)) return false;
      type.name = name;
    } else {
      while (at_ < text_.size() &&
             (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' || text_[at_] == ' '))
        ++at_;
      std::string_view name = text_.substr(begin, at_ - begin);
      while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
      type.name = name;
    }
    if (type.name.empty()) return false;
    if (At() == '(' && !Arguments(type)) return false;
    while (At() == '[') {
      ++at_;
      DuckDbType list;
      list.name = At() == ']' ? "LIST" : "ARRAY";
      while (At() != ']' && at_ < text_.size()) ++at_;
      if (At() != ']') return false;
      ++at_;
      list.members.push_back({"element", std::move(type)});
      type = std::move(list);
    }
    return true;
  }
  bool AtEnd() const { return at_ == text_.size(); }

 private:
  char At() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void Space() {
    while (At() == ' ') ++at_;
  }
  bool Name(std::string& name) {
    if (At() == '"') {
      for (++at_; at_ < text_.size(); ++at_) {
        if (text_[at_] == '"') {
          if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
          ++at_;
        }
        name += text_[at_];
      }
      if (At() != '"') return false;
      ++at_;
      return true;
    }
    while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != ',' && text_[at_] != ')') name += text_[at_++];
    return !name.empty();
  }
  bool Arguments(DuckDbType& type) {
    ++at_;
    if (type.name == "DECIMAL") {
      char* end = nullptr;
      std::string rest(text_.substr(at_));
      type.precision = static_cast<int>(std::strtol(rest.c_str(), &end, 10));
      if (*end != ',') return false;
      type.scale = static_cast<int>(std::strtol(end + 1, &end, 10));
      at_ += static_cast<size_t>(end - rest.c_str());
    } else if (type.name == "STRUCT" || type.name == "UNION" || type.name == "MAP") {
      for (int i = 0;; ++i) {
        Space();
        DuckDbType::Member member;
        if (type.name == "MAP") {
          member.name = i == 0 ? "key" : "value";
        } else if (!Name(member.name)) {
          return false;
        }
        if (!Type(member.type)) return false;
        type.members.push_back(std::move(member));
        if (At() != ',') break;
        ++at_;
      }
    } else {  // ENUM('a', 'b'), TYPE(n): only the name counts
      bool quoted = false;
      while (at_ < text_.size() && (quoted || text_[at_] != ')')) quoted ^= text_[at_++] == '\'';
    }
    if (At() != ')') return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<DuckDbType> ParseDuckDbType(std::string_view text) {
  Parser parser(text);
  DuckDbType type;
  if (!parser.Type(type) || !parser.AtEnd())
    return MakeError("SQL-504", ErrorKind::kInternal, "'{}' is not a type name", text);
  return type;
}

}  // namespace leat::sql
