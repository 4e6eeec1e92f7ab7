#include "data/xml.h"

#include <expat.h>
#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace leat::data {
namespace {

constexpr char kBetween = '\x1f';  // no character of XML: between namespace and name
constexpr size_t kFedAtOnce = size_t{1} << 20;

XmlName NameOf(const char* text) {
  const std::string_view whole(text);
  const size_t end = whole.rfind(kBetween);
  if (end == std::string_view::npos) return {{}, whole};
  return {whole.substr(0, end), whole.substr(end + 1)};
}

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// The first reference to an entity that XML itself does not have, in the bytes of a tag; "" when there is none. Bytes that are 0
/// (of UTF-16) are skipped.
std::string ForeignEntity(std::string_view tag) {
  std::string text;
  std::copy_if(tag.begin(), tag.end(), std::back_inserter(text), [](char c) { return c != '\0'; });
  for (size_t at = text.find('&'); at != std::string::npos; at = text.find('&', at + 1)) {
    const size_t end = text.find(';', at);
    if (end == std::string::npos) break;
    std::string name = text.substr(at + 1, end - at - 1);
    if (name.empty() || !IsNameStart(name[0])) continue;
    if (name != "lt" && name != "gt" && name != "amp" && name != "quot" && name != "apos") return name;
  }
  return "";
}

std::string EntityText(std::string_view name) {
  return fmt::format("the entity &{}; is not XML's own, and entities of a document are not expanded", name);
}

/// Fills the table of an encoding with one byte a character; false where it is not known or has characters of several bytes.
bool FillTable(const char* name, XML_Encoding& table) {
  const iconv_t converter = iconv_open("UTF-32LE", name);
  if (converter == reinterpret_cast<iconv_t>(-1)) return false;  // NOLINT: what iconv_open says
  bool single = true;
  for (int byte = 0; byte < 256 && single; ++byte) {
    char in = static_cast<char>(byte);
    char out[16];
    char *from = &in, *to = out;
    size_t from_left = 1, to_left = sizeof out;
    iconv(converter, nullptr, nullptr, nullptr, nullptr);
    const size_t done = iconv(converter, &from, &from_left, &to, &to_left);
    if (done == static_cast<size_t>(-1) || from_left != 0 || sizeof out - to_left != 4) {
      single = done != static_cast<size_t>(-1) ? false : errno == EILSEQ;
      table.map[byte] = -1;
      continue;
    }
    uint32_t character = 0;
    std::memcpy(&character, out, 4);
    table.map[byte] = static_cast<int>(character);
  }
  iconv_close(converter);
  table.data = nullptr;
  table.convert = nullptr;
  table.release = nullptr;
  return single;
}

}  // namespace

struct XmlParser::State {
  State(XmlParser& owner, XmlEvents& told) : parser(owner), events(told) {}
  ~State() {
    if (expat != nullptr) XML_ParserFree(expat);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  XmlFault Here(std::string what) const {
    return {static_cast<int64_t>(XML_GetCurrentLineNumber(expat)),
            1 + static_cast<int64_t>(XML_GetCurrentColumnNumber(expat)), std::move(what)};
  }

  void Stop(std::string what) {
    if (fault) return;
    fault = Here(std::move(what));
    XML_StopParser(expat, XML_FALSE);
  }

  /// Attributes with foreign entities come without them, and without a word, where the document names a DTD elsewhere.
  void LookAtTag() {
    int offset = 0, size = 0;
    const char* const buffer = XML_GetInputContext(expat, &offset, &size);
    const int length = XML_GetCurrentByteCount(expat);
    if (buffer == nullptr || offset + length > size) return;
    const std::string name = ForeignEntity({buffer + offset, static_cast<size_t>(length)});
    if (!name.empty()) Stop(EntityText(name));
  }

  void Start(const char* name, const char** given) {
    if (fault) return;
    if (++level > kMostLevels)
      return Stop(fmt::format("elements stand inside of each other more than {} levels deep", kMostLevels));
    if (other_dtd) LookAtTag();
    attributes.clear();
    for (; *given != nullptr; given += 2) attributes.push_back({NameOf(given[0]), given[1]});
    if (!fault) events.Start(parser, NameOf(name), attributes);
  }

  void End() {
    --level;
    if (!fault) events.End(parser);
  }

  void Text(const char* text, int size) {
    if (!fault) events.Text(parser, {text, static_cast<size_t>(size)});
  }

  static State& Of(void* user) { return *static_cast<State*>(user); }
  void Listen();
  std::string WhatIsWrong(bool last) const;

  XmlParser& parser;
  XmlEvents& events;
  XML_Parser expat = nullptr;
  std::optional<XmlFault> fault;
  std::vector<XmlAttribute> attributes;
  std::string unknown_encoding;
  size_t fed = 0;
  int level = 0;
  bool other_dtd = false;
};

void XmlParser::State::Listen() {
  XML_SetUserData(expat, this);
  XML_SetElementHandler(
      expat, [](void* user, const char* name, const char** given) { Of(user).Start(name, given); },
      [](void* user, const char*) { Of(user).End(); });
  XML_SetCharacterDataHandler(expat, [](void* user, const char* text, int size) { Of(user).Text(text, size); });
  XML_SetStartDoctypeDeclHandler(expat, [](void* user, const char*, const char* system, const char* open, int) {
    Of(user).other_dtd = system != nullptr || open != nullptr;
  });
  XML_SetEntityDeclHandler(expat, [](void* user, const char* name, int, const char*, int, const char*, const char*,
                                     const char*, const char*) {
    Of(user).Stop(fmt::format("the document declares the entity {}: entities of a document are not expanded", name));
  });
  XML_SetSkippedEntityHandler(expat, [](void* user, const char* name, int is_parameter) {
    Of(user).other_dtd = true;
    if (is_parameter == 0) Of(user).Stop(EntityText(name));
  });
  XML_SetUnknownEncodingHandler(
      expat,
      [](void* user, const char* name, XML_Encoding* table) {
        if (FillTable(name, *table)) return static_cast<int>(XML_STATUS_OK);
        Of(user).unknown_encoding = name;
        return static_cast<int>(XML_STATUS_ERROR);
      },
      this);
}

std::string XmlParser::State::WhatIsWrong(bool last) const {
  const XML_Error code = XML_GetErrorCode(expat);
  switch (code) {
    case XML_ERROR_UNKNOWN_ENCODING:
      return fmt::format("the encoding '{}' is not read from a document; name it as the `encoding:`", unknown_encoding);
    case XML_ERROR_INCORRECT_ENCODING: return "the document is not in the encoding that it declares";
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
      if (last) return fed == 0 ? "there is no document" : "the document is cut off";
      break;
    case XML_ERROR_SYNTAX: return "this is no XML";
    case XML_ERROR_UNDEFINED_ENTITY: return "an entity is not XML's own, and entities of a document are not expanded";
    case XML_ERROR_TAG_MISMATCH: return "the end of another element than the one that is open";
    case XML_ERROR_JUNK_AFTER_DOC_ELEMENT: return "more stands behind the document";
    default: break;
  }
  return XML_ErrorString(code);
}

XmlParser::XmlParser(XmlEvents& events, const std::string& encoding) : state_(std::make_unique<State>(*this, events)) {
  state_->expat = XML_ParserCreateNS(encoding.empty() ? nullptr : encoding.c_str(), kBetween);
  if (state_->expat == nullptr) throw std::bad_alloc();
  state_->Listen();
}

XmlParser::~XmlParser() = default;

std::optional<XmlFault> XmlParser::Feed(std::string_view bytes, bool last) {
  State& state = *state_;
  do {
    if (state.fault) return state.fault;
    const std::string_view now = bytes.substr(0, kFedAtOnce);
    bytes.remove_prefix(now.size());
    const bool end = last && bytes.empty();
    state.fed += now.size();
    if (XML_Parse(state.expat, now.data(), static_cast<int>(now.size()), end ? 1 : 0) != XML_STATUS_OK && !state.fault)
      state.fault = state.Here(state.WhatIsWrong(end));
    const XML_Index at = XML_GetCurrentByteIndex(state.expat);
    if (!state.fault && !end && at >= 0 && state.fed - static_cast<size_t>(at) > kLongestToken)
      state.fault = state.Here(fmt::format("a tag or a comment is longer than {} MB", kLongestToken >> 20));
  } while (!bytes.empty());
  return state.fault;
}

void XmlParser::Stop(std::string what) { state_->Stop(std::move(what)); }
int64_t XmlParser::line() const { return static_cast<int64_t>(XML_GetCurrentLineNumber(state_->expat)); }

}  // namespace leat::data
