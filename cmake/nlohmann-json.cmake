# nlohmann-json 3.11, Debian nlohmann-json3-dev, MIT: JSON of Iceberg metadata, REST and output.
find_package(nlohmann_json REQUIRED)
