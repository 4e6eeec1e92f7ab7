# GoogleTest 1.12, Debian libgtest-dev, BSD-3-Clause: unit tests.
if(LEAT_TESTS)
  find_package(GTest REQUIRED)
endif()
