// Puts load on an HTTP server of this machine and prints what it gave as one line of JSON. For scripts that measure servers.
//   leat_bench_http_load PORT TOKEN CONNECTIONS SECONDS RATE METHOD PATH [BODY]
// RATE 0 saturates. In PATH and BODY {n} is a number that counts requests, {n%K} that number modulo K, {u} is unique to the
// connection and request.
#include <cstdlib>
#include <string>

#include "http_load.h"

namespace {

std::string Filled(const std::string& text, int connection, size_t number) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t open = text.find("{", at);
    if (open == std::string::npos) return out + text.substr(at);
    out += text.substr(at, open - at);
    if (text.compare(open, 3, "{u}") == 0) {
      out += std::to_string(connection) + "-" + std::to_string(number);
      at = open + 3;
    } else if (text.compare(open, 3, "{n}") == 0) {
      out += std::to_string(number);
      at = open + 3;
    } else if (text.compare(open, 3, "{n%") == 0) {
      const size_t close = text.find('}', open);
      // Connections begin at different places, so that not all want the same thing at once.
      const size_t shifted = number + static_cast<size_t>(connection) * 37;
      out += std::to_string(shifted % std::stoul(text.substr(open + 3, close - open - 3)));
      at = close + 1;
    } else {
      out += '{';
      at = open + 1;
    }
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) {
    fmt::print(stderr, "usage: {} PORT TOKEN CONNECTIONS SECONDS RATE METHOD PATH [BODY]\n", argv[0]);
    return 2;
  }
  const std::string method = argv[6];
  const std::string path = argv[7];
  const std::string body = argc > 8 ? argv[8] : "";
  const leat::bench::LoadResult load =
      leat::bench::RunLoad(std::atoi(argv[1]), argv[2], std::atoi(argv[3]), std::atof(argv[4]), std::atof(argv[5]),
                           [&](int connection, size_t number) -> leat::bench::HttpRequest {
                             return {method, Filled(path, connection, number), Filled(body, connection, number)};
                           });
  std::string refused;
  for (const auto& [status, count] : load.refused)
    refused += fmt::format("{}\"{}\": {}", refused.empty() ? "" : ", ", status, count);
  fmt::print(
      "{{\"good\": {}, \"per_second\": {:.1f}, \"p50_ms\": {:.3f}, \"p99_ms\": {:.3f}, \"max_ms\": {:.3f}, "
      "\"refused\": {{{}}}}}\n",
      load.Good(), load.PerSecond(), load.At(0.5), load.At(0.99), load.At(1), refused);
  return 0;
}
