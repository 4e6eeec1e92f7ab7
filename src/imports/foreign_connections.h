#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/field.h"
#include "imports/draft.h"
#include "imports/report.h"

namespace leat::imports {

/// What an import may use of the project that it goes into, and of the command line.
struct ImportContext {
  std::string source_name;  ///< --name; "" as the format says
  std::string connection;   ///< --connection: one of the project's, in place of the one that the file names
  std::map<std::string, std::string> known_connections;  ///< of the project: name, type
  config::EnvLookup env;                                 ///< tells how an address begins; its value is not written
  /// The tables of a database that a pattern with * and ? means, as `table:` names them. Must be there.
  std::function<Result<std::vector<std::string>>(const ConnectionDraft&, const std::string& pattern)> expand;
};

/// A connection of another tool: its name and type there, and a map of its keys.
struct ForeignConnection {
  std::string name;
  std::string type;
  const config::Node* keys = nullptr;
  SourceSpan where;
};

/// A connection of ours. `known`: the project has it already, nothing of it is written. For folders and buckets `type` is "files":
/// what its files are decides, and `members` are those of any such connection (`path`, `storage`).
struct OurConnection {
  ConnectionDraft draft;
  bool known = false;
  std::string lost = "";  ///< parameters of its address that are left out
};

/// A text of another tool's file as ours: `${NAME}` and `$NAME` are `${env:NAME}`.
std::string WithEnvReferences(const std::string& text);

/// `keys` as a connection of ours; every key is noted. Passwords become references. nullopt: there is no source of that type here.
std::optional<OurConnection> FromForeign(const ForeignConnection& foreign, SecretNames& secrets, Report& report);

/// An address (postgres://…, mysql://…, sqlite://…) as members of a connection; what it keeps secret becomes a reference. `reference`:
/// stands for the whole address where that is not to be written. nullopt: no source of ours has such addresses.
std::optional<OurConnection> FromAddress(const std::string& name, const std::string& address,
                                         const std::string& reference, SecretNames& secrets);

/// The project's connection of that name, found without case; or the one of --connection.
std::optional<OurConnection> KnownConnection(const std::string& name, const ImportContext& context);

/// True when `type` reads files; by the fields of its spec.
bool ReadsFiles(const std::string& type);
/// True when tables of `type` have the field.
bool TableHas(const std::string& type, const std::string& field);

/// True when tables of `type` may be named with a schema before them.
bool HasSchemas(const std::string& type);

/// The type of ours that reads a file of that name (csv, json, jsonl, parquet …); "" none.
std::string FileTypeOf(const std::string& name);

/// What a note about a connection says of its `lost`; "" for none.
std::string LostText(const OurConnection& connection);

/// APP-208: nothing tells what a connection is.
Error UnknownConnection(const std::string& name, const SourceSpan& where);

}  // namespace leat::imports
