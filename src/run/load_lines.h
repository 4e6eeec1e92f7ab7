#pragma once

#include <vector>

#include "component/source.h"
#include "run/reject_file.h"

namespace leat::run {

/// Gives rejected rows whose origin is only a file the number of their line there ("a.jsonl:17"): a second pass over just the
/// files that have such rows finds the payload again. For readers that cannot say the number while they read. Files are as
/// they were read (after unpacking); at most the first million rows of a step get a number.
Status AddLineNumbers(RejectFile& rejects, const std::vector<component::InputFile>& files);

}  // namespace leat::run
