#pragma once

#include <memory>

#include "component/file_moves.h"
#include "io/file_system.h"

namespace leat::run {

/// Files of this machine's disks. `files` makes copies durable and must outlive it. IO-313: kPermission why one file cannot be
/// renamed or removed, kEnvironment why it cannot be copied to another disk.
std::unique_ptr<component::FileRenamer> MakeFolderRenamer(io::FileSystem& files);

/// A file that lies aside for this name: ".leat-taken.<name>" in the same folder. No wildcard takes it.
std::string AsideOf(const std::string& path);
bool IsAside(const std::string& name);
/// The path of which that is one.
std::string AsideFrom(const std::string& aside);

}  // namespace leat::run
