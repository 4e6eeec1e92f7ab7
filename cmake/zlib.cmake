# zlib 1.2.13, Debian zlib1g-dev, zlib License: deflate blocks of Avro files.
find_package(ZLIB REQUIRED)
add_library(leat_zlib INTERFACE)
add_library(leat::zlib ALIAS leat_zlib)
target_link_libraries(leat_zlib INTERFACE ZLIB::ZLIB)
