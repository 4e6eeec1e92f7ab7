# SQLite 3.40, Debian libsqlite3-dev, public domain: the default state store, and the sqlite source.
find_path(SQLITE_INCLUDE sqlite3.h REQUIRED)
find_library(SQLITE_LIBRARY NAMES libsqlite3.a sqlite3 REQUIRED)
add_library(leat_sqlite INTERFACE)
add_library(leat::sqlite ALIAS leat_sqlite)
target_link_libraries(leat_sqlite INTERFACE ${SQLITE_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS} m)
