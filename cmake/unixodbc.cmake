# unixODBC 2.3, Debian unixodbc-dev, LGPL-2.1-or-later: the odbc source. Headers only: libodbc.so.2 of the machine, which its drivers need
# as well, is opened at the first use and is no part of a release.
find_path(UNIXODBC_INCLUDE sqlext.h REQUIRED)
add_library(leat_unixodbc INTERFACE)
add_library(leat::unixodbc ALIAS leat_unixodbc)
target_include_directories(leat_unixodbc SYSTEM INTERFACE ${UNIXODBC_INCLUDE})
target_link_libraries(leat_unixodbc INTERFACE ${CMAKE_DL_LIBS})
