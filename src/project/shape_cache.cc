#include "project/shape_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "config/tree.h"
#include "io/hash.h"

namespace leat::project {
namespace {

using Json = nlohmann::json;

// Changes with the format and with what the walker finds.
constexpr int kVersion = 1;

std::string CacheFile(const std::string& root) { return root + "/.leat/cache/shapes.json"; }

Json ToJson(const sql::StatementShape& shape) {
  Json tables = Json::array();
  for (const sql::TableReference& t : shape.tables) {
    tables.push_back({t.catalog, t.schema, t.table, t.at_clause, t.offset, t.length});
  }
  Json functions = Json::array();
  for (const sql::FunctionReference& f : shape.functions) functions.push_back({f.name, f.table_function, f.offset});
  return {{"tables", tables}, {"functions", functions}, {"volatile", shape.is_volatile}};
}

// Throws nlohmann's exceptions on anything that is not as ToJson wrote it.
sql::StatementShape FromJson(const Json& json) {
  sql::StatementShape shape;
  for (const Json& t : json.at("tables")) {
    shape.tables.push_back({t.at(0).get<std::string>(), t.at(1).get<std::string>(), t.at(2).get<std::string>(),
                            t.at(3).get<std::string>(), t.at(4).get<size_t>(), t.at(5).get<size_t>()});
  }
  for (const Json& f : json.at("functions")) {
    shape.functions.push_back({f.at(0).get<std::string>(), f.at(1).get<bool>(), f.at(2).get<size_t>()});
  }
  shape.is_volatile = json.at("volatile").get<bool>();
  return shape;
}

bool MakePrivateFolder(const std::string& path) { return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST; }

}  // namespace

ShapeCache::ShapeCache(std::string root) : root_(std::move(root)) {
  const auto text = config::ReadTextFile(CacheFile(root_), "shapes.json");
  if (!text.ok()) return;
  try {
    const Json json = Json::parse(*text);
    if (json.at("version").get<int>() != kVersion) return;
    for (const auto& [hash, shape] : json.at("shapes").items()) stored_[hash] = FromJson(shape);
  } catch (const Json::exception&) {
    stored_.clear();
  }
}

Result<sql::Connection*> ShapeCache::Connection() {
  if (connection_ == nullptr) {
    MakePrivateFolder(root_ + "/.leat");
    sql::EngineOptions options;
    // Shared by all processes, as a lakehouse's is: an engine locks what it has of its own there. Not below .leat/tmp, where
    // engines take away what nobody has locked.
    options.private_folder = root_ + "/.leat/cache/engine";
    options.memory_limit_bytes = 256 << 20;
    options.threads = 1;
    LEAT_ASSIGN(engine_, sql::Engine::Open(options));
    LEAT_ASSIGN(connection_, engine_->Connect());
  }
  return connection_.get();
}

Result<sql::StatementShape> ShapeCache::Get(const std::string& sql) {
  const std::string hash = io::HashBytes(sql);
  const auto found = stored_.find(hash);
  if (found != stored_.end()) {
    used_[hash] = found->second;
    return found->second;
  }
  ++misses_;
  LEAT_ASSIGN(sql::Connection * connection, Connection());
  LEAT_ASSIGN(sql::StatementShape shape, sql::WalkSelect(*connection, sql));
  used_[hash] = shape;
  return shape;
}

void ShapeCache::Save() {
  if (connection_ != nullptr) {
    connection_.reset();
    engine_.reset();
  }
  if (misses_ == 0 && used_.size() == stored_.size()) return;
  Json shapes = Json::object();
  for (const auto& [hash, shape] : used_) shapes[hash] = ToJson(shape);
  const std::string text =
      Json{{"version", kVersion}, {"shapes", shapes}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!MakePrivateFolder(root_ + "/.leat") || !MakePrivateFolder(root_ + "/.leat/cache")) return;
  // Another process may read or write at the same time: the file appears whole or not at all.
  const std::string temporary = CacheFile(root_) + "." + NewUuidV4();
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) return;
  ::fchmod(::fileno(file), 0600);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed || std::rename(temporary.c_str(), CacheFile(root_).c_str()) != 0)
    std::remove(temporary.c_str());
}

}  // namespace leat::project
