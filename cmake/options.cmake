# Build options and the two interface targets that every folder of ours uses: warnings and sanitizers.
option(LEAT_TESTS "Build unit tests and the end-to-end runner" ON)
set(LEAT_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
set(LEAT_DEPS "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "Folder that ./dev setup fills with pinned parts")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # it takes members of std::optional for uninitialised when it optimises
  set(gnu_false_alarms " -Wno-maybe-uninitialized")
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELASSERT "-O1 -g1${gnu_false_alarms}")
set(CMAKE_C_FLAGS_RELASSERT "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG${gnu_false_alarms}")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_package(Threads REQUIRED)
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(leat_warnings INTERFACE)
target_compile_options(leat_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                       -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
add_library(leat_sanitizers INTERFACE)
if(LEAT_SANITIZE)
  target_compile_options(leat_sanitizers INTERFACE -fsanitize=${LEAT_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer)
  if(LEAT_SANITIZE STREQUAL "thread")
    target_compile_options(leat_sanitizers INTERFACE -Wno-tsan)  # Asio's fences: GCC warns that it does not see them
  endif()
  target_link_options(leat_sanitizers INTERFACE -fsanitize=${LEAT_SANITIZE})
endif()
