#pragma once

#include <string>
#include <vector>

#include "config/field.h"
#include "io/s3/options.h"

namespace leat::component {

/// How an object store is reached: `storage:` of leat.yml and of connections whose `path` is s3://.
std::vector<config::FieldSpec> ObjectStoreFields();
/// These fields as typed; `ca_file` relative to the project.
io::s3::StorageSettings ReadObjectStore(const config::Values& storage, const std::string& project_root);

}  // namespace leat::component
