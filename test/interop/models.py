"""Our answers against the models that PyIceberg has of the specification's (pydantic): what it would not take is a failure."""
import urllib.parse

from pydantic import TypeAdapter
from pyiceberg.catalog import rest
from pyiceberg.catalog.rest import response, scan_planning

NS = "models_of_pyiceberg"
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [
    {"id": 1, "name": "id", "type": "long", "required": False}, {"id": 2, "name": "note", "type": "string", "required": False},
    {"id": 3, "name": "parts", "required": False,
     "type": {"type": "list", "element-id": 4, "element": "decimal(9, 2)", "element-required": False}}]}
VERSION = {"version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": {"a": "b"}, "default-namespace": [NS],
           "representations": [{"type": "sql", "dialect": "spark", "sql": "select 1 as id"}]}


def models(cases, project, server, engines):
    pyiceberg, spark, _ = engines
    base = f"/v1/lake/namespaces/{NS}"
    read = set()

    def take(name, model, method, path, body=None, status=200):
        """Asks, checks status and model; returns the model and the answer."""
        got, answer = server.call(method, path, body, token=server.admin)
        try:
            made = TypeAdapter(model).validate_python(answer, strict=False)
            cases.check(name, got, status)
        except ValueError as error:
            cases.true(name, False, f"{answer}\n{error}")
            return None, answer
        read.add(name)
        return made, answer

    def refused(name, method, path, body=None, status=404, kind=None):
        made, _ = take(name, response.ErrorResponse, method, path, body, status)
        if made is not None:
            cases.check(f"{name}: its code and type", (made.error.code, made.error.type), (status, kind))

    config, _ = take("config", rest.ConfigResponse, "GET", "/v1/config?warehouse=lake")
    cases.check("all endpoints are understood", {str(endpoint) for endpoint in config.endpoints},
                set(server.call("GET", "/v1/config", token=server.admin)[1]["endpoints"]))
    take("create namespace", rest.NamespaceResponse, "POST", "/v1/lake/namespaces", {"namespace": [NS], "properties": {"a": "b"}})
    take("namespace below", rest.NamespaceResponse, "POST", "/v1/lake/namespaces", {"namespace": [NS, "below"]})
    namespace, _ = take("namespace", rest.NamespaceResponse, "GET", base)
    cases.check("its properties", (namespace.namespace, namespace.properties), ((NS,), {"a": "b"}))
    take("namespace properties", rest.UpdateNamespacePropertiesResponse, "POST", base + "/properties",
         {"updates": {"c": "d"}, "removals": ["a", "x"]})
    take("namespaces", rest.ListNamespaceResponse, "GET", f"/v1/lake/namespaces?parent={NS}")

    for name in ("one", "two", "three"):
        take(f"create table {name}", rest.TableResponse, "POST", base + "/tables", {"name": name, "schema": SCHEMA})
    take("staged table", rest.TableResponse, "POST", base + "/tables", {"name": "staged", "schema": SCHEMA, "stage-create": True})
    take("version 3", rest.TableResponse, "POST", base + "/tables",
         {"name": "three_", "schema": SCHEMA, "properties": {"format-version": "3"}})
    names, token = [], ""
    while token is not None:
        page, _ = take(f"page of tables from {token!r}", rest.ListTablesResponse, "GET",
                       f"{base}/tables?pageSize=2&pageToken={urllib.parse.quote(token)}")
        names += [entry.name for entry in page.identifiers]
        token = page.next_page_token
    cases.check("the pages are all tables, each once", names, ["one", "three", "three_", "two"])
    take("create view", rest.ViewResponse, "POST", base + "/views",
         {"name": "v", "schema": SCHEMA, "view-version": VERSION, "properties": {}})
    take("view", rest.ViewResponse, "GET", base + "/views/v")
    take("a model's view", rest.ViewResponse, "GET", "/v1/lake/namespaces/trusted/views/recent")
    take("views", rest.ListViewsResponse, "GET", base + "/views?pageSize=1&pageToken=")
    table, answer = take("load table", rest.TableResponse, "GET", base + "/tables/one")
    take("a commit", rest.TableResponse, "POST", base + "/tables/one", {
        "requirements": [{"type": "assert-table-uuid", "uuid": str(table.metadata.table_uuid)}],
        "updates": [{"action": "set-properties", "updates": {"x": "y"}}]})
    take("register", rest.TableResponse, "POST", base + "/register", {"name": "again", "metadata-location": answer["metadata-location"]})
    for path in ("trusted/tables/every_type", "trusted/tables/every_type_split", "raw_shop/tables/orders"):
        take(f"load {path}", rest.TableResponse, "GET", f"/v1/lake/namespaces/{path}")
        take(f"load {path}, refs", rest.TableResponse, "GET", f"/v1/lake/namespaces/{path}?snapshots=refs")

    # Plans: every type with its bounds, partitions, delete files, more than one piece.
    plan = scan_planning.PlanningResponse
    for path in ("trusted/tables/every_type", "trusted/tables/every_type_split"):
        made, _ = take(f"plan of {path}", plan, "POST", f"/v1/lake/namespaces/{path}/plan", {"stats-fields": ["*"]})
        cases.true(f"it is completed with bounds: {path}", made.status == "completed" and
                   any(task.data_file.lower_bounds for task in made.file_scan_tasks))
    made, _ = take("plan of an empty table", plan, "POST", base + "/tables/two/plan", {})
    cases.check("nothing to read", made.file_scan_tasks, [])
    for mode, version in (("merge-on-read", 2), ("merge-on-read", 3)):
        name = f"lake.{NS}.deleted{version}"
        spark.sql(f"create table {name} (id bigint) using iceberg tblproperties ('write.delete.mode' = '{mode}', 'format-version' = '{version}')")
        spark.sql(f"insert into {name} select id from range(0, 100, 1, 1)")
        spark.sql(f"delete from {name} where id = 7")
        made, _ = take(f"plan with delete files of v{version}", plan, "POST", f"{base}/tables/deleted{version}/plan",
                       {"filter": {"type": "lt", "term": "id", "value": 50}})
        task = made.file_scan_tasks[0]
        cases.check(f"the delete file is referred to, v{version}",
                    (task.delete_file_references, len(made.delete_files), made.delete_files[0].content), ([0], 1, "position-deletes"))
    made, _ = take("a piece of a plan", scan_planning.ScanTasks, "POST", f"{base}/tables/deleted2/tasks",
                   {"plan-task": '{"from": 0, "scan": {}}'})
    cases.check("as many files", len(made.file_scan_tasks), 1)

    refused("no namespace", "GET", "/v1/lake/namespaces/none", kind="NoSuchNamespaceException")
    refused("no table", "GET", base + "/tables/none", kind="NoSuchTableException")
    refused("no view", "GET", base + "/views/none", kind="NoSuchViewException")
    refused("no plan", "GET", base + "/tables/one/plan/x", kind="NoSuchPlanIdException")
    refused("no plan task", "POST", base + "/tables/one/tasks", {"plan-task": "x"}, kind="NoSuchPlanTaskException")
    refused("exists", "POST", base + "/tables", {"name": "one", "schema": SCHEMA}, 409, "AlreadyExistsException")
    refused("not empty", "DELETE", base, None, 409, "NamespaceNotEmptyException")
    refused("a requirement that fails", "POST", base + "/tables/one", {
        "requirements": [{"type": "assert-table-uuid", "uuid": "none"}], "updates": []}, 409, "CommitFailedException")
    refused("a filter that is wrong", "POST", base + "/tables/one/plan", {"filter": {"type": "eq", "term": "none", "value": 1}}, 400,
            "BadRequestException")
    made, _ = take("a token", response.OAuthErrorResponse, "POST", "/v1/oauth/tokens", {}, 400)
    cases.check("its error", made.error, "invalid_request")
    cases.true("the models were asked", len(read) > 40, sorted(read))
    for name in ("one", "two", "three", "three_", "again", "deleted2", "deleted3"):
        server.call("DELETE", f"{base}/tables/{name}", token=server.admin)
    server.call("DELETE", base + "/views/v", token=server.admin)
    server.call("DELETE", base + "%1Fbelow", token=server.admin)
    cases.check("all of it is dropped", server.call("DELETE", base, token=server.admin)[0], 204)
