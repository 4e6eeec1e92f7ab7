#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "imports/draft.h"
#include "imports/foreign_connections.h"
#include "imports/report.h"

namespace leat::imports {

/// What files of another tool become.
struct Imported {
  std::string format;                        ///< "sling", "dlt", "ingestr"
  std::vector<ConnectionDraft> connections;  ///< to be added to connections.yml
  std::vector<SourceDraft> sources;
  SecretNames secrets;
  Report report;
  SourceSpan where;  ///< of the first file
};

/// A file that is imported, read.
struct InputFile {
  std::string shown;  ///< as it was typed
  std::string path;
  config::Node root;
};

struct ImportRequest {
  std::string from;  ///< "sling", "dlt", "ingestr"; "" by what is in the files
  std::vector<std::string> files;
  std::string connections_file;  ///< --connections; "": Sling's env.yaml or Bruin's .bruin.yml near the first file
  ImportContext context;
};

/// Reads the files and says what they become; nothing is written. Files of ingestr may be several, the others are one each. Errors of
/// reading and of YAML as config's (at file:line:column); APP-207: a file is of no known format, or of another one than `from`, or of
/// another one than the first; APP-208: nothing tells what a connection is; APP-210: Python without a literal configuration; APP-211: what
/// a file must have is missing or of the wrong kind; APP-212: nothing of the files could be taken (the first reasons are named).
Result<Imported> Import(const ImportRequest& request);

/// What the drafts of an import would be at fault: as project::CheckDrafts, of paths and texts.
using DraftCheck = std::function<std::vector<Error>(const std::map<std::string, std::string>& files)>;

/// Leaves out the tables that `check` finds fault with, and says so in the report: what is written passes. `before`: the text of
/// connections.yml; `header`: see DraftSourceYaml. Errors of `check` that are of no table; APP-209; APP-212: no table is left.
Status LeaveOutFaulty(Imported& imported, const std::string& header, const std::string& before,
                      const DraftCheck& check);

/// Sources without tables are none. APP-212: there is no other; with the first reasons.
Status KeepFilled(Imported& imported);

/// "sources/<name>.yml".
std::string DraftPath(const SourceDraft& source);

/// The format of a file by its keys; "" none.
std::string FormatOf(const config::Node& root);

Status ImportSling(const InputFile& file, const InputFile* connections, const ImportContext& context,
                   Imported& imported);
Status ImportDlt(const InputFile& file, const ImportContext& context, Imported& imported);
/// One asset of ingestr or Bruin.
Status ImportAsset(const InputFile& file, const InputFile* connections, const ImportContext& context,
                   Imported& imported);

/// APP-211 at a place.
Error WrongInput(const SourceSpan& where, const std::string& message, const std::string& hint);

}  // namespace leat::imports
