#include "serve/server.h"

#include <filesystem>

#include "app/context.h"
#include "app/json_text.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/env.h"
#include "config/tree.h"
#include "run/external_gate.h"
#include "serve/iceberg/store_access.h"
#include "serve/token.h"

namespace leat::app {
namespace {

/// SIGHUP: reads the project's files again. What cannot change under a running server is told; with errors all stays as it was.
void ReadAgain(Context& context, project::Settings& known, serve::Tls* tls) {
  const Console& console = context.console();
  if (tls != nullptr) {
    const Status read = tls->Reload();
    if (read.ok()) PrintError("SIGHUP: the certificate and its key were read again\n");
    else PrintError(config::RenderError(read.error(), context.known_root(), console.err_color));
  }
  const Result<project::Project> project = context.ReadProject();
  if (!project.ok()) {
    Log(LogLevel::kWarn, "serve.reload_failed", {{"error", project.error().code()}});
    PrintError(config::RenderError(project.error(), context.known_root(), console.err_color));
    PrintError("SIGHUP: the project's files have errors; the server goes on as it was\n");
    return;
  }
  const project::Settings& now = project->settings;
  std::string fixed;
  const std::pair<const char*, bool> changes[] = {{"warehouse", now.warehouse != known.warehouse},
                                                  {"state", now.state != known.state},
                                                  {"warehouse_name", now.warehouse_name != known.warehouse_name}};
  for (const auto& [name, changed] : changes) {
    if (changed) fixed += (fixed.empty() ? "" : ", ") + std::string(name);
  }
  Log(LogLevel::kInfo, "serve.reloaded", {{"assets", std::to_string(project->assets.size())}});
  PrintError(fmt::format("SIGHUP: the project's files were read again: {} assets, no errors{}\n",
                         project->assets.size(),
                         fixed.empty() ? "" : "; " + fixed + " changed: start the server again for that"));
}

/// What belongs to one warehouse: the gate before writes of other engines, and, in an object store, how they reach the files
/// (`vend` below `storage:`).
Status AddParts(run::Lakehouse& lakehouse, const std::string& root, const config::EnvLookup& env,
                serve::ServeOptions& options) {
  serve::iceberg::WarehouseParts& parts = options.parts[lakehouse.settings.warehouse_name];
  parts.gate = std::make_shared<run::ExternalGate>(lakehouse, [root, env] { return project::ReadProject(root, env); });
  if (lakehouse.object_store == nullptr) return Ok();
  LEAT_ASSIGN(project::StoreSharing sharing, project::ReadStoreSharing(root, env));
  parts.store = std::make_shared<serve::iceberg::StoreAccess>(lakehouse.object_store, std::move(sharing));
  return Ok();
}

Result<int> ServeCommand(Context& context) {
  serve::ServeOptions options;
  LEAT_TRY(serve::ParseListen(context.args().Get("listen", "127.0.0.1:8080"), options));
  options.no_auth = context.args().Has("no-auth");
  std::shared_ptr<serve::Tls> tls;
  if (context.args().Has("tls-cert") != context.args().Has("tls-key")) {
    return MakeError("SERVE-105", ErrorKind::kUsage, "--tls-cert and --tls-key go together")
        .WithHint("name both files, or none for plain HTTP");
  }
  if (context.args().Has("tls-cert")) {
    LEAT_ASSIGN(tls, serve::Tls::Load(context.args().Get("tls-cert"), context.args().Get("tls-key")));
  }
  options.tls = tls;
  // Opened here, not by the context: what is asked before a stop may still finish its requests to an object store.
  LEAT_ASSIGN(const std::string own_root, context.Root());
  LEAT_ASSIGN(const project::Settings own_settings, context.ReadSettings());
  LEAT_ASSIGN(const auto lakehouse, run::Lakehouse::Open(own_root, own_settings, true));
  LEAT_ASSIGN(const config::EnvLookup own_env, config::ProjectEnv(own_root));
  LEAT_TRY(AddParts(*lakehouse, own_root, own_env, options));
  std::vector<std::unique_ptr<run::Lakehouse>> others;
  for (const std::string& folder : context.args().All("with")) {
    if (!std::filesystem::is_directory(folder)) {
      return MakeError("PROJ-101", ErrorKind::kNotFound, "there is no folder {}", folder)
          .WithHint("--with names the folder of another project");
    }
    LEAT_ASSIGN(const std::string root, project::FindProjectRoot(std::filesystem::absolute(folder).string()));
    LEAT_ASSIGN(const config::EnvLookup env, config::ProjectEnv(root));
    LEAT_ASSIGN(const project::Settings settings, project::ReadSettings(root, env));
    LEAT_ASSIGN(auto other, run::Lakehouse::Open(root, settings, true));
    options.more.push_back(other->catalog.get());
    LEAT_TRY(AddParts(*other, root, env, options));
    others.push_back(std::move(other));
  }
  const Console console = context.console();
  context.Cancel();
  project::Settings known = lakehouse->settings;
  SetHangupAction([&context, &known, &tls] { ReadAgain(context, known, tls.get()); });
  Status served = serve::Serve(*lakehouse, options, context.Cancel(), [&](const std::string& address, int port) {
    const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
    const std::string url = fmt::format("{}://{}:{}", tls ? "https" : "http", host, port);
    Print(fmt::format("listening on {}\n", url));
    PrintError(
        Styled(fmt::format("Iceberg REST catalogue: {}/iceberg (warehouse '{}'), health: {}/healthz. Ctrl-C ends.\n",
                           url, lakehouse->settings.warehouse_name, url),
               Style::kDim, console.err_color));
  });
  SetHangupAction({});
  LEAT_TRY(std::move(served));
  // Being stopped is how a server ends: TERM from a service manager is success, Ctrl-C as everywhere.
  return StoppedBy() == 2 ? 130 : 0;
}

Result<int> CreateTokenCommand(Context& context) {
  LEAT_ASSIGN(const serve::Scope scope, serve::ParseScope(context.args().Get("scope", "read")));
  std::optional<std::chrono::seconds> life;
  LEAT_ASSIGN(const int days, context.args().Whole("days", 90, 0));
  if (days > 0) life = std::chrono::hours(24) * days;
  const bool client = context.args().Has("client");
  if (client && !context.args().Has("days")) life.reset();  // what it is issued ends by itself
  LEAT_ASSIGN(const serve::TableRights tables, serve::TableRights::Make(context.args().All("tables")));
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  LEAT_ASSIGN(const serve::NewToken token,
              serve::CreateToken(*lakehouse->store, context.args().At(0), scope, life, tables, client));
  const std::string expires = token.expires_at ? FormatTime(*token.expires_at) : "";
  if (context.json()) {
    JsonObject object;
    object.Text("id", token.id)
        .Text("token", token.secret)
        .Text("user", context.args().At(0))
        .Text("scope", serve::ScopeName(scope));
    object.TextOrNull("expires_at", expires);
    if (client) object.Text("client_id", token.id).Text("client_secret", token.secret);
    Print(object.Done() + "\n");
  } else {
    PrintError(fmt::format("{} {} of {} ({}{}); it is shown only now:\n", client ? "secret of client" : "token",
                           token.id, context.args().At(0), serve::ScopeName(scope),
                           expires.empty() ? "" : ", until " + expires));
    Print(token.secret + "\n");
  }
  return 0;
}

Result<int> ListTokensCommand(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const std::vector<serve::TokenInfo> tokens, serve::ListTokens(*lakehouse->store));
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const serve::TokenInfo& token : tokens) {
    const std::string expires = token.expires_at ? FormatTime(*token.expires_at) : "";
    const std::string revoked = token.revoked_at ? FormatTime(*token.revoked_at) : "";
    JsonObject object;
    object.Text("id", token.id).Text("user", token.user).Text("scope", serve::ScopeName(token.scope));
    std::string tables;
    for (const std::string& pattern : token.tables) tables += (tables.empty() ? "" : ", ") + pattern;
    object.Text("kind", token.client ? "client" : "token").TextOrNull("tables", tables);
    object.Text("created_at", FormatTime(token.created_at))
        .TextOrNull("expires_at", expires)
        .TextOrNull("revoked_at", revoked);
    objects.push_back(object.Done());
    rows.push_back({token.id, token.client ? "client" : "token", token.user, std::string(serve::ScopeName(token.scope)),
                    tables.empty() ? "all" : tables, FormatTime(token.created_at), expires, revoked});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else
    Print(AlignedTable({"id", "kind", "user", "scope", "tables", "created", "expires", "revoked"}, rows, {},
                       context.console().color));
  return 0;
}

Result<int> RevokeTokenCommand(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_TRY(serve::RevokeToken(*lakehouse->store, context.args().At(0)));
  if (!context.json()) Print("revoked " + context.args().At(0) + "\n");
  else Print("{\"revoked\": " + JsonString(context.args().At(0)) + "}\n");
  return 0;
}

CommandSpec TokenCommands() {
  CommandSpec create;
  create.name = "create";
  create.summary = "Make a token; its secret is shown once";
  create.options = {
      {"scope", "SCOPE", "what it may do, default read", 0, {"read", "write", "admin"}, false, ""},
      {"days", "N", "how long it is good, default 90 (a client: for ever); 0: for ever", 0, {}, false, ""},
      {"tables", "PATTERN", "only these, such as 'sales.*'; repeat for several", 0, {}, true, ""},
      {"client", "", "a client for OAuth 2: its id and secret are exchanged for tokens of an hour", 0, {}, false, ""},
      OutputOption()};
  create.arguments = {{"USER", "who uses it", true, false}};
  create.run = CreateTokenCommand;
  CommandSpec list;
  list.name = "list";
  list.summary = "Tokens, without their secrets";
  list.options = {OutputOption()};
  list.run = ListTokensCommand;
  CommandSpec revoke;
  revoke.name = "revoke";
  revoke.summary = "End a token now";
  revoke.options = {OutputOption()};
  revoke.arguments = {{"ID", "as leat serve token list shows it", true, false}};
  revoke.run = RevokeTokenCommand;
  CommandSpec tokens;
  tokens.name = "token";
  tokens.summary = "Access tokens of the server";
  tokens.commands = {create, list, revoke};
  return tokens;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_serve() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "serve";
  spec.summary = "Serve the lake to other engines (Iceberg REST)";
  spec.description =
      "One address for everything; the Iceberg REST catalogue lies under /iceberg. Requests carry a token (leat serve "
      "token\n"
      "create); --no-auth is for this machine only.";
  spec.options = {
      {"listen", "ADDRESS:PORT", "default 127.0.0.1:8080; port 0 takes a free one", 'l', {}, false, ""},
      {"no-auth", "", "no tokens; loopback addresses only", 0, {}, false, ""},
      {"with", "FOLDER", "serve the warehouse of this project too; repeat for several", 0, {}, true, "folder"},
      {"tls-cert", "FILE", "serve https with this certificate chain (PEM); read again on SIGHUP", 0, {}, false, "file"},
      {"tls-key", "FILE", "its private key (PEM)", 0, {}, false, "file"}};
  spec.commands = {TokenCommands()};
  spec.examples = {"leat serve", "leat serve --listen 0.0.0.0:8080", "leat serve token create spark --scope write"};
  spec.run = ServeCommand;
  return spec;
}
