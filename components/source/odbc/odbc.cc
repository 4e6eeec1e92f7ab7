#include "component/spec.h"
#include "components/source/odbc/odbc_source.h"
#include "config/field_builders.h"

namespace leat::components::odbc {
namespace {

Result<Endpoint> EndpointOf(const config::Values& connection) {
  Endpoint endpoint;
  const auto add = [&](const std::string& part) { endpoint.text += (endpoint.text.empty() ? "" : ";") + part; };
  const std::string dsn = connection.Text("dsn"), driver = connection.Text("driver");
  if (dsn.empty() == driver.empty()) {
    return MakeError("SRC-297", ErrorKind::kConfig, "an odbc connection takes `dsn` or `driver`, one of them")
        .At(connection.Where(dsn.empty() ? "dsn" : "driver"))
        .WithHint("dsn: a data source of odbc.ini; driver: a name of odbcinst.ini or the path of a library");
  }
  add(dsn.empty() ? ConnectionPart("Driver", driver) : ConnectionPart("DSN", dsn));
  if (!connection.Text("options").empty()) add(connection.Text("options"));
  if (!connection.Text("user").empty()) add(ConnectionPart("UID", connection.Text("user")));
  endpoint.shown = dsn.empty() ? "driver '" + driver + "'" : "data source '" + dsn + "'";
  endpoint.password = connection.Text("password");
  endpoint.on_connect = connection.TextList("on_connect");
  if (connection.Text("isolation") != "driver") endpoint.isolation = connection.Text("isolation");
  endpoint.connect_timeout = std::chrono::duration_cast<std::chrono::seconds>(connection.Duration("connect_timeout"));
  return endpoint;
}

Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context) {
  LEAT_ASSIGN(const Endpoint endpoint, EndpointOf(connection));
  LEAT_ASSIGN(const auto server, Connection::Open(endpoint, context));
  return ListTables(*server, {connection.Text("catalog"), connection.Text("schema"), ""}, "list of tables");
}

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  Options options;
  LEAT_ASSIGN(options.endpoint, EndpointOf(connection));
  options.asset = table_name;
  LEAT_ASSIGN(options.query, component::ReadTableQuery(table, table_name));
  options.table = table.Text("table").empty() ? table_name : table.Text("table");
  options.place.catalog = connection.Text("catalog");
  options.place.schema = connection.Text("schema");
  options.streams = static_cast<int>(connection.Integer("streams"));
  options.block_rows = connection.Integer("block_rows");
  return std::unique_ptr<component::Source>(std::make_unique<OdbcSource>(std::move(options), context));
}

using config::FieldType;
using config::MakeField;
using config::SecretField;
using config::TextField;
using config::WholeField;
using config::WordField;

std::vector<config::FieldSpec> ConnectionFields() {
  config::FieldSpec on_connect =
      MakeField("on_connect", FieldType::kList, "Statements for each new session, such as ALTER SESSION ….");
  on_connect.scalar_ok = true;
  return {
      TextField("dsn", "Data source of odbc.ini; or `driver`.", "", "warehouse"),
      TextField("driver", "Driver by its name in odbcinst.ini or by the path of its library.", "",
                "PostgreSQL Unicode"),
      TextField("options", "Further parts of the connection string, as the driver's manual has them.", "",
                "Server=db.example.com;Port=5432;Database=shop"),
      TextField("user", "Name of the user, who needs no more than SELECT."),
      SecretField("password", "Password.", "${secret:SHOP_PASSWORD}"),
      TextField("catalog", "Catalogue (database) of the tables that name none; default: the driver's."),
      TextField("schema", "Schema of the tables that name none; needed where several have a table of the same name."),
      WordField("isolation",
                "Of one transaction over one connection, as long as a table is read; driver: each statement by itself.",
                "driver", {"driver", "read committed", "repeatable read", "serializable"}),
      WholeField("streams",
                 "Connections that read one table at once, by its primary key; above 1 the rows are from several "
                 "moments.",
                 "1", 1, 64),
      WholeField(
          "block_rows",
          "Rows that the driver gives at once; 0: as many as fit into 4 MB. 1: row by row, long values piece by piece.",
          "0", 0, 2048),
      on_connect,
      MakeField("connect_timeout", FieldType::kDuration, "How long the server may take to answer a connection.",
                "10s")};
}

}  // namespace
}  // namespace leat::components::odbc

leat::component::Spec leat_source_odbc_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "odbc";
  spec.summary = "Tables, views and queries of any database with an ODBC driver.";
  spec.description =
      "Reads through the machine's driver manager (unixODBC) and the database's own driver: tables and keys from its\n"
      "catalogue functions, rows in blocks, long values whole. Exact numbers and times come as text and never through a double; a\n"
      "value that does not fit its type is rejected with its row.\n"
      "`mode: incremental` with `update_key` reads rows whose key is greater than the last one seen.";
  spec.examples = {
      "connections:\n  erp: { type: odbc, driver: FreeTDS, options: \"Server=db.example.com;Port=1433;Database=erp;TDS_Version=7.4\", "
      "schema: dbo, user: reader, password: \"${secret:ERP}\" }\n",
      "source: erp\nconnection: erp\ntables:\n  - name: orders\n    mode: incremental\n    update_key: updated_at\n"
      "    primary_key: [id]\n"};
  spec.connection_fields = components::odbc::ConnectionFields();
  spec.fields = {
      config::TextField(
          "table",
          "Table or view: name, schema.name or catalogue.schema.name, quoted where a part has a dot; default: the entry's name."),
      component::QueryField()};
  spec.source.incremental = true;
  spec.source.ranges = true;
  spec.source.splits = true;
  spec.make_source = &components::odbc::Make;
  spec.list_tables = &components::odbc::List;
  return spec;
}
