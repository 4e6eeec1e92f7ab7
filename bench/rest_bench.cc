// Load-table over REST: one client, an open loop at 1,000 requests a second, and saturation, over a lake of 1,000 tables
// with tokens. Server and clients run in this one process and share its cores.
//   leat_bench_rest [seconds per figure, default 5]
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include "base/log.h"
#include "http_load.h"
#include "lake/catalog.h"
#include "serve/server.h"

namespace {

constexpr int kTables = 1'000;

leat::bench::HttpRequest LoadTable(int connection, size_t i) {
  const size_t table = (static_cast<size_t>(connection) * 37 + i) % kTables;
  return {"GET", "/iceberg/v1/lake/namespaces/shop/tables/t" + std::to_string(table), ""};
}

void Measure(const char* what, int port, const std::string& token, int connections, double seconds, double rate) {
  const leat::bench::LoadResult load = leat::bench::RunLoad(port, token, connections, seconds, rate, LoadTable);
  if (!load.refused.empty()) {
    fmt::print(stderr, "{}: answered with {}\n", what, load.refused.begin()->first);
    std::exit(1);
  }
  fmt::print("{:<34} {:>8.0f}/s   p50 {:.3f} ms   p99 {:.3f} ms   max {:.3f} ms\n", what, load.PerSecond(),
             load.At(0.5), load.At(0.99), load.At(1));
}

int Fail(const leat::Error& error) {
  fmt::print(stderr, "{}\n", error.ToString());
  return 1;
}

int Bench(const std::filesystem::path& folder, double seconds) {
  const auto files = leat::io::MakeLocalFileSystem(/*durable=*/false);
  leat::state::StoreOptions store_options;
  store_options.durable = false;
  auto store = leat::state::Store::Open((folder / "state.db").string(), store_options);
  if (!store.ok()) return Fail(store.error());
  leat::lake::CatalogOptions options;
  options.warehouse_root = leat::io::FileUri((folder / "warehouse").string());
  auto catalog = leat::lake::Catalog::Open(**store, *files, options);
  if (!catalog.ok()) return Fail(catalog.error());
  const auto token = leat::serve::CreateToken(**store, "bench", leat::serve::Scope::kAdmin, std::nullopt);
  if (!token.ok()) return Fail(token.error());

  leat::CancelToken cancel;
  std::promise<int> ready;
  leat::serve::ServeOptions serve;
  serve.port = 0;
  std::jthread server([&] {
    const auto served =
        leat::serve::Serve(**catalog, serve, cancel, [&](const std::string&, int port) { ready.set_value(port); });
    if (!served.ok()) std::exit(Fail(served.error()));
  });
  const int port = ready.get_future().get();
  {
    leat::bench::HttpClient client(port, token->secret);
    client.Call({"POST", "/iceberg/v1/lake/namespaces", R"({"namespace":["shop"]})"});
    for (int i = 0; i < kTables; ++i) {
      std::string fields;
      for (int column = 0; column < 20; ++column) {
        fields += fmt::format(R"({}{{"id":{},"name":"column_{}","type":"long","required":false}})", column ? "," : "",
                              column, column);
      }
      client.Call({"POST", "/iceberg/v1/lake/namespaces/shop/tables",
                   fmt::format(R"({{"name":"t{}","schema":{{"type":"struct","fields":[{}]}}}})", i, fields)});
    }
  }
  Measure("load-table, one client", port, token->secret, 1, seconds, 0);
  Measure("load-table, open loop 1,000/s", port, token->secret, 16, seconds, 1'000);
  Measure("load-table, saturated (16 clients)", port, token->secret, 16, seconds, 0);
  cancel.Cancel();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 5;
  const auto folder = std::filesystem::temp_directory_path() / ("leat-bench-rest-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "warehouse");
  const int status = Bench(folder, seconds);
  std::filesystem::remove_all(folder);
  return status;
}
