# CLI11 2.3, Debian libcli11-dev, BSD-3-Clause: command line.
find_package(CLI11 REQUIRED)
