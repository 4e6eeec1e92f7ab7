#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "component/source.h"
#include "config/field.h"
#include "io/http.h"

namespace leat::components::iceberg {

using Namespace = std::vector<std::string>;

/// What a catalogue answers to the load of a table.
struct LoadedTable {
  std::string metadata;           ///< the table's metadata, JSON
  std::string metadata_location;  ///< "" where it does not say
  std::map<std::string, std::string>
      config;  ///< keys of the store and how it is reached ("s3.access-key-id"), those of the longest prefix
};

/// A catalogue that speaks the Iceberg REST specification, to read only. One thread at a time. Errors: SRC-410 for the
/// connection's own fields, SRC-411 when it fails (tried again while it is busy), SRC-412 for keys, SRC-414 for answers that are
/// none of a catalogue.
class RestCatalog {
 public:
  /// Asks for its configuration, and for a token where the connection has a `credential`. `what` begins messages.
  static Result<std::unique_ptr<RestCatalog>> Open(const config::Values& connection,
                                                   const component::SourceContext& context, std::string what);

  /// SRC-413 with the nearest names when there is no such table.
  Result<LoadedTable> Load(const Namespace& ns, const std::string& name);
  /// All of them, at any depth, parents first.
  Result<std::vector<Namespace>> Namespaces();
  Result<std::vector<std::string>> Tables(const Namespace& ns);

 private:
  RestCatalog(const config::Values& connection, const component::SourceContext& context, std::string what);
  struct Asked;
  Result<io::HttpAnswer> Send(const std::string& url, const std::string& form, bool may_be_missing);
  Result<io::HttpAnswer> SendOnce(const std::string& url, const std::string& form);
  Status GetToken();
  Error NoTable(const Namespace& ns, const std::string& name);
  Error NoAnswer(const std::string& url, const std::string& why) const;

  const config::Values connection_;
  const component::SourceContext context_;
  const std::string what_;
  std::string base_;    ///< …/v1
  std::string prefix_;  ///< "" or "/prefix"
  std::string token_;
  io::HttpClient http_;
};

/// The parts of a name, as SQL writes it: sales."a.b" -> sales, a.b
std::string ShownName(const Namespace& ns, const std::string& name);

}  // namespace leat::components::iceberg
