# xxHash 0.8, Debian libxxhash-dev, BSD-2-Clause: XXH3-128 content hashes.
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)
find_library(XXHASH_LIBRARY NAMES libxxhash.a xxhash REQUIRED)
add_library(leat_xxhash INTERFACE)
add_library(leat::xxhash ALIAS leat_xxhash)
target_link_libraries(leat_xxhash INTERFACE ${XXHASH_LIBRARY})
