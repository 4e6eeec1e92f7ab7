#pragma once

#include <string>

namespace leat {

/// A place in a text that a person wrote: file, line and column from 1, length in characters.
/// `line == 0` means "the file as a whole"; an empty `file` means "no place known".
struct SourceSpan {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 0;

  bool known() const { return !file.empty(); }
  /// Returns "file:line:column", with the parts that are known.
  std::string ToString() const;
};

}  // namespace leat
