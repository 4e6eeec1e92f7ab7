# libarchive 3.6, Debian libarchive-dev, BSD-2-Clause: zip, gz, zstd and other packings of inbound files.
find_path(ARCHIVE_INCLUDE archive.h REQUIRED)
find_library(ARCHIVE_LIBRARY archive REQUIRED)
add_library(leat_archive INTERFACE)
add_library(leat::archive ALIAS leat_archive)
target_link_libraries(leat_archive INTERFACE ${ARCHIVE_LIBRARY})
