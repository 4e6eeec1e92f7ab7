# ADBC driver manager 1.13.0, Apache Arrow, Apache-2.0, with toml++ 3.4, MIT: the adbc source. C++ sources from the PyPI source distribution
# adbc-driver-manager 1.13.0, checked by hash by deps/setup.sh into LEAT_DEPS. Drivers are libraries of the machine, opened at the first use,
# and no part of a release.
find_path(ADBC_SOURCES arrow-adbc/adbc_driver_manager.h PATHS ${LEAT_DEPS}/adbc NO_DEFAULT_PATH REQUIRED)
add_library(leat_adbc STATIC ${ADBC_SOURCES}/adbc_driver_manager.cc ${ADBC_SOURCES}/adbc_driver_manager_api.cc
            ${ADBC_SOURCES}/adbc_driver_manager_driver_loading.cc ${ADBC_SOURCES}/adbc_driver_manager_profiles.cc)
add_library(leat::adbc ALIAS leat_adbc)
target_include_directories(leat_adbc SYSTEM PUBLIC ${ADBC_SOURCES})
target_compile_options(leat_adbc PRIVATE -w)
target_link_libraries(leat_adbc PUBLIC ${CMAKE_DL_LIBS} PRIVATE leat_sanitizers)
