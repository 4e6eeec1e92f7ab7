#pragma once

#include <vector>

#include "component/source.h"

namespace leat::run {

/// Tells the files of a load that can be read from those that cannot, each opened by itself.
struct FilesApart {
  std::vector<component::InputFile> good;
  struct Bad {
    component::InputFile file;
    Error error;
  };
  std::vector<Bad> bad;
};

/// `table`: as far as its columns are known.
Result<FilesApart> TellFilesApart(component::Source& source, bool relation, const component::SourceTable& table,
                                  const std::vector<component::InputFile>& files);

}  // namespace leat::run
