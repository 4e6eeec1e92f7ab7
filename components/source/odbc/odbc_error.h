#pragma once

#include <string>

#include "base/error.h"

namespace leat::components::odbc {

/// What a driver's diagnosis means: its first SQLSTATE and its messages in one line.
struct Diagnosis {
  std::string state, text;
  bool connecting = false;  ///< said while connecting
  bool dead = false;        ///< the connection is gone
  bool again = false;       ///< the database means: try it again
  bool too_long = false;    ///< the database ended the statement for its time, by its own number
};
/// MariaDB's and MySQL's own number for it.
bool IsMySqlTimeout(int native);
Error ErrorOf(const Diagnosis& diagnosis, const std::string& what, const std::string& shown);

}  // namespace leat::components::odbc
