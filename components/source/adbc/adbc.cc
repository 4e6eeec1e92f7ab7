#include "base/secret.h"
#include "component/input_files.h"
#include "component/spec.h"
#include "components/source/adbc/adbc_source.h"
#include "config/field_builders.h"

namespace leat::components::adbc {
namespace {

using config::FieldType;
using config::MakeField;
using config::SecretField;
using config::TextField;
using config::WholeField;

/// The password of "postgresql://user:password@host/…" is never shown, as one that has a field of its own.
void HidePassword(std::string_view uri) {
  const size_t authority = uri.find("://");
  if (authority == std::string_view::npos) return;
  const size_t at = uri.find('@', authority + 3), colon = uri.find(':', authority + 3);
  if (at != std::string_view::npos && colon < at) RegisterSecret(uri.substr(colon + 1, at - colon - 1));
}

Endpoint EndpointOf(const config::Values& connection, const component::SourceContext& context) {
  Endpoint endpoint;
  endpoint.driver = connection.Text("driver");
  if (endpoint.driver.find('/') != std::string::npos)
    endpoint.driver = component::BelowProject(context.project_root, endpoint.driver);
  endpoint.entrypoint = connection.Text("entrypoint");
  endpoint.options = connection.TextMap("options");
  HidePassword(connection.Text("uri"));
  const std::pair<const char*, std::string> usual[] = {{ADBC_OPTION_URI, connection.Text("uri")},
                                                       {ADBC_OPTION_USERNAME, connection.Text("username")},
                                                       {ADBC_OPTION_PASSWORD, connection.Text("password")}};
  for (const auto& [key, value] : usual) {
    if (!value.empty()) endpoint.options[key] = value;
  }
  endpoint.session = connection.TextMap("connection_options");
  endpoint.statement = connection.TextMap("statement_options");
  endpoint.on_connect = connection.TextList("on_connect");
  return endpoint;
}

Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context) {
  LEAT_ASSIGN(const auto database, Connection::Open(EndpointOf(connection, context), context));
  return ListTables(*database, {connection.Text("catalog"), connection.Text("schema"), ""}, "list of tables");
}

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  Options options;
  options.endpoint = EndpointOf(connection, context);
  options.asset = table_name;
  options.table = table.Text("table").empty() ? table_name : table.Text("table");
  LEAT_ASSIGN(options.query, component::ReadTableQuery(table, table_name));
  options.place.catalog = connection.Text("catalog");
  options.place.schema = connection.Text("schema");
  options.streams = static_cast<int>(connection.Integer("streams"));
  return std::unique_ptr<component::Source>(std::make_unique<AdbcSource>(std::move(options), context));
}

std::vector<config::FieldSpec> ConnectionFields() {
  config::FieldSpec driver =
      TextField("driver",
                "The driver: path of its library (relative to the project), or the name that it is installed under "
                "(ADBC_DRIVER_PATH, ~/.config/adbc/drivers, /etc/adbc/drivers, the linker's path).",
                "", "/opt/adbc/libadbc_driver_postgresql.so");
  driver.required = true;
  config::FieldSpec on_connect = MakeField("on_connect", FieldType::kList, "Statements for each new session.");
  on_connect.scalar_ok = true;
  return {
      driver,
      TextField("entrypoint", "The driver's init function, where it is not the one that its name implies."),
      TextField("uri", "Where the database is, as the driver's manual has it.", "", "postgresql://db.example.com/shop"),
      TextField("username", "Name of the user, who needs no more than SELECT."),
      SecretField("password", "Password.", "${secret:SHOP_PASSWORD}"),
      MakeField("options", FieldType::kMap, "Further options of the driver's database object, as its manual has them.",
                "", "{ adbc.snowflake.sql.account: abc, adbc.snowflake.sql.warehouse: small }"),
      MakeField("connection_options", FieldType::kMap, "Options of each of its connections."),
      MakeField("statement_options", FieldType::kMap, "Options of each statement.", "",
                "{ adbc.postgresql.batch_size_hint_bytes: 4000000 }"),
      TextField("catalog", "Catalogue (database) of the tables that name none; default: the driver's."),
      TextField("schema", "Schema of the tables that name none; needed where several have a table of the same name."),
      WholeField("streams",
                 "Connections that read one table at once, by its primary key; above 1 the rows are from several "
                 "moments.",
                 "1", 1, 64),
      on_connect};
}

}  // namespace
}  // namespace leat::components::adbc

leat::component::Spec leat_source_adbc_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "adbc";
  spec.summary = "Tables, views and queries of any database with an ADBC driver.";
  spec.description =
      "Reads Arrow batches through a driver of Apache Arrow's ADBC: PostgreSQL, Flight SQL, Snowflake, BigQuery and others.\n"
      "A value that does not fit its type exactly is rejected with its row; lists, structs and maps arrive as JSON text.\n"
      "`mode: incremental` with `update_key` reads rows whose key is greater than the last one seen.";
  spec.examples = {
      "connections:\n  dwh: { type: adbc, driver: /opt/adbc/libadbc_driver_snowflake.so, username: reader, password: \"${secret:DWH}\", "
      "options: { adbc.snowflake.sql.account: abc, adbc.snowflake.sql.db: SHOP } }\n",
      "source: dwh\nconnection: dwh\ntables:\n  - name: orders\n    table: PUBLIC.ORDERS\n    mode: incremental\n"
      "    update_key: UPDATED_AT\n    primary_key: [ID]\n"};
  spec.connection_fields = components::adbc::ConnectionFields();
  spec.fields = {
      config::TextField(
          "table",
          "Table or view: name, schema.name or catalogue.schema.name, quoted where a part has a dot; default: the entry's name."),
      component::QueryField()};
  spec.source.incremental = true;
  spec.source.ranges = true;
  spec.source.splits = true;
  spec.make_source = &components::adbc::Make;
  spec.list_tables = &components::adbc::List;
  return spec;
}
