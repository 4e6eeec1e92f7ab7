# libarchive 3.6, Debian libarchive-dev, BSD-2-Clause: zip, tar, gz, zstd, bzip2 and xz packings of inbound files, and blocks inside of them. Linked
# statically, so that only those decoders come along: libbz2 1.0 (Debian libbz2-dev, bzip2-1.0.6), liblzma 5.4 (Debian liblzma-dev, public domain),
# libzstd 1.5 (Debian libzstd-dev, BSD-3-Clause), and nettle 3.8 (Debian nettle-dev, LGPL-3.0-or-later) as a shared library.
find_path(ARCHIVE_INCLUDE archive.h REQUIRED)
find_library(ARCHIVE_STATIC_LIBRARY NAMES libarchive.a REQUIRED)
find_library(BZIP2_LIBRARY NAMES libbz2.a REQUIRED)
find_library(LZMA_LIBRARY NAMES liblzma.a REQUIRED)
find_library(ZSTD_LIBRARY NAMES libzstd.a REQUIRED)
find_library(NETTLE_LIBRARY NAMES nettle REQUIRED)
find_package(ZLIB REQUIRED)
# Debian's libarchive asks glibc 2.36 for random bytes; ours works with any, and Ubuntu 22.04 has 2.35.
add_library(leat_arc4random STATIC ${CMAKE_SOURCE_DIR}/cmake/arc4random.c)
add_library(leat_archive INTERFACE)
add_library(leat::archive ALIAS leat_archive)
target_link_libraries(leat_archive INTERFACE ${ARCHIVE_STATIC_LIBRARY} leat_arc4random ${BZIP2_LIBRARY} ${LZMA_LIBRARY} ${ZSTD_LIBRARY}
                      ${NETTLE_LIBRARY} ZLIB::ZLIB Threads::Threads)
