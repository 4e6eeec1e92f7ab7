#pragma once

#include <string>

#include "component/source.h"
#include "components/source/parquet/footer.h"

namespace leat::components::parquet {

/// Path of a copy of the file in `folder`, with its footer told as `retelling` says. `table` begins messages. SRC-431 kUnsupported where
/// the footer is not one that can be (encrypted), SRC-203, SRC-204 as other files.
Result<std::string> WriteRetold(const component::InputFile& file, const Retelling& retelling, const std::string& folder,
                                const std::string& table);

}  // namespace leat::components::parquet
