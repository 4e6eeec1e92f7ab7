#pragma once

#include <functional>
#include <string>
#include <vector>

#include "components/source/http/fetch.h"

namespace leat::components::http {

/// Calls `take` with the cells of each record of an answer; the number of records. Formats: json, ndjson, csv (with a header, RFC
/// 4180), xml (of which no chain comes), auto (by the content type, else json). A record that is no object is one cell `value`.
/// The answer is UTF-8, but for xml (answer_text.h). SRC-255 kData: it is not what the format says; SRC-256 kData: `records` is
/// not there (with the members that are).
Result<int64_t> EachRecord(const Resource& resource, const ApiAnswer& answer,
                           const std::function<Status(std::vector<Spool::Cell>&, const data::JsonPath::Chain&)>& take);

}  // namespace leat::components::http
