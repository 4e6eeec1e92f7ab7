"""The other engines, each with the same few verbs: list, aggregate, append, delete, count by a filter."""
import os
import struct
import sys
import warnings
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

warnings.filterwarnings("ignore")
DEPS = os.environ.get("LEAT_DEPS") or os.path.dirname(sys.prefix)


def literal(value, kind, wall_clock):
    """A SQL literal of an Iceberg type; `value` is the type's text, `wall_clock` the engine's name of timestamps without zone."""
    text = "'" + value.replace("'", "''") + "'"
    return {
        "string": text, "uuid": text, "binary": f"unhex({text})", "timestamp": f"cast({text} as {wall_clock})",
        "timestamptz": f"cast('{value}+00:00' as {'timestamptz' if wall_clock == 'timestamp' else 'timestamp'})",
    }.get(kind, f"cast({text} as {'bigint' if kind == 'long' else kind})")


def float32(text):
    """The value that a float column holds."""
    return struct.unpack("f", struct.pack("f", float(text)))[0]


class PyIceberg:
    name = "pyiceberg"

    def __init__(self, server, warehouse="lake", token=None):
        from pyiceberg.catalog import load_catalog
        self.catalog = load_catalog(warehouse, type="rest", uri=server.url, warehouse=warehouse, token=token or server.admin)

    def namespaces(self):
        return {".".join(ns) for ns in self.catalog.list_namespaces()}

    def tables(self, ns):
        return {name[-1] for name in self.catalog.list_tables(ns)}

    def rows(self, ns, table):
        return self.catalog.load_table(f"{ns}.{table}").scan().to_arrow()

    def count_and_sum(self, ns, table, column):
        rows = self.rows(ns, table)
        return rows.num_rows, pc.sum(rows[column]).as_py()

    def create(self, ns, table, rows):
        if (ns,) not in self.catalog.list_namespaces():
            self.catalog.create_namespace(ns)
        self.catalog.create_table(f"{ns}.{table}", rows.schema).append(rows)

    def append(self, ns, table, rows):
        target = self.catalog.load_table(f"{ns}.{table}")
        target.append(rows.cast(target.schema().as_arrow()) if set(rows.schema.names) == set(target.schema().column_names) else rows)

    def delete(self, ns, table, column, value):
        from pyiceberg.expressions import EqualTo
        self.catalog.load_table(f"{ns}.{table}").delete(EqualTo(column, value))

    def count_where(self, ns, table, column, value, kind):
        """Rows that a scan with the filter column = value finds; the filter prunes files by their bounds."""
        from pyiceberg.expressions import EqualTo, IsNaN
        typed = {"boolean": lambda v: v == "true", "int": int, "long": int, "float": float32, "double": float,
                 "binary": bytes.fromhex, "timestamptz": lambda v: v + "+00:00"}.get(kind, Decimal if kind.startswith("decimal") else str)(value)
        condition = IsNaN(column) if kind in ("float", "double") and value == "NaN" else EqualTo(column, typed)
        return self.catalog.load_table(f"{ns}.{table}").scan(row_filter=condition).to_arrow().num_rows


class Spark:
    """One Spark for all servers; each has a session with catalogs of its own. Requests to an object store are signed by the
    catalogue: Spark has no keys."""
    name = "spark"
    running = None

    def __init__(self, server):
        if Spark.running is None:
            Spark.running = self._start()
        self.session = Spark.running.newSession()
        for catalog, warehouse in (("lake", "lake"), ("pinned", "lake@snapshot")):
            for option, value in {"": "org.apache.iceberg.spark.SparkCatalog", ".type": "rest", ".uri": server.url,
                                  ".warehouse": warehouse, ".token": server.admin, ".cache-enabled": "false",
                                  ".header.X-Iceberg-Access-Delegation": "remote-signing"}.items():
                self.session.conf.set(f"spark.sql.catalog.{catalog}{option}", value)

    @staticmethod
    def _start():
        from pyspark.sql import SparkSession
        jars = os.path.join(DEPS, "jars")
        builder = SparkSession.builder.master("local[2]").appName("interop")
        settings = {
            "spark.jars": ",".join(os.path.join(jars, name) for name in sorted(os.listdir(jars)) if name.endswith(".jar")),
            "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "1g",
            "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC",
            "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
            "spark.driver.extraJavaOptions": "-Dlog4j2.level=ERROR",
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        return session

    def sql(self, text):
        return [tuple(row) for row in self.session.sql(text).collect()]

    def namespaces(self):
        return {row[0] for row in self.sql("show namespaces in lake")}

    def tables(self, ns):
        return {row[1] for row in self.sql(f"show tables in lake.{ns}")}

    def count_and_sum(self, ns, table, column):
        return self.sql(f"select count(*), sum({column}) from lake.{ns}.{table}")[0]

    def create(self, ns, table, rows):
        self.sql(f"create namespace if not exists lake.{ns}")
        self.session.createDataFrame(rows.to_pylist()).writeTo(f"lake.{ns}.{table}").using("iceberg").create()

    def append(self, ns, table, rows):
        frame = self.session.createDataFrame(rows.to_pylist())
        target = self.session.table(f"lake.{ns}.{table}").schema
        frame.selectExpr(*[f"cast({f.name} as {f.dataType.simpleString()}) as {f.name}" for f in target]) \
            .writeTo(f"lake.{ns}.{table}").append()

    def delete(self, ns, table, column, value):
        self.sql(f"delete from lake.{ns}.{table} where {column} = {value}")

    def count_where(self, ns, table, column, value, kind):
        return self.sql(f"select count(*) from lake.{ns}.{table} where {column} = {literal(value, kind, 'timestamp_ntz')}")[0][0]

    @classmethod
    def stop(cls):
        if cls.running is not None:
            cls.running.stop()


class DuckDb:
    name = "duckdb"

    def __init__(self, server, warehouse="lake"):
        self.connection = duckdb.connect(config={"autoinstall_known_extensions": "false",
                                                 "autoload_known_extensions": "false"})
        self.connection.execute("set timezone = 'UTC'")
        for extension in ("avro", "httpfs", "iceberg"):
            self.connection.execute(f"load '{DEPS}/extensions/{extension}.duckdb_extension'")
        self.connection.execute(f"attach '{warehouse}' as lake (type iceberg, endpoint '{server.url}', token '{server.admin}')")

    def sql(self, text):
        return self.connection.execute(text).fetchall()

    def namespaces(self):
        return {row[0] for row in self.sql("select schema_name from duckdb_schemas() where database_name = 'lake'")}

    def tables(self, ns):
        return {row[0] for row in self.sql(
            f"select table_name from information_schema.tables where table_catalog = 'lake' and table_schema = '{ns}'")}

    def count_and_sum(self, ns, table, column):
        return self.sql(f"select count(*), sum({column}) from lake.{ns}.{table}")[0]

    def create(self, ns, table, rows):
        self.sql(f"create schema if not exists lake.{ns}")
        self.connection.register("incoming", rows)
        self.sql(f"create table lake.{ns}.{table} as select * from incoming")
        self.connection.unregister("incoming")

    def append(self, ns, table, rows):
        self.connection.register("incoming", rows)
        self.sql(f"insert into lake.{ns}.{table} by name select * from incoming")
        self.connection.unregister("incoming")

    def delete(self, ns, table, column, value):
        self.sql(f"delete from lake.{ns}.{table} where {column} = {value}")

    def count_where(self, ns, table, column, value, kind):
        return self.sql(f"select count(*) from lake.{ns}.{table} where {column} = {literal(value, kind, 'timestamp')}")[0][0]


def sample(first, count):
    """Rows of the shared test table: (id, customer, amount)."""
    return pa.table({
        "id": pa.array(range(first, first + count), pa.int64()),
        "customer": pa.array([f"customer {i % 7}" for i in range(first, first + count)], pa.string()),
        "amount": pa.array([Decimal(i) / 4 for i in range(first, first + count)], pa.decimal128(12, 2)),
    })
