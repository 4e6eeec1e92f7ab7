#include <libpq-fe.h>

#include "base/secret.h"
#include "component/spec.h"
#include "components/source/postgres/postgres_source.h"
#include "components/source/postgres/table_list.h"
#include "config/field_builders.h"

namespace leat::components::postgres {
namespace {

/// libpq's keywords from the connection: those of the `uri`, then those that stand beside it.
Result<Endpoint> EndpointOf(const config::Values& connection) {
  Endpoint endpoint;
  const std::string uri = connection.Text("uri");
  if (!uri.empty()) {
    char* message = nullptr;
    PQconninfoOption* options = PQconninfoParse(uri.c_str(), &message);
    if (options == nullptr) {
      const std::string text = message == nullptr ? "" : message;
      PQfreemem(message);
      return MakeError("SRC-286", ErrorKind::kConfig, "`uri` of a postgres connection is not understood: {}", text)
          .At(connection.Where("uri"))
          .WithHint("write postgresql://user@host:5432/database");
    }
    for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
      if (option->val != nullptr) endpoint.parameters[option->keyword] = option->val;
    }
    PQconninfoFree(options);
  }
  const std::pair<const char*, const char*> fields[] = {{"host", "host"},       {"database", "dbname"},
                                                        {"user", "user"},       {"password", "password"},
                                                        {"sslmode", "sslmode"}, {"sslrootcert", "sslrootcert"}};
  for (const auto& [field, keyword] : fields) {
    if (!connection.Text(field).empty()) endpoint.parameters[keyword] = connection.Text(field);
  }
  if (connection.Has("port")) endpoint.parameters["port"] = std::to_string(connection.Integer("port"));
  RegisterSecret(endpoint.parameters["password"]);
  endpoint.connect_timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(connection.Duration("connect_timeout"));
  return endpoint;
}

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  Options options;
  LEAT_ASSIGN(options.endpoint, EndpointOf(connection));
  options.asset = table_name;
  LEAT_ASSIGN(options.query, component::ReadTableQuery(table, table_name));
  LEAT_TRY(component::CheckQuery(options.query, {.dollars = true}, "table " + table_name));
  options.schema = connection.Text("schema");
  if (options.query.empty()) {
    const std::string name = table.Text("table").empty() ? table_name : table.Text("table");
    std::tie(options.schema, options.table) = SplitName(name, options.schema);
  }
  options.gentle = connection.Text("profile") == "gentle";
  options.one_snapshot = connection.Text("consistency") == "snapshot";
  options.row_security = connection.Boolean("row_security");
  options.streams = static_cast<int>(connection.Integer("streams"));
  options.unconstrained_numeric = connection.Text("unconstrained_numeric");
  if (options.unconstrained_numeric != "sample" && options.unconstrained_numeric != "text") {
    auto type = data::ParsePrimitive(options.unconstrained_numeric);
    if (!type.ok() || (*type)->id != data::TypeId::kDecimal) {
      return MakeError("SRC-286", ErrorKind::kConfig,
                       "`unconstrained_numeric: {}` is neither sample, text nor decimal(p,s)",
                       options.unconstrained_numeric)
          .At(connection.Where("unconstrained_numeric"));
    }
  }
  return std::unique_ptr<component::Source>(std::make_unique<PostgresSource>(std::move(options), context));
}

Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context) {
  LEAT_ASSIGN(const Endpoint endpoint, EndpointOf(connection));
  std::unique_ptr<component::BudgetSlot> slot;
  if (context.budget != nullptr) {
    LEAT_ASSIGN(slot, context.budget->Connect(context.cancel));
  }
  LEAT_ASSIGN(const auto server, Connection::Open(endpoint, "list of tables", context.cancel, std::move(slot)));
  LEAT_TRY(server->Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  return ReadTableList(*server, connection.Text("schema"));
}

using config::FieldType;
using config::MakeField;
using config::SecretField;
using config::WholeField;
using config::WordField;

std::vector<config::FieldSpec> ConnectionFields() {
  return {
      config::TextField("uri", "Everything in one: postgresql://user@host:5432/database?sslmode=verify-full.", "",
                        "postgresql://reader@db.example.com/shop"),
      config::TextField(
          "host", "Name or address of the server, or the folder of its socket; default: PGHOST, else the local socket.",
          "", "db.example.com"),
      WholeField("port", "Port of the server; default: PGPORT, else 5432.", "", 1, 65535),
      config::TextField("database", "Name of the database; default: PGDATABASE, else the user's name.", "", "shop"),
      config::TextField("user",
                        "Name of the user, who needs no more than SELECT; default: PGUSER, else the system's user.", "",
                        "reader"),
      SecretField("password", "Password; default: PGPASSWORD, then ~/.pgpass.", "${secret:SHOP_PASSWORD}"),
      WordField("sslmode",
                "Whether TLS is asked for and how far the server is trusted; default: what `uri` says, else prefer.",
                "", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}),
      config::TextField("sslrootcert",
                        "File with the certificates that sign the server's; default: ~/.postgresql/root.crt."),
      config::TextField(
          "schema", "Schema of the tables that name none; a `query` looks names up there, then in public.", "public"),
      WordField(
          "profile",
          "fast: as quickly as the server gives it. gentle: one connection, statements shorter than one second (or "
          "`budget: { statement }`), no parallel workers.",
          "fast", {"fast", "gentle"}),
      WordField(
          "consistency",
          "snapshot: all rows of a table are from one moment, in one transaction that lasts as long as its read. part: "
          "each statement has a transaction of its own, which lets a busy server clean up.",
          "snapshot", {"snapshot", "part"}),
      WholeField("streams", "Connections that read one table at once; default: one for each thread.", "", 1, 64),
      config::TextField(
          "unconstrained_numeric",
          "Type of `numeric` columns without digits: sample (decimal(38,s), s the largest scale in a sample of the data), "
          "decimal(p,s) or text. A value that does not fit is rejected, never rounded.",
          "sample", "decimal(38,10)"),
      MakeField("connect_timeout", FieldType::kDuration, "How long the server may take to answer a connection.", "10s"),
      MakeField(
          "row_security", FieldType::kBoolean,
          "Read the rows that row-level security lets the user see. Default false: where it hides any, the table fails.",
          "false"),
  };
}

}  // namespace
}  // namespace leat::components::postgres

leat::component::Spec leat_source_postgres_spec() {
  using namespace leat;
  using namespace leat::components::postgres;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "postgres";
  spec.summary = "Tables, views and queries of a PostgreSQL database (10 or newer).";
  spec.description =
      "Reads with binary COPY in several connections that share one snapshot, so that all rows are from one moment while\n"
      "others go on writing. Values arrive exactly; one that the lake's type cannot hold (NaN in a decimal, infinity in a\n"
      "date) is rejected with its row. docs/fidelity/postgres.md has the table of types.\n"
      "`mode: incremental` with `update_key` reads rows whose key is greater than the last one seen.";
  spec.examples = {"connections:\n  shop: { type: postgres, uri: 'postgresql://reader@db.example.com/shop' }\n",
                   "source: shop\nconnection: shop\ntables:\n  - name: orders\n    mode: incremental\n    update_key: "
                   "updated_at\n    primary_key: [id]\n"};
  spec.connection_fields = ConnectionFields();
  spec.fields = {
      config::TextField("table", "Table or view in the database, `schema.table` or quoted; default: the entry's name.",
                        "", "sales.\"Order Lines\""),
      component::QueryField()};
  spec.source.incremental = true;
  spec.source.ranges = true;
  spec.source.splits = true;
  spec.make_source = &Make;
  spec.list_tables = &List;
  return spec;
}
