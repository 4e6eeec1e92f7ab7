# RE2, Debian libre2-dev, BSD-3-Clause: user patterns mean what they mean in DuckDB.
find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY NAMES libre2.a re2 REQUIRED)
add_library(leat_re2 INTERFACE)
add_library(leat::re2 ALIAS leat_re2)
target_link_libraries(leat_re2 INTERFACE ${RE2_LIBRARY} Threads::Threads)
