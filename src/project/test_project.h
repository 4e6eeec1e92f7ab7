#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/ids.h"
#include "project/project.h"

namespace leat::project {

/// A project folder of one test, removed with it.
class TestProject : public testing::Test {
 protected:
  TestProject() : root_(testing::TempDir() + "leat-project-" + NewUuidV4()) {
    Write("leat.yml", "version: 1\nname: shop\n");
    Write("connections.yml",
          "connections:\n  shop: { type: csv, path: inbound }\n  ops: { type: sqlite, file: ops.db }\n");
    Write("sources/shop.yml",
          "source: shop\ntables:\n  - name: orders\n    files: orders.csv\n  - name: customers\n    files: "
          "customers.csv\n");
  }
  ~TestProject() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + name).parent_path());
    std::ofstream(root_ + "/" + name, std::ios::binary) << text;
  }
  void Remove(const std::string& name) const { std::filesystem::remove(root_ + "/" + name); }

  Result<Project> Read(std::map<std::string, std::string> env = {}) const {
    return ReadProject(root_, [env = std::move(env)](const std::string& name) -> std::optional<std::string> {
      const auto found = env.find(name);
      return found == env.end() ? std::nullopt : std::optional(found->second);
    });
  }

  /// "CODE file:line:column", all findings in order.
  static std::vector<std::string> Findings(const Error& error) {
    std::vector<std::string> all = {error.code() + " " + error.where().ToString()};
    for (const Error& other : error.others()) {
      for (std::string& one : Findings(other)) all.push_back(std::move(one));
    }
    return all;
  }

  std::string root_;
};

}  // namespace leat::project
