# spdlog 1.10 and fmt 9.1, Debian libspdlog-dev libfmt-dev, MIT: rotated log files; formatting.
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
