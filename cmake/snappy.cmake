# Snappy 1.1.9, Debian libsnappy-dev, BSD-3-Clause: blocks of Avro files. Linked statically.
find_path(SNAPPY_INCLUDE snappy.h REQUIRED)
find_library(SNAPPY_LIBRARY NAMES libsnappy.a REQUIRED)
add_library(leat_snappy INTERFACE)
add_library(leat::snappy ALIAS leat_snappy)
target_link_libraries(leat_snappy INTERFACE ${SNAPPY_LIBRARY})
