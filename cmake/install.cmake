# cmake --install: a relocatable folder that runs without compilers on Debian 12+ and Ubuntu 22.04+ (glibc 2.35).
#   bin/leat   lib/leat/ libduckdb and every shared library that is not glibc's   lib/leat/extensions/   share/doc/leat/
# The .deb (cmake/package.sh) takes component `program` only and declares Debian's libraries as dependencies.
# cmake/check_portable.sh holds the folder to what this says.
if(TARGET leat_libstdcxx)
  add_dependencies(leat leat_libstdcxx)  # whoever built leat can install it
endif()
install(TARGETS leat RUNTIME_DEPENDENCY_SET leat_libraries RUNTIME DESTINATION bin COMPONENT program)
install(FILES ${DUCKDB_LIBRARY} DESTINATION lib/leat COMPONENT program)
install(DIRECTORY ${LEAT_DEPS}/duckdb/extensions/ DESTINATION lib/leat/extensions COMPONENT program)
install(FILES ${MARIADB_PLUGINS}/caching_sha2_password.so ${MARIADB_PLUGINS}/sha256_password.so ${MARIADB_PLUGINS}/client_ed25519.so
        DESTINATION lib/leat/mariadb-plugins COMPONENT libraries)
install(FILES LICENSE NOTICE CHANGELOG.md DESTINATION share/doc/leat COMPONENT program)
install(RUNTIME_DEPENDENCY_SET leat_libraries
        PRE_EXCLUDE_REGEXES "^lib(c|m|dl|pthread|rt|resolv|util|stdc\\+\\+)\\.so" "^ld-linux"
        POST_EXCLUDE_REGEXES "/lib(c|m|dl|pthread|rt|resolv|util|stdc\\+\\+)\\.so\\.[0-9]" "/ld-linux[^/]*$"
        LIBRARY DESTINATION lib/leat COMPONENT libraries)
if(LIBSTDCXX_LIBRARY)
  install(PROGRAMS ${LIBSTDCXX_LIBRARY} DESTINATION lib/leat COMPONENT libraries)
endif()
