# Expat 2.5, Debian libexpat1-dev, MIT: XML of files, of answers, and inside of workbooks, read piece by piece. Linked statically.
find_path(EXPAT_INCLUDE expat.h REQUIRED)
find_library(EXPAT_LIBRARY NAMES libexpat.a REQUIRED)
add_library(leat_expat INTERFACE)
add_library(leat::expat ALIAS leat_expat)
target_link_libraries(leat_expat INTERFACE ${EXPAT_LIBRARY})
