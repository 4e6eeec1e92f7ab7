#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "component/file_listing.h"
#include "component/source.h"

namespace leat::component {

/// Unpacks and re-encodes what needs it into the spool folder of the context (io/unpack.h); members of an archive become
/// files of their own. Size, time and identity of what was not unpacked stay. Empty files are left out.
Result<std::vector<InputFile>> PrepareInputFiles(const std::vector<InputFile>& files, const std::string& encoding,
                                                 const SourceContext& context);

/// Absolute path of `path`, which a user wrote relative to the project; an address (scheme://…) as it is.
std::string BelowProject(const std::string& project_root, const std::string& path);

/// A piece of a text file: whole lines only.
struct TextSample {
  std::string head;                 ///< first lines, header included
  std::vector<std::string> pieces;  ///< lines from further places
  bool whole = false;               ///< head is the whole file
};
/// Reads the first `head_bytes` and `pieces` further places of `piece_bytes`, spread over the file, cut at line ends.
Result<TextSample> SampleText(const InputFile& file, int64_t head_bytes, int pieces, int64_t piece_bytes);

/// Path of a new file of the folder, which is made if need be: what `write` puts into it. SRC-204 when the disk does not take it,
/// as `failure` begins ("table orders: cannot write a sample"); errors of `write` as they are. The path ends in `name`.
Result<std::string> WriteSpoolFile(const std::string& folder, const std::string& name, const std::string& failure,
                                   const std::function<Status(std::ostream&)>& write);

/// SQL text of a list of paths: ['a', 'b'].
std::string SqlPathList(const std::vector<InputFile>& files);
/// 'text' with quotes doubled.
std::string SqlText(std::string_view text);

}  // namespace leat::component
