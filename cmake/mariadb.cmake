# libmariadb 3.3, Debian libmariadb-dev, LGPL-2.1-or-later, shared only: the client of MySQL and MariaDB. It needs OpenSSL and zlib, which are
# there anyway. Ways of logging in that are not inside of it (those of MySQL 8 and ed25519) are plugins: they go along in lib/leat/mariadb-plugins.
find_path(MARIADB_INCLUDE mysql.h PATH_SUFFIXES mariadb REQUIRED)
find_library(MARIADB_LIBRARY mariadb REQUIRED)
add_library(leat_mariadb INTERFACE)
add_library(leat::mariadb ALIAS leat_mariadb)
target_include_directories(leat_mariadb SYSTEM INTERFACE ${MARIADB_INCLUDE})
target_link_libraries(leat_mariadb INTERFACE ${MARIADB_LIBRARY})
get_filename_component(MARIADB_FOLDER ${MARIADB_LIBRARY} DIRECTORY)
set(MARIADB_PLUGINS ${MARIADB_FOLDER}/libmariadb3/plugin)
