"""ODBC for test scripts: a driver manager's configuration of this test, with the real drivers of Debian's packages."""
import glob
import os
import sqlite3
import tempfile

from leat_project import Project

# name -> library and Debian package. Behind FreeTDS stands tds_server.py: no SQL Server can be had from Debian.
DRIVERS = {"postgres": ("psqlodbcw.so", "odbc-postgresql"), "mariadb": ("libmaodbc.so", "odbc-mariadb"),
           "sqlite": ("libsqlite3odbc.so", "libsqliteodbc"), "tds": ("libtdsodbc.so", "tdsodbc")}


def library(name):
    file, package = DRIVERS[name]
    found = glob.glob(f"/usr/lib/*/odbc/{file}")
    if not found:
        raise SystemExit(f"{file} is not installed: apt install {package}")
    return found[0]


class OdbcProject(Project):
    """A project whose connections name their drivers by an odbcinst.ini of its own."""

    def __init__(self, leat):
        super().__init__(leat)
        self.ini = tempfile.mkdtemp(prefix="odbc-", dir=self.folder)
        with open(os.path.join(self.ini, "odbcinst.ini"), "w", encoding="utf-8") as out:
            out.writelines(f"[{name}]\nDriver = {library(name)}\n\n" for name in DRIVERS)
        open(os.path.join(self.ini, "odbc.ini"), "w", encoding="utf-8").close()

    def start(self, *arguments, **environment):
        return super().start(*arguments, ODBCSYSINI=self.ini, ODBCINI=os.path.join(self.ini, "odbc.ini"), **environment)


def postgres_connection(server, more=""):
    port = server.url.rsplit(":", 1)[1].split("/")[0]
    return f'{{ type: odbc, driver: postgres, options: "Server=127.0.0.1;Port={port};Database=postgres", user: postgres, schema: public{more} }}'


def mariadb_connection(server, database="shop", more=""):
    return f'{{ type: odbc, driver: mariadb, options: "Server=127.0.0.1;Port={server.port};Database={database}", user: root, catalog: {database}{more} }}'


def tds_connection(server, more="", options="", password="${env:TDS_PASSWORD}"):
    """Over FreeTDS; the password is in the environment (Project.start passes it on)."""
    os.environ["TDS_PASSWORD"] = server.password
    return (f'{{ type: odbc, driver: tds, options: "Server=127.0.0.1;Port={server.port};Database={server.catalogue.database};TDS_Version=7.4{options}", '
            f'schema: dbo, user: {server.user}, password: "{password}"{more} }}')


def sqlite_connection(path, more=""):
    return f'{{ type: odbc, driver: sqlite, options: "Database={path}"{more} }}'


class SqliteFile:
    """An SQLite file as the server classes are: run, rows."""

    def __init__(self, path):
        self.path = path

    def run(self, sql):
        with sqlite3.connect(self.path) as database:
            database.executescript(sql)

    def rows(self, sql):
        with sqlite3.connect(self.path) as database:
            return [["" if value is None else str(value) for value in row] for row in database.execute(sql)]
