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

}  // namespace leat::run
