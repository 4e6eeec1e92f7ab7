#pragma once

#include <functional>
#include <string>
#include <vector>

#include "components/source/http/fetch.h"

namespace leat::components::http {

/// Where the records of an answer go.
struct RecordSink {
  std::function<Status(std::vector<Spool::Cell>&, const data::JsonPath::Chain&)> take;
  /// A record with its bounds, but not readable; empty: one such makes the answer unsound (SRC-255).
  std::function<Status(const Spool::Refusal&)> refuse{};
};

/// Gives `sink` each record of an answer; the number of records. Formats: json, ndjson, csv (with a header, RFC
/// 4180), xml (of which no chain comes), auto (by the content type, else json). A record that is no object is one cell `value`.
/// The answer is UTF-8, but for xml (answer_text.h). Records are refused as `cast` (an escape that stands for no
/// character), jsonl.malformed, csv.missing_columns, csv.too_many_columns, csv.unquoted_value, csv.unterminated_quote and
/// xml.two_namespaces. SRC-255 kData: the whole is not what the format says; SRC-256 kData: `records` is
/// not there (with the members that are).
Result<int64_t> EachRecord(const Resource& resource, const ApiAnswer& answer, const RecordSink& sink);

}  // namespace leat::components::http
