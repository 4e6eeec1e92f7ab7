#pragma once

#include <string>
#include <vector>

#include "sql/engine.h"

namespace leat::sql {

/// One setting of an instance, as SQL literal text.
struct EngineSetting {
  std::string name;
  std::string value;
};

/// The version of libduckdb that this program was built for; another one is refused (the parts of the C API that we use
/// for names, Arrow and profiles are marked unstable in its header).
inline constexpr const char* kDuckDbVersion = "v1.5.5";

/// Makes the folders below the options' private one that every instance may share.
Status MakePrivateFolders(const EngineOptions& options);
/// Everything that is set before extensions are loaded, in order: the whole list, nothing is set elsewhere. `spill_folder`
/// is the instance's own (spill_folder.h).
std::vector<EngineSetting> OpeningSettings(const EngineOptions& options, const std::string& spill_folder);
/// What is set once httpfs is loaded for an object store.
std::vector<EngineSetting> StoreSettings(const ObjectStore& store);
/// The statement that gives the instance the keys of its store, in memory only.
std::string StoreSecretSql(const ObjectStore& store, const io::s3::Credentials& credentials);
/// <folder of libduckdb>/extensions, as installed, or ../extensions from there, as in a build.
std::string DefaultExtensionFolder();
/// What closes the instance: file access to the allowed folders only, no loading, no further changes.
std::vector<EngineSetting> ClosingSettings(const EngineOptions& options);

}  // namespace leat::sql
