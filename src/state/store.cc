#include "state/store.h"

#include <cassert>

#include "state/migration.h"
#include "state/postgres_store.h"
#include "state/sqlite_store.h"

namespace leat::state {

int64_t Rows::Int(size_t row, size_t column) const {
  assert(std::holds_alternative<int64_t>(rows[row][column]));
  return std::get<int64_t>(rows[row][column]);
}

std::string Rows::Text(size_t row, size_t column) const {
  assert(std::holds_alternative<std::string>(rows[row][column]));
  return std::get<std::string>(rows[row][column]);
}

bool Rows::IsNull(size_t row, size_t column) const { return std::holds_alternative<std::monostate>(rows[row][column]); }

std::optional<int64_t> Rows::OptInt(size_t row, size_t column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Int(row, column);
}

std::optional<std::string> Rows::OptText(size_t row, size_t column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Text(row, column);
}

Result<std::unique_ptr<Store>> Store::Open(const std::string& url, const StoreOptions& options) {
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return OpenPostgresStore(url, options, Migrations());
  }
  if (const size_t scheme = url.find("://"); scheme != std::string::npos && !url.starts_with("file://")) {
    return MakeError("STATE-101", ErrorKind::kConfig, "the state cannot be kept in {}", url)
        .WithHint("state is a path (./.leat/state.db) or postgresql://user@host/database");
  }
  return OpenSqliteStore(url.starts_with("file://") ? url.substr(7) : url, options, Migrations());
}

int SchemaVersion() { return Migrations().back().number; }

}  // namespace leat::state
