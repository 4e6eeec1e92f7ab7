#pragma once

#include <memory>
#include <string>

#include "component/file_place.h"
#include "io/s3/options.h"

namespace leat::component {

/// The objects of a store as files; `address`: one below its bucket. Each request counts as a call of the budget, what comes as
/// its bytes. Errors: io/s3/client.h.
Result<std::unique_ptr<FilePlace>> OpenObjectPlace(const std::string& address, const io::s3::StorageSettings& settings,
                                                   Budget* budget, CancelToken* cancel);

}  // namespace leat::component
