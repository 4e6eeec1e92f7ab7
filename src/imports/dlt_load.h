#pragma once

#include <string>

#include "imports/dlt_resources.h"
#include "imports/dlt_text.h"
#include "imports/draft.h"
#include "imports/report.h"

namespace leat::imports {

/// What a resource's load does to its table: "replace", "merge", "append", "insert", "snapshot", "skip"; "" it does not say (append).
std::string DltDisposition(const DltResource& resource, const DltResources& resources, Report& report);

/// Writes mode, keys, where the load goes on, columns and what becomes of new ones.
void SetDltLoad(const DltResource& resource, const DltResources& resources, const std::string& disposition,
                const DltBindings& bindings, TableDraft& table, Report& report);

}  // namespace leat::imports
