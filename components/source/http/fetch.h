#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "components/source/http/pages.h"
#include "components/source/http/session.h"
#include "components/source/http/spool.h"
#include "components/source/http/template.h"
#include "data/xml_records.h"

namespace leat::components::http {

/// A resource of an API as a table names it; also what a table's `parent:` is.
struct Resource {
  std::string method, path, body, format;
  std::map<std::string, std::string> params, headers;
  data::JsonPath records;
  bool records_may_be_absent = false;
  std::string encoding;                                        ///< of the answers; "" as they say, else UTF-8
  char delimiter = '\0';                                       ///< of csv; \0: found from the header
  std::vector<std::pair<std::string, data::JsonPath>> fields;  ///< further columns, each from its place
  data::XmlRecordRules xml;                                    ///< of `format: xml`, instead of records and fields
  PageOptions pages;
};

/// A report that is asked for, waited for and then read: `job:`.
struct Job {
  std::string method, path, body, status_path;
  data::JsonPath id, status;
  std::optional<data::JsonPath> result;  ///< the address of the report, in the last answer to `status_path`
  std::vector<std::string> done, failed;
  TimeMicros every = 0, timeout = 0;
};

/// One row of a parent: what {parent.<path>} is.
using ParentRow = Placeholders;

/// All answers of a resource, as rows in a spool; `connections` requests at once where the API's way of paging allows it.
/// `parents`: a sequence of requests for each. Errors are those of Session, answer_text, pages and records.
class Fetch {
 public:
  Fetch(Session& session, int connections) : session_(session), connections_(connections) {}

  Result<std::unique_ptr<Spool>> Rows(const Resource& resource, const Placeholders& values,
                                      const std::vector<ParentRow>& parents);
  /// The rows of a parent, only what `names` (of placeholders) ask for.
  Result<std::vector<ParentRow>> Parents(const Resource& resource, const Placeholders& values,
                                         const std::vector<std::string>& names);
  /// Runs a job to its end: job.id and job.url for the placeholders.
  Result<Placeholders> RunJob(const Job& job, const Placeholders& values);

 private:
  Result<ApiAnswer> Ask(const Resource& resource, const ApiRequest& request);
  Result<ApiRequest> Build(const Resource& resource, const Placeholders& values, const Page& page) const;

  Session& session_;
  int connections_;
};

}  // namespace leat::components::http
