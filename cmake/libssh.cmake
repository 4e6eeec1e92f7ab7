# libssh 0.10, Debian libssh-dev, LGPL-2.1-or-later, shared only: SFTP as a place of files. Not libssh2 1.10, which has no RSA signatures with
# SHA-2: servers of today refuse its RSA keys. It needs OpenSSL, zlib and GSSAPI, which are there anyway.
find_path(LIBSSH_INCLUDE libssh/sftp.h REQUIRED)
find_library(LIBSSH_LIBRARY ssh REQUIRED)
add_library(leat_ssh INTERFACE)
add_library(leat::ssh ALIAS leat_ssh)
target_include_directories(leat_ssh SYSTEM INTERFACE ${LIBSSH_INCLUDE})
target_link_libraries(leat_ssh INTERFACE ${LIBSSH_LIBRARY})
