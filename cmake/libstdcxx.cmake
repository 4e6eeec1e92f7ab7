# libstdc++ 12, Debian libstdc++-12-dev, GPL-3.0-or-later WITH GCC-exception-3.1: the C++ library that an installed folder carries (libduckdb
# needs a shared one). Debian's own asks glibc 2.36 for random numbers, so ours is linked from the compiler's static library, with the
# symbol versions of Debian libstdc++-12-pic and two replacements: cmake/arc4random.c, cmake/libstdcxx_compat.cc.
if(LEAT_SANITIZE)
  return()  # nobody installs those builds
endif()
function(leat_compiler_file variable name)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name} OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT EXISTS "${path}")
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} has no ${name}: run deps/setup.sh (Debian package libstdc++-12-pic)")
  endif()
  set(${variable} ${path} PARENT_SCOPE)
endfunction()
leat_compiler_file(LIBSTDCXX_ARCHIVE libstdc++.a)
leat_compiler_file(LIBSTDCXX_VERSIONS libstdc++_pic.map)
add_library(leat_libstdcxx_compat OBJECT cmake/libstdcxx_compat.cc)
set(LIBSTDCXX_LIBRARY ${CMAKE_BINARY_DIR}/install/libstdc++.so.6)
add_custom_command(OUTPUT ${LIBSTDCXX_LIBRARY} VERBATIM COMMAND_EXPAND_LISTS
  DEPENDS ${LIBSTDCXX_ARCHIVE} ${LIBSTDCXX_VERSIONS} leat_arc4random $<TARGET_OBJECTS:leat_libstdcxx_compat>
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/install
  COMMAND ${CMAKE_CXX_COMPILER} -shared -nodefaultlibs -fuse-ld=bfd -o ${LIBSTDCXX_LIBRARY} -Wl,-soname,libstdc++.so.6 -Wl,-O1
          -Wl,-z,relro -Wl,-z,defs -Wl,--version-script=${LIBSTDCXX_VERSIONS} -Wl,--whole-archive ${LIBSTDCXX_ARCHIVE}
          -Wl,--no-whole-archive $<TARGET_OBJECTS:leat_libstdcxx_compat> $<TARGET_FILE:leat_arc4random> -lm -lc -lgcc_s -lgcc)
add_custom_target(leat_libstdcxx ALL DEPENDS ${LIBSTDCXX_LIBRARY})
