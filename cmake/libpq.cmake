# libpq 15, Debian libpq-dev, PostgreSQL License: PostgreSQL as state store, and the postgres source.
find_path(PQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_library(PQ_LIBRARY pq REQUIRED)
add_library(leat_pq INTERFACE)
add_library(leat::pq ALIAS leat_pq)
target_include_directories(leat_pq SYSTEM INTERFACE ${PQ_INCLUDE})
target_link_libraries(leat_pq INTERFACE ${PQ_LIBRARY})
