#pragma once

#include <memory>
#include <string>

#include "component/file_place.h"
#include "io/sftp/login.h"

namespace leat::component {

/// The files of an SFTP server. Connections are kept and used again; each is one of the budget's, each listing, look and read
/// one of its calls, what comes its bytes. What was cut off goes on where it was, on a new connection. Errors: io/sftp/session.h;
/// IO-406 kConfig: the address. Files have no identity: time (whole seconds) and size are what a server tells.
Result<std::unique_ptr<FilePlace>> OpenSftpPlace(const std::string& address, io::sftp::Settings settings,
                                                 Budget* budget, CancelToken* cancel);

}  // namespace leat::component
