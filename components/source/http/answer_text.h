#pragma once

#include "components/source/http/fetch.h"

namespace leat::components::http {

/// Makes an answer what its format is read from: bodies that are packed (gzip, zstd, bzip2, xz, a zip of one file) are unpacked;
/// text in another encoding (`encoding` of the resource, the answer's charset, the mark of UTF-16) becomes UTF-8, but XML, which says its
/// own. Where the content type says nothing of the content (application/gzip, octet-stream), the ending of the address does.
/// IO-401, IO-402, IO-403 kData with the address; SRC-255 kData: it is not UTF-8.
Status MakeText(const Resource& resource, ApiAnswer& answer);

}  // namespace leat::components::http
