#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::io::s3 {

/// An element of an answer of the store. Namespaces and attributes are left out.
struct XmlElement {
  std::string name;
  std::string text;
  std::vector<XmlElement> children;

  /// The first child of that name; nullptr: there is none.
  const XmlElement* Find(std::string_view child) const;
  /// The text of a child, "" where there is none.
  std::string Text(std::string_view child) const;
};

/// Reads a document with at most 32 levels; no DTD, so no entities but the five and the numbered ones. IO-514 kEnvironment
/// when it is none.
Result<XmlElement> ParseXml(std::string_view text);

/// & < > " and control characters as references.
std::string EscapeXml(std::string_view text);

}  // namespace leat::io::s3
