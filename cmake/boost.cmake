# Boost 1.81 (Asio, Beast, URL), Debian libboost1.81-dev, Boost Software License 1.0: the HTTP server's sockets and parser, URLs.
find_path(BOOST_INCLUDE boost/beast.hpp PATHS /usr/include REQUIRED)
add_library(leat_boost INTERFACE)
add_library(leat::boost ALIAS leat_boost)
target_include_directories(leat_boost SYSTEM INTERFACE ${BOOST_INCLUDE})
find_library(BOOST_URL NAMES libboost_url.a boost_url REQUIRED)
target_link_libraries(leat_boost INTERFACE ${BOOST_URL})
