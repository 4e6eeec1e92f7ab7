#pragma once

#include <string>
#include <vector>

#include "run/step.h"

namespace leat::run {

/// Keeps the files that came in, as they came, in the landing folder: <landing>/<source>/<table>/<run>/<path>. By hard link
/// where the file system allows it, else by copy (durable). Returns where each went, relative to the landing folder; "" for
/// all when the project does not archive. Errors: IO-3xx.
Result<std::vector<std::string>> ArchiveFiles(const StepContext& context,
                                              const std::vector<component::InputFile>& files);

/// The files of a step with the rows that each gave, for the file ledger, and where ArchiveFiles kept it. `written`: the data
/// files of the load, read for it over `connection` (may be null when there are none).
Result<std::vector<LoadedFile>> KeepFiles(const StepContext& context, sql::Connection* connection,
                                          const std::vector<lake::DataFile>& written);

}  // namespace leat::run
