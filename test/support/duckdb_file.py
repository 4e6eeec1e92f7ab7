"""A DuckDB file for test scripts, written by DuckDB itself."""
import duckdb


class DuckDbFile:
    """A file as the server classes are: run, rows; closed in between."""

    def __init__(self, path):
        self.path = path

    def run(self, sql):
        with duckdb.connect(self.path) as database:
            database.execute(sql)

    def rows(self, sql):
        with duckdb.connect(self.path, read_only=True) as database:
            return [["" if value is None else str(value) for value in row] for row in database.execute(sql).fetchall()]
