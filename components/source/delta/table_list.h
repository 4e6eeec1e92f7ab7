#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/table_files.h"
#include "component/table_list.h"
#include "config/field.h"

namespace leat::components::delta {

/// Folder or prefix that the tables of a connection lie below.
std::string RootOf(const config::Values& connection, const component::SourceContext& context);
/// The files that `path` and `storage` of a connection reach. `what` begins messages.
std::shared_ptr<component::TableFiles> FilesOf(const config::Values& connection,
                                               const component::SourceContext& context, const std::string& what);

/// The tables that lie below a connection's `path`, each looked at once: columns, rows (by the statistics of its files) and bytes of the
/// newest version. One that cannot be read says why and hides no other.
Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context);

}  // namespace leat::components::delta
