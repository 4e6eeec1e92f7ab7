# DuckDB 1.5.5, MIT: the SQL engine. Library from the npm package @duckdb/node-bindings-linux-x64 1.5.5-r.5, header duckdb.h from the
# PyPI source distribution duckdb 1.5.5; both fetched and checked by hash by deps/setup.sh into LEAT_DEPS.
find_path(DUCKDB_INCLUDE duckdb.h PATHS ${LEAT_DEPS}/duckdb/include NO_DEFAULT_PATH REQUIRED)
find_library(DUCKDB_LIBRARY duckdb PATHS ${LEAT_DEPS}/duckdb/lib NO_DEFAULT_PATH REQUIRED)
add_library(leat_duckdb INTERFACE)
add_library(leat::duckdb ALIAS leat_duckdb)
target_include_directories(leat_duckdb SYSTEM INTERFACE ${DUCKDB_INCLUDE})
target_link_libraries(leat_duckdb INTERFACE ${DUCKDB_LIBRARY})
set(CMAKE_BUILD_RPATH ${LEAT_DEPS}/duckdb/lib)
