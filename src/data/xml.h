#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat::data {

/// Where a document is not what it should be, and how.
struct XmlFault {
  int64_t line = 1;
  int64_t column = 1;  ///< in characters
  std::string what;
};

/// A name with the namespace that it is in, "" for none.
struct XmlName {
  std::string_view space;
  std::string_view local;
};

struct XmlAttribute {
  XmlName name;
  std::string_view value;
};

class XmlParser;

/// What is told of a document, in its order. Views last as long as the call.
class XmlEvents {
 public:
  virtual ~XmlEvents() = default;
  virtual void Start(XmlParser& parser, const XmlName& name, const std::vector<XmlAttribute>& attributes) = 0;
  virtual void End(XmlParser& parser) = 0;
  /// Text and CDATA alike, in pieces as they come; line ends are \n.
  virtual void Text(XmlParser& parser, std::string_view text) = 0;
};

/// Reads XML 1.0 with namespaces as it comes, in pieces of any size. Text is given as UTF-8, whatever the document is in: what it
/// declares (UTF-8, UTF-16, and whatever iconv knows with one byte a character). Nothing outside of the document is ever looked
/// at, and entities of its own are refused, so what comes out is no larger than what went in. Not thread-safe.
class XmlParser {
 public:
  static constexpr int kMostLevels = 60;                     ///< of elements inside of each other
  static constexpr size_t kLongestToken = size_t{32} << 20;  ///< bytes of one tag with its attributes, or of a comment

  /// `encoding`: "" for what the document says, else it is in this one ("UTF-8") whatever it says.
  explicit XmlParser(XmlEvents& events, const std::string& encoding = "");
  ~XmlParser();
  XmlParser(const XmlParser&) = delete;
  XmlParser& operator=(const XmlParser&) = delete;

  /// The next bytes; `last`: there are no more. After a fault nothing more is read.
  std::optional<XmlFault> Feed(std::string_view bytes, bool last);
  /// For events: stops, and this is the fault, at the place of the event.
  void Stop(std::string what);
  int64_t line() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace leat::data
