#pragma once

#include <memory>
#include <string>

#include "component/file_place.h"
#include "component/http_fields.h"

namespace leat::component {

/// The files of a web server below `address`. What is asked is a call of the budget, what comes its bytes, what is under way one of
/// its connections. A file's version is its strong ETag; else its Last-Modified with its size; else its content, which is read
/// through at each look. What is cut off goes on where it was; a content is whole by its length (or its end mark) and has the
/// checksums that the server names. Folders are known by index pages (index_page.h). Files are neither moved nor removed here.
/// Errors: IO-419 the address; IO-421 kPermission; IO-422 kEnvironment: another answer than a file; IO-423 kEnvironment: nothing
/// shows that a content is whole, or it never is; IO-424 kData: another checksum; IO-425 kEnvironment: another range than was
/// asked for; SRC-385 kNotFound: no index page; SRC-381 kConfig: another server; those of HttpAsker.
Result<std::unique_ptr<FilePlace>> OpenHttpPlace(const std::string& address, HttpLogin login);

}  // namespace leat::component
