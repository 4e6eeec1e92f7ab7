#include <filesystem>

#include "app/context.h"
#include "app/json_text.h"
#include "base/plain_name.h"
#include "io/file_system.h"

namespace leat::app {
namespace {

namespace fs = std::filesystem;

struct Template {
  const char* path;
  const char* text;
};

constexpr Template kGitIgnore = {".gitignore", ".leat/\n.env\n"};

constexpr Template kEmptyConnections = {"connections.yml", "connections: {}\n"};

/// A first project that runs as it is: one csv, one model, a few checks.
constexpr Template kExample[] = {
    {"connections.yml", "connections:\n  inbound: { type: csv, path: inbound }\n"},
    {"sources/shop.yml",
     "source: shop\n"
     "connection: inbound\n"
     "description: Orders as they arrive, one file a day.\n"
     "tables:\n"
     "  - name: orders\n"
     "    files: orders_*.csv\n"
     "    columns:\n"
     "      - name: order_id\n"
     "        description: Given by the shop\n"
     "        checks: [not_null, unique]\n"},
    {"inbound/orders_2026-11-01.csv",
     "order_id,customer,ordered_at,amount\n"
     "1,Ada,2026-11-01 09:12:00,19.90\n"
     "2,Grace,2026-11-01 10:40:00,5.00\n"
     "3,Ada,2026-11-01 17:05:00,42.50\n"},
    {"models/customers.sql",
     "select customer, count(*) as orders, sum(amount) as amount, max(ordered_at) as last_order\n"
     "from {{ source('shop', 'orders') }}\n"
     "group by customer\n"},
    {"models/schema.yml",
     "models:\n"
     "  - name: customers\n"
     "    description: One row per customer.\n"
     "    columns:\n"
     "      - name: customer\n"
     "        checks: [not_null, unique]\n"},
};

std::string ProjectName(const fs::path& folder) {
  std::string name;
  for (const char c : folder.filename().string()) {
    name += IsPlain(c) ? c : '_';
  }
  return name.empty() ? "project" : name;
}

Status Write(const fs::path& folder, const char* path, std::string_view text, std::vector<std::string>& written) {
  std::unique_ptr<io::FileSystem> files = io::MakeLocalFileSystem(false);
  const fs::path file = folder / path;
  std::error_code ignored;
  if (fs::exists(file, ignored)) return Ok();  // what is there stays
  LEAT_TRY(files->WriteNew(file.string(), text));
  written.emplace_back(path);
  return Ok();
}

Result<int> Init(Context& context) {
  const std::string given = context.args().At(0);
  std::error_code error;
  const fs::path folder = fs::absolute(given.empty() ? "." : given, error).lexically_normal();
  const fs::path named = folder.filename().empty() ? folder.parent_path() : folder;
  if (fs::exists(folder / "leat.yml", error)) {
    return MakeError("APP-203", ErrorKind::kExists, "{} is a project already", named.string())
        .WithHint("check it with: leat check");
  }
  fs::create_directories(folder, error);
  if (error)
    return MakeError("APP-302", ErrorKind::kEnvironment, "cannot make {}: {}", folder.string(), error.message());
  const std::string name = context.args().Get("name", ProjectName(named));
  std::vector<std::string> written;
  LEAT_TRY(Write(folder, "leat.yml", "version: 1\nname: " + name + "\n", written));
  if (context.args().Has("empty")) {
    LEAT_TRY(Write(folder, kEmptyConnections.path, kEmptyConnections.text, written));
  } else {
    for (const Template& file : kExample) LEAT_TRY(Write(folder, file.path, file.text, written));
  }
  LEAT_TRY(Write(folder, kGitIgnore.path, kGitIgnore.text, written));
  if (context.json()) {
    JsonObject object;
    object.Text("folder", named.string()).Text("name", name).Texts("files", written);
    Print(object.Done() + "\n");
    return 0;
  }
  for (const std::string& path : written) Print("  " + path + "\n");
  Print(
      fmt::format("\nProject {} in {}. Next:\n{}  leat check    all files\n  leat run      load, build, check, "
                  "publish\n  leat sql      ask\n",
                  name, named.string(), given.empty() || given == "." ? "" : "  cd " + given + "\n"));
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_init() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "init";
  spec.summary = "Make a first project that runs as it is";
  spec.options = {{"name", "NAME", "of the project; default the folder's", 0, {}, false, ""},
                  {"empty", "", "without the example", 0, {}, false, ""},
                  OutputOption()};
  spec.arguments = {{"FOLDER", "default: here; files that are there stay", false, false}};
  spec.examples = {"leat init shop && cd shop && leat run"};
  spec.run = Init;
  return spec;
}
