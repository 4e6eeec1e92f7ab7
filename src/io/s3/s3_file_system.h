#pragma once

#include <memory>

#include "io/file_system.h"
#include "io/s3/client.h"

namespace leat::io {

/// Objects as files: "s3://bucket/key". A folder is a prefix and needs no making. WriteNew is a conditional put, durable when
/// the store has answered; a file that is there already with the same bytes counts as written (an answer was lost). Sync is
/// nothing. Errors: client.h.
std::unique_ptr<FileSystem> MakeS3FileSystem(std::shared_ptr<s3::Client> client);

/// Chooses by scheme: s3:// goes to `store`, everything else to `local`.
std::unique_ptr<FileSystem> MakeFileSystemByScheme(std::unique_ptr<FileSystem> local,
                                                   std::unique_ptr<FileSystem> store);

/// True for "s3://…".
bool IsS3(std::string_view uri);

}  // namespace leat::io
