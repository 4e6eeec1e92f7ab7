#include "config/template/template.h"

#include <cctype>

#include "config/text.h"

namespace leat::config {
namespace {

class Renderer {
 public:
  Renderer(std::string_view text, std::string file, const ExpressionHandler& handler, Findings& findings)
      : text_(text), lines_(text), file_(std::move(file)), handler_(handler), findings_(findings) {}

  Rendered Render() {
    size_t at = 0;
    while (at < text_.size()) {
      const size_t open = NextOpening(at);
      Copy(at, open);
      if (open == text_.size()) break;
      at = Tag(open);
    }
    FillLineMap();
    return std::move(out_);
  }

 private:
  size_t NextOpening(size_t from) const {
    for (size_t at = text_.find('{', from); at != std::string_view::npos; at = text_.find('{', at + 1)) {
      const char next = at + 1 < text_.size() ? text_[at + 1] : '\0';
      if (next == '{' || next == '%' || next == '#') return at;
    }
    return text_.size();
  }

  void Copy(size_t from, size_t to) {
    if (trim_next_) {
      while (from < to && std::isspace(static_cast<unsigned char>(text_[from])) != 0) ++from;
      if (from < to) trim_next_ = false;
    }
    out_.text += text_.substr(from, to - from);
    copied_.AddCopy(to - from, from);
  }

  // Handles the tag that opens at `open`; returns where the text goes on.
  size_t Tag(size_t open) {
    const char kind = text_[open + 1];
    const std::string_view closing = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
    const size_t close = kind == '#' ? text_.find(closing, open + 2) : FindClose(open + 2, closing);
    if (close == std::string_view::npos) {
      findings_.Add(MakeError("CFG-121", ErrorKind::kConfig, "'{}' is never closed", text_.substr(open, 2))
                        .WithHint(fmt::format("end it with {}", closing))
                        .At(Place(open, 2)));
      return text_.size();
    }
    size_t begin = open + 2;
    size_t end = close;
    if (begin < end && text_[begin] == '-') {
      ++begin;
      TrimBack();
    }
    const bool trim_after = end > begin && text_[end - 1] == '-';
    if (trim_after) --end;
    if (kind == '%') RefuseStatement(open, close + 2);
    if (kind == '{') Emit(open, begin, end, close + 2);
    trim_next_ = trim_after;
    return close + 2;
  }

  // The closing braces outside of quotes.
  size_t FindClose(size_t from, std::string_view closing) const {
    char quote = '\0';
    for (size_t at = from; at < text_.size(); ++at) {
      const char c = text_[at];
      if (quote != '\0') {
        if (c == '\\') ++at;
        else if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (text_.substr(at, 2) == closing) {
        return at;
      }
    }
    return std::string_view::npos;
  }

  void TrimBack() {
    size_t size = out_.text.size();
    while (size > 0 && std::isspace(static_cast<unsigned char>(out_.text[size - 1])) != 0) --size;
    out_.text.resize(size);
    copied_ = Shortened(copied_, size);
  }

  static TextMap Shortened(const TextMap& map, size_t size) {
    TextMap cut;
    cut.AddCopy(size, 0);
    return cut.After(map);
  }

  void Emit(size_t open, size_t begin, size_t end, size_t after) {
    auto expression = ParseExpression(text_.substr(begin, end - begin), Place(begin, 1));
    if (!expression.ok()) {
      findings_.Add(std::move(expression).error());
      return;
    }
    auto text = handler_(*expression);
    if (!text.ok()) {
      Error error = std::move(text).error();
      findings_.Add(error.where().known() ? std::move(error) : std::move(error).At(expression->where));
      return;
    }
    out_.text += *text;
    copied_.AddReplacement(text->size(), open, after - open);
  }

  void RefuseStatement(size_t open, size_t after) {
    findings_.Add(
        MakeError("CFG-122", ErrorKind::kUnsupported, "statements {{% %}} are not supported yet")
            .WithHint("write the SQL itself; {{ ref() }}, {{ source() }}, {{ config() }}, {{ this }} and comments "
                      "work, dbt's whole language comes later")
            .At(Place(open, after - open)));
  }

  SourceSpan Place(size_t offset, size_t length) const {
    const auto [line, column] = lines_.Position(offset);
    const std::string_view span = text_.substr(offset, length);
    return {file_, line, column, CountCharacters(span.substr(0, span.find('\n')))};
  }

  void FillLineMap() {
    out_.map = std::move(copied_);
    size_t at = 0;
    while (true) {
      out_.line_map.push_back(lines_.Position(out_.map.Find(at, 1).first).first);
      const size_t end = out_.text.find('\n', at);
      if (end == std::string::npos || end + 1 >= out_.text.size()) return;
      at = end + 1;
    }
  }

  std::string_view text_;
  Lines lines_;
  std::string file_;
  const ExpressionHandler& handler_;
  Findings& findings_;
  Rendered out_;
  TextMap copied_;
  bool trim_next_ = false;
};

}  // namespace

Rendered RenderTemplate(std::string_view text, const std::string& file, const ExpressionHandler& handler,
                        Findings& findings) {
  return Renderer(text, file, handler, findings).Render();
}

}  // namespace leat::config
