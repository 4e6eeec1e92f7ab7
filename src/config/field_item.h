#pragma once

#include "config/field.h"

namespace leat::config {

/// One checked value behind Values: the members that its field's type fills.
struct Values::Item {
  bool given = false;
  std::string text;     ///< scalars, variables replaced
  int64_t integer = 0;  ///< kInteger; kBytes; kDuration in microseconds
  double number = 0;    ///< kNumber; kPercent as a fraction; kInteger too
  bool boolean = false;
  std::vector<std::string> list;
  std::map<std::string, std::string> map;
  std::vector<Values> objects;  ///< of a list or map with `fields` (map keys: in `list`), or one kObject
  bool is_object = false;
  Node raw;  ///< as in the file, variables not replaced
};

}  // namespace leat::config
