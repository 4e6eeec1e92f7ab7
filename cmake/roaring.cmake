# CRoaring 0.2.66, Debian libroaring-dev, Apache-2.0: Iceberg v3 deletion vectors.
find_path(ROARING_INCLUDE roaring/roaring.h REQUIRED)
find_library(ROARING_LIBRARY NAMES libroaring.a roaring REQUIRED)
add_library(leat_roaring INTERFACE)
add_library(leat::roaring ALIAS leat_roaring)
target_link_libraries(leat_roaring INTERFACE ${ROARING_LIBRARY})
