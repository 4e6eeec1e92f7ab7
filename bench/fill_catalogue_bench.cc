// Fills the lake of a project (state in .leat/state.db, not yet served) with tables and a long commit log.
//   leat_bench_fill_catalogue PROJECT TABLES COMMITS
// Each table is made, moved COMMITS / TABLES - 2 times, one commit each, and at last points at its metadata file again.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/ids.h"
#include "lake/catalog.h"
#include "lake/table_change.h"
#include "must.h"

namespace {

using namespace leat;
using namespace leat::lake;
using bench::Must;

TableName Name(int table) { return {"shop", "t" + std::to_string(table)}; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s PROJECT TABLES COMMITS\n", argv[0]);
    return 2;
  }
  const std::string project = std::filesystem::absolute(argv[1]);
  const int tables = std::atoi(argv[2]);
  const int rounds = std::atoi(argv[3]) / tables;
  state::StoreOptions store_options;
  store_options.durable = false;
  const auto store = Must(state::Store::Open(project + "/.leat/state.db", store_options));
  const auto files = io::MakeLocalFileSystem(false);
  CatalogOptions options;
  options.warehouse_root = io::FileUri(project + "/.leat/warehouse");
  const auto catalog = Must(Catalog::Open(*store, *files, options));
  Must(catalog->CreateNamespace("main", "shop", {}, {}));

  data::Schema schema;
  for (int i = 1; i <= 20; ++i) {
    data::Field& field = schema.fields.emplace_back();
    field.id = i;
    field.name = "column_" + std::to_string(i);
    field.type = data::Primitive(data::TypeId::kLong);
  }
  std::vector<std::string> uuids, real, now;
  for (int table = 0; table < tables; ++table) {
    const std::string uuid = NewUuidV7();
    std::vector<std::string> written;
    TableMetadata metadata = Must(NewTableMetadata(uuid, catalog->NewTableLocation(Name(table), uuid, {}), schema, {},
                                                   {}, {}, SystemClock().Now()));
    uuids.push_back(uuid);
    real.push_back(Must(WriteMetadata(*files, metadata, "", written)));
  }
  now.resize(real.size());
  for (int round = 0; round < rounds; ++round) {
    for (int table = 0; table < tables; ++table) {
      const auto at = static_cast<size_t>(table);
      std::string next = real[at];
      if (round > 0 && round + 1 < rounds) next.replace(next.rfind('/') + 1, 5, std::to_string(10'000 + round));
      CommitRequest request;
      request.ref = "main";
      request.info.author = "bench";
      request.changes.push_back(
          {ObjectKind::kTable, Name(table), uuids[at], round == 0 ? std::nullopt : std::optional(now[at]), next});
      Must(catalog->Commit(request));
      now[at] = next;
    }
  }
  return 0;
}
