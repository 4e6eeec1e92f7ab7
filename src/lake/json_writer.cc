#include "lake/json_writer.h"

namespace leat::lake {

void JsonWriter::AppendString(std::string_view text) {
  out_ += '"';
  size_t plain = 0;  // start of the run that needs no escape
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) continue;
    out_ += text.substr(plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out_ += "\\\""; break;
      case '\\': out_ += "\\\\"; break;
      case '\n': out_ += "\\n"; break;
      case '\t': out_ += "\\t"; break;
      case '\r': out_ += "\\r"; break;
      default: out_ += fmt::format("\\u{:04x}", static_cast<int>(c));
    }
  }
  out_ += text.substr(plain);
  out_ += '"';
}

}  // namespace leat::lake
