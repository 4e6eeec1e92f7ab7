# cmake --install: a relocatable folder bin/ lib/ share/ that runs without compilers.
include(GNUInstallDirs)
install(TARGETS leat RUNTIME DESTINATION bin)
install(FILES ${DUCKDB_LIBRARY} DESTINATION lib)
install(DIRECTORY ${LEAT_DEPS}/duckdb/extensions/ DESTINATION lib/leat/extensions)
install(FILES LICENSE NOTICE DESTINATION share/doc/leat)
