#pragma once

#include <sqlite3.h>

#include <string>

#include "data/type.h"
#include "data/value.h"

namespace leat::components::sqlite {

/// The Iceberg type of a declared column type; null when the declaration says nothing (then the values decide).
data::TypePtr TypeOfDeclaration(const std::string& declared);

/// Column `at` of the current row as a value of `type`. False when it does not fit exactly; `message` says why, with the value.
bool ReadCell(sqlite3_stmt* statement, int at, const data::Type& type, data::Value& value, std::string& message);

/// Column `at` as JSON text: number, string (blobs as hex), null.
std::string CellAsJson(sqlite3_stmt* statement, int at);

}  // namespace leat::components::sqlite
