# libedit, Debian libedit-dev, BSD-3-Clause: line editing of the SQL prompt.
find_path(EDIT_INCLUDE editline/readline.h REQUIRED)
find_library(EDIT_LIBRARY edit REQUIRED)
add_library(leat_edit INTERFACE)
add_library(leat::edit ALIAS leat_edit)
target_link_libraries(leat_edit INTERFACE ${EDIT_LIBRARY})
