#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::component {

/// What lies in a folder by its index page.
struct IndexEntry {
  std::string name;  ///< ShownPart (http_address.h)
  bool folder = false;
};

/// The files and folders that an index page links to, each once, in the order of their names: pages as Apache, nginx and Python's
/// http.server write them. Links that leave the folder, go deeper than one level or have a query are left out. `url`: where the
/// page came from; it ends in a slash. nullopt: the page is no list of files.
std::optional<std::vector<IndexEntry>> ReadIndexPage(std::string_view html, const std::string& url);

}  // namespace leat::component
