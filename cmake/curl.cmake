# libcurl 7.88, Debian libcurl4-openssl-dev, curl: HTTP for object storage, with kept connections, timeouts and TLS. Its shared library brings
# libnghttp2 (MIT), libpsl (MIT), libbrotli (MIT), librtmp (LGPL-2.1-or-later), libssh2 (BSD-3-Clause) and libzstd (BSD-3-Clause) along.
find_package(CURL REQUIRED)
add_library(leat_curl INTERFACE)
add_library(leat::curl ALIAS leat_curl)
target_link_libraries(leat_curl INTERFACE CURL::libcurl)
