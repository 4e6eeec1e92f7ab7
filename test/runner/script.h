#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::e2e {

/// One directive of a .t file with everything that belongs to it.
struct Directive {
  std::string file;                   ///< as given on the command line; of the included file inside an include
  int line = 0;                       ///< from 1
  std::string word;                   ///< "run"
  std::string rest;                   ///< what follows on the line, trimmed, variables not yet replaced
  std::vector<std::string> body;      ///< the following "| " lines without their mark
  int body_line = 0;                  ///< of the first body line, 0 without a body
  bool has_expected = false;          ///< a "----" line followed
  std::vector<std::string> expected;  ///< the lines after "----" up to the next empty line
  int expected_line = 0;              ///< of the first line after "----"
  std::vector<Directive> inner;       ///< of loop and foreach

  std::string BodyText() const;  ///< each line with its newline
  std::string Place() const;     ///< file:line
};

/// A parsed .t file (format: test/runner/README.md).
struct Script {
  std::string path;
  std::vector<std::string> tags;
  std::vector<Directive> directives;
};

/// Reads and parses a file; included files are put in place of their include. E2E-101 says what is wrong where.
Result<Script> ReadScript(const std::string& path);

/// Splits a command line into words: blanks separate, '…' and "…" hold together, a backslash takes the next character.
Result<std::vector<std::string>> SplitWords(std::string_view text);

std::string Trim(std::string_view text);

}  // namespace leat::e2e
