#pragma once

#include <set>
#include <string>

#include "lake/catalog.h"
#include "project/project.h"

namespace leat::run {

/// The tables with data that an asset reads: through views down to what those read, tables outside the project included.
std::set<lake::TableName> InputTables(const project::Project& project, const project::Asset& asset);

/// Hash of the asset's own fingerprint and of those of the views that it reads.
std::string ConfigHash(const project::Project& project, const project::Asset& asset);

/// Ids of the assets whose result the asset's depends on: those that it names, and through views those that they read.
std::set<std::string> EffectiveNeeds(const project::Project& project, const project::Asset& asset);

bool IsView(const project::Asset& asset);

/// The data snapshots of `tables` at a view: 0 for a table without rows yet or that is not there.
Result<std::map<lake::TableName, int64_t>> InputSnapshots(lake::Catalog& catalog, const lake::View& view,
                                                          const std::set<lake::TableName>& tables);

}  // namespace leat::run
