#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace leat::lake {

/// Appends JSON to one string: metadata files with hundreds of summaries are formatted at every commit, and building a
/// tree first would cost more than the commit. Commas are put by itself; the caller keeps brackets balanced.
class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  JsonWriter& Key(std::string_view name) {
    Comma();
    AppendString(name);
    out_ += ':';
    comma_ = false;
    return *this;
  }
  JsonWriter& String(std::string_view text) {
    Comma();
    AppendString(text);
    return *this;
  }
  JsonWriter& Int(int64_t number) {
    Comma();
    out_ += fmt::format_int(number).c_str();
    return *this;
  }
  JsonWriter& Bool(bool value) { return Raw(value ? "true" : "false"); }
  /// Text that is JSON already.
  JsonWriter& Raw(std::string_view json) {
    Comma();
    out_ += json;
    return *this;
  }

  std::string Take() { return std::move(out_); }

 private:
  JsonWriter& Open(char bracket) {
    Comma();
    out_ += bracket;
    comma_ = false;
    return *this;
  }
  JsonWriter& Close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
  }
  void Comma() {
    if (comma_) out_ += ',';
    comma_ = true;
  }
  void AppendString(std::string_view text);

  std::string out_;
  bool comma_ = false;
};

}  // namespace leat::lake
