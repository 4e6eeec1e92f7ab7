"""ADBC for test scripts: the real drivers of the wheels in deps/python.txt, and connections over them."""
import glob
import os
import sys


def library(name):
    """The path of a driver's library: "postgresql" or "sqlite"."""
    found = [file for folder in sys.path for file in glob.glob(os.path.join(folder, f"adbc_driver_{name}", f"libadbc_driver_{name}.so"))]
    if not found:
        raise SystemExit(f"adbc_driver_{name} is not installed: deps/setup.sh test")
    return found[0]


def postgres_connection(server, more=""):
    return f"{{ type: adbc, driver: {library('postgresql')}, uri: '{server.url}', schema: public{more} }}"


def sqlite_connection(path, more=""):
    return f"{{ type: adbc, driver: {library('sqlite')}, uri: 'file:{path}?mode=ro'{more} }}"
