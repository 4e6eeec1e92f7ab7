# yaml-cpp 0.7, Debian libyaml-cpp-dev, MIT: YAML parser events with positions (duplicate keys are refused by our tree).
find_package(yaml-cpp REQUIRED)
