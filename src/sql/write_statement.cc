#include "sql/write_statement.h"

#include <algorithm>
#include <cctype>

#include "base/lower.h"
#include "sql/engine.h"
#include "sql/script.h"

namespace leat::sql {
namespace {

using Kind = WriteStatement::Kind;

class WriteParser {
 public:
  explicit WriteParser(std::string_view sql) : sql_(sql), tokens_(ScanTokens(sql)) {
    if (!tokens_.empty() && Text(tokens_.size() - 1) == ";") tokens_.pop_back();
  }

  Result<WriteStatement> Parse() {
    if (IsWord("with")) {
      const size_t begin = at_;
      while (at_ < tokens_.size() && !IsOneOf({"insert", "update", "delete", "merge"})) Skip();
      write_.with.User(sql_, Begin(begin), Begin(at_)).Own(" ");
    }
    LEAT_TRY(ParseStatement());
    return std::move(write_);
  }

 private:
  Status ParseStatement() {
    if (TakeWord("create")) return Create();
    if (TakeWords({"insert", "into"})) return Insert();
    if (TakeWord("update")) return Update();
    if (TakeWords({"delete", "from"})) return Delete();
    if (TakeWord("truncate")) {
      (void)TakeWord("table");
      write_.kind = Kind::kDelete;
      write_.verb = "TRUNCATE";
      LEAT_TRY(TakeTarget());
      write_.alias = write_.target.table;
      return End();
    }
    if (TakeWord("drop")) return Drop();
    if (TakeWords({"alter", "table"})) return Alter();
    if (IsWord("merge"))
      return Wrong("MERGE is not understood").WithHint("write an UPDATE or DELETE, then an INSERT … WHERE NOT EXISTS");
    return Wrong("this statement is not one that leat sql --write understands").WithHint(kAll);
  }

  Status Create() {
    if (TakeWords({"or", "replace"})) write_.or_replace = true;
    if (TakeWord("schema")) {
      write_.kind = Kind::kCreateSchema;
      write_.verb = "CREATE SCHEMA";
      write_.if_exists = TakeWords({"if", "not", "exists"});
      LEAT_TRY(TakeSchema());
      return End();
    }
    if (!TakeWord("table")) {
      return Wrong("only tables and schemas can be made here")
          .WithHint("a view is a model with `materialized: view`; " + std::string(kAll));
    }
    write_.kind = Kind::kCreateTable;
    write_.verb = "CREATE TABLE";
    write_.if_exists = TakeWords({"if", "not", "exists"});
    LEAT_TRY(TakeTarget());
    if (IsSign("(")) LEAT_TRY(ColumnsOfCreate());
    if (!write_.with_data) return End();
    if (!TakeWord("as")) return Wrong("expected AS and a SELECT, or (columns)");
    LEAT_TRY(ExpectMore("a SELECT"));
    Rest(write_.select);
    return Ok();
  }

  /// (a, b) of CREATE … AS, or (a INTEGER NOT NULL, b VARCHAR).
  Status ColumnsOfCreate() {
    const size_t close = Closing(at_);
    if (close + 1 < tokens_.size()) return TakeColumns();
    write_.with_data = false;
    write_.select.Own("SELECT ");
    for (++at_; at_ < close;) {
      if (IsOneOf({"primary", "unique", "check", "foreign", "constraint"}))
        return Wrong("constraints of a table are not kept").WithHint("write checks in sources/*.yml or models/*.yml");
      LEAT_ASSIGN(WrittenName column, TakeName("a column"));
      const size_t type = at_;
      while (at_ < close && !IsSign(",") &&
             !IsOneOf({"not", "null", "default", "primary", "unique", "check", "references", "generated", "collate",
                       "using"}))
        Skip();
      if (at_ == type) return Wrong("column '" + column.text + "' has no type");
      write_.select.Own(write_.columns.empty() ? "CAST(NULL AS " : ", CAST(NULL AS ")
          .User(sql_, Begin(type), End(at_ - 1))
          .Own(") AS " + QuoteName(column.text));
      const bool required = TakeWords({"not", "null"});
      if (!required) (void)TakeWord("null");
      if (at_ < close && !IsSign(","))
        return Wrong("only a type and NOT NULL are kept of a column")
            .WithHint("write checks in sources/*.yml or models/*.yml");
      if (IsSign(",")) ++at_;
      write_.columns.push_back(std::move(column));
      write_.required.push_back(required);
    }
    at_ = close + 1;
    return Ok();
  }

  Status Insert() {
    write_.kind = Kind::kInsert;
    write_.verb = "INSERT INTO";
    LEAT_TRY(TakeTarget());
    if (TakeWord("as")) {
      LEAT_ASSIGN(const WrittenName alias, TakeName("an alias"));
      (void)alias;  // only RETURNING and ON CONFLICT could use it
    }
    if (TakeWords({"by", "name"})) write_.by_name = true;
    else (void)TakeWords({"by", "position"});
    if (IsSign("(") && !OpensSelect(at_ + 1)) LEAT_TRY(TakeColumns());
    if (IsWord("default")) return Wrong("DEFAULT VALUES is not understood").WithHint("name the values");
    LEAT_TRY(ExpectMore("a SELECT or VALUES"));
    LEAT_TRY(RefuseTails());
    if (!write_.with.empty() && IsWord("with")) return Wrong("the statement has WITH twice").WithHint("write one WITH");
    write_.select.Add(write_.with);
    Rest(write_.select);
    return Ok();
  }

  Status Update() {
    write_.kind = Kind::kUpdate;
    write_.verb = "UPDATE";
    LEAT_TRY(TakeTarget());
    LEAT_TRY(TakeAlias({"set"}));
    if (!TakeWord("set")) return Wrong("expected SET");
    LEAT_TRY(RefuseTails());
    while (true) {
      if (IsSign("(")) return Wrong("SET (a, b) = … is not understood").WithHint("set each column on its own");
      LEAT_ASSIGN(WrittenName column, TakeName("a column"));
      if (!IsSign("=")) return Wrong("expected = after the column");
      const size_t begin = ++at_;
      while (at_ < tokens_.size() && !IsSign(",") && !IsWord("where") && !IsFrom()) Skip();
      if (at_ == begin) return Wrong("expected a value");
      if (at_ == begin + 1 && Lower(Text(begin)) == "default")
        return WrongAt(begin, "DEFAULT is not understood").WithHint("write the value, or NULL");
      const bool twice = std::any_of(write_.columns.begin(), write_.columns.end(),
                                     [&](const WrittenName& one) { return Lower(one.text) == Lower(column.text); });
      if (twice) return Wrong("column '" + column.text + "' is set twice", column.offset, column.length);
      MappedSql expression;
      expression.User(sql_, Begin(begin), End(at_ - 1));
      write_.expressions.push_back(std::move(expression));
      write_.columns.push_back(std::move(column));
      if (!IsSign(",")) break;
      ++at_;
    }
    if (TakeWord("from")) LEAT_TRY(TakeUntilWhere(write_.from));
    return Where();
  }

  Status Delete() {
    write_.kind = Kind::kDelete;
    write_.verb = "DELETE FROM";
    LEAT_TRY(TakeTarget());
    LEAT_TRY(TakeAlias({"using", "where"}));
    LEAT_TRY(RefuseTails());
    if (TakeWord("using")) LEAT_TRY(TakeUntilWhere(write_.from));
    return Where();
  }

  Status Where() {
    if (!TakeWord("where")) return End();
    LEAT_TRY(ExpectMore("a condition"));
    Rest(write_.where);
    return Ok();
  }

  Status Drop() {
    const bool schema = TakeWord("schema");
    if (!schema && !TakeWord("table")) return Wrong("only tables and schemas can be dropped here").WithHint(kAll);
    write_.kind = schema ? Kind::kDropSchema : Kind::kDropTable;
    write_.verb = schema ? "DROP SCHEMA" : "DROP TABLE";
    write_.if_exists = TakeWords({"if", "exists"});
    LEAT_TRY(schema ? TakeSchema() : TakeTarget());
    if (IsWord("cascade")) return Wrong("CASCADE is not understood").WithHint("drop what is in it first");
    (void)TakeWord("restrict");
    return End();
  }

  Status Alter() {
    write_.verb = "ALTER TABLE";
    write_.if_exists = TakeWords({"if", "exists"});
    LEAT_TRY(TakeTarget());
    if (TakeWord("add")) {
      write_.kind = Kind::kAddColumn;
      (void)TakeWord("column");
      write_.column_if_exists = TakeWords({"if", "not", "exists"});
      LEAT_TRY(TakeColumn());
      return TakeType();
    }
    if (TakeWord("drop")) {
      write_.kind = Kind::kDropColumn;
      (void)TakeWord("column");
      write_.column_if_exists = TakeWords({"if", "exists"});
      LEAT_TRY(TakeColumn());
      return End();
    }
    if (TakeWord("rename")) {
      const bool table = TakeWord("to");
      write_.kind = table ? Kind::kRenameTable : Kind::kRenameColumn;
      if (!table) {
        (void)TakeWord("column");
        LEAT_TRY(TakeColumn());
        if (!TakeWord("to")) return Wrong("expected TO and the new name");
      }
      LEAT_ASSIGN(const WrittenName name, TakeName("the new name"));
      write_.new_name = name.text;
      return End();
    }
    if (TakeWord("alter")) {
      write_.kind = Kind::kChangeType;
      (void)TakeWord("column");
      LEAT_TRY(TakeColumn());
      if (!TakeWords({"set", "data", "type"}) && !TakeWord("type"))
        return Wrong("only the type of a column can be altered").WithHint("ALTER COLUMN c SET DATA TYPE t");
      return TakeType();
    }
    return Wrong("expected ADD, DROP, RENAME or ALTER COLUMN");
  }

  Status TakeColumn() {
    LEAT_ASSIGN(WrittenName column, TakeName("a column"));
    write_.columns.push_back(std::move(column));
    return Ok();
  }

  Status TakeType() {
    LEAT_TRY(ExpectMore("a type"));
    for (size_t i = at_; i < tokens_.size(); ++i) {
      const std::string word = Lower(Text(i));
      if (word == "default" || word == "not" || word == "check" || word == "using" || word == "unique")
        return WrongAt(i, "only a type can stand here").WithHint("add the column, then UPDATE its values");
    }
    write_.select.Own("SELECT CAST(NULL AS ");
    Rest(write_.select);
    write_.select.Own(") AS " + QuoteName(write_.columns[0].text));
    return Ok();
  }

  // --- names ----------------------------------------------------------------------------------------------------------

  Result<WrittenName> TakeName(const std::string& what) {
    if (at_ >= tokens_.size() ||
        (tokens_[at_].kind != SqlToken::Kind::kWord && tokens_[at_].kind != SqlToken::Kind::kQuotedName))
      return Wrong("expected " + what);
    const SqlToken& token = tokens_[at_++];
    WrittenName name{std::string(sql_.substr(token.begin, token.end - token.begin)), token.begin,
                     token.end - token.begin};
    if (token.kind == SqlToken::Kind::kQuotedName) {
      std::string plain;
      for (size_t i = 1; i + 1 < name.text.size(); ++i) {
        plain += name.text[i];
        if (name.text[i] == '"') ++i;
      }
      name.text = plain;
    }
    return name;
  }

  Status TakeTarget() {
    LEAT_ASSIGN(std::vector<WrittenName> parts, TakeParts("a table"));
    if (parts.size() > 3) return WrongAt(at_ - 1, "a table is named namespace.table");
    write_.target.table = parts.back().text;
    if (parts.size() > 1) write_.target.schema = parts[parts.size() - 2].text;
    if (parts.size() > 2) write_.target.catalog = parts[0].text;
    return Place(parts);
  }

  Status TakeSchema() {
    LEAT_ASSIGN(std::vector<WrittenName> parts, TakeParts("a schema"));
    if (parts.size() > 2) return WrongAt(at_ - 1, "a schema has one name");
    write_.target.schema = parts.back().text;
    if (parts.size() > 1) write_.target.catalog = parts[0].text;
    return Place(parts);
  }

  Result<std::vector<WrittenName>> TakeParts(const std::string& what) {
    std::vector<WrittenName> parts;
    do {
      LEAT_ASSIGN(WrittenName part, TakeName(what));
      parts.push_back(std::move(part));
    } while (IsSign(".") && ++at_ > 0);
    return parts;
  }

  Status Place(const std::vector<WrittenName>& parts) {
    write_.target.offset = parts.front().offset;
    write_.target.length = parts.back().offset + parts.back().length - parts.front().offset;
    return Ok();
  }

  Status TakeAlias(std::initializer_list<const char*> ends) {
    write_.alias = write_.target.table;
    const bool as = TakeWord("as");
    if (!as && (at_ >= tokens_.size() || IsOneOf(ends) || IsSign("("))) return Ok();
    LEAT_ASSIGN(const WrittenName alias, TakeName("an alias"));
    write_.alias = alias.text;
    return Ok();
  }

  Status TakeColumns() {
    const size_t close = Closing(at_);
    for (++at_; at_ < close;) {
      LEAT_TRY(TakeColumn());
      if (IsSign(",")) ++at_;
      else if (at_ < close) return Wrong("expected , or )");
    }
    at_ = std::min(close + 1, tokens_.size());
    return Ok();
  }

  // --- tokens ---------------------------------------------------------------------------------------------------------

  std::string_view Text(size_t i) const { return sql_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin); }
  size_t Begin(size_t i) const { return i < tokens_.size() ? tokens_[i].begin : sql_.size(); }
  size_t End(size_t i) const { return tokens_[i].end; }
  bool IsWordAt(size_t i, std::string_view word) const {
    return i < tokens_.size() && tokens_[i].kind == SqlToken::Kind::kWord && Lower(Text(i)) == word;
  }
  bool IsWord(std::string_view word) const { return IsWordAt(at_, word); }
  bool IsOneOf(std::initializer_list<const char*> words) const {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return IsWord(word); });
  }
  bool IsSign(std::string_view sign) const { return at_ < tokens_.size() && Text(at_) == sign; }
  bool TakeWord(std::string_view word) {
    if (!IsWord(word)) return false;
    ++at_;
    return true;
  }
  bool TakeWords(std::initializer_list<const char*> words) {
    size_t i = at_;
    for (const char* word : words) {
      if (!IsWordAt(i++, word)) return false;
    }
    at_ = i;
    return true;
  }
  /// FROM of an UPDATE, not the one of IS DISTINCT FROM.
  bool IsFrom() const { return IsWord("from") && !IsWordAt(at_ - 1, "distinct"); }
  bool OpensSelect(size_t i) const {
    while (i < tokens_.size() && Text(i) == "(") ++i;
    return IsWordAt(i, "select") || IsWordAt(i, "with") || IsWordAt(i, "values") || IsWordAt(i, "from") ||
           IsWordAt(i, "table");
  }
  /// The bracket that closes the one at `open`; the number of tokens if none does.
  size_t Closing(size_t open) const {
    int depth = 0;
    for (size_t i = open; i < tokens_.size(); ++i) {
      const std::string_view text = Text(i);
      if (text == "(" || text == "[" || text == "{") ++depth;
      if ((text == ")" || text == "]" || text == "}") && --depth == 0) return i;
    }
    return tokens_.size();
  }
  /// Over one token, or all of a bracket.
  void Skip() {
    const bool opens = IsSign("(") || IsSign("[") || IsSign("{");
    at_ = opens ? std::min(Closing(at_) + 1, tokens_.size()) : at_ + 1;
  }
  void Rest(MappedSql& into) {
    into.User(sql_, Begin(at_), End(tokens_.size() - 1));
    at_ = tokens_.size();
  }
  Status TakeUntilWhere(MappedSql& into) {
    LEAT_TRY(ExpectMore("a table"));
    const size_t begin = at_;
    while (at_ < tokens_.size() && !IsWord("where")) Skip();
    if (at_ == begin) return Wrong("expected a table");
    into.User(sql_, Begin(begin), End(at_ - 1));
    return Ok();
  }
  Status RefuseTails() {
    const size_t here = at_;
    for (; at_ < tokens_.size(); Skip()) {
      if (IsWord("returning")) return Wrong("RETURNING is not understood").WithHint("ask with a SELECT afterwards");
      if (IsWord("on") && IsWordAt(at_ + 1, "conflict"))
        return Wrong("ON CONFLICT is not understood: the lake has no unique keys")
            .WithHint("DELETE the rows of those keys first, or write an incremental model with `unique_key`");
    }
    at_ = here;
    return Ok();
  }
  Status ExpectMore(const std::string& what) {
    if (at_ < tokens_.size()) return Ok();
    return Wrong("expected " + what);
  }
  Status End() {
    if (at_ >= tokens_.size()) return Ok();
    return Wrong("'" + std::string(Text(at_)) + "' is not understood here");
  }

  Error Wrong(const std::string& message) const { return WrongAt(at_, message); }
  Error WrongAt(size_t token, const std::string& message) const {
    return Wrong(message, Begin(token), token < tokens_.size() ? End(token) - Begin(token) : 1);
  }
  Error Wrong(const std::string& message, size_t offset, size_t length) const {
    return MakeError("SQL-420", ErrorKind::kUnsupported, "{}{}{}", write_.verb, write_.verb.empty() ? "" : ": ",
                     message)
        .At(PositionAt(sql_, offset, length, ""));
  }

  static constexpr const char* kAll =
      "CREATE TABLE … AS, INSERT INTO, UPDATE, DELETE FROM, TRUNCATE, DROP TABLE, ALTER TABLE, CREATE SCHEMA, DROP SCHEMA";

  std::string_view sql_;
  std::vector<SqlToken> tokens_;
  size_t at_ = 0;
  WriteStatement write_;
};

}  // namespace

Result<WriteStatement> ParseWrite(std::string_view sql) { return WriteParser(sql).Parse(); }

}  // namespace leat::sql
