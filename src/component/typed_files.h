#pragma once

#include <set>
#include <string>
#include <vector>

#include "component/file_source.h"
#include "component/observed_input.h"

namespace leat::component {

/// Sources of files that bring the types of their columns: matched by name over all files, narrow types widen where nothing is lost.
class TypedFileSource : public FileSource, public SchemaObserver {
 public:
  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override;
  Result<SourceTable> Discover() override;
  Result<std::vector<SourceColumn>> FindAdded(const ReadRequest& request) override;
  Result<std::vector<ObservedInput>> Observe(const ReadRequest& request, const ObserveWish& wish) override;
  Result<std::unique_ptr<ArrowStream>> OpenStream(const ReadRequest& request) override;

 protected:
  using FileSource::FileSource;

  /// The columns of one file, by its head or foot alone. `known`: those of the table, where names of old count.
  virtual Result<std::vector<SourceColumn>> ColumnsOf(const InputFile& file,
                                                      const std::vector<SourceColumn>& known) = 0;
  /// Reads all of a file and keeps nothing: where damaged files are left out they must be known before the first row is taken.
  virtual Status Verify(const InputFile& file) = 0;
  /// How many streams are of use, of `most`.
  static int64_t StreamCount(const ReadRequest& request, int most);

 private:
  /// Columns of several files, joined by name; which file said a type first, for errors.
  struct JoinedColumns {
    std::vector<SourceColumn> columns;
    std::vector<std::string> origins;
  };
  Result<JoinedColumns> JoinAll(const ReadRequest& request);
  Status Join(const InputFile& file, const std::vector<SourceColumn>& known, const ReadRequest* request,
              JoinedColumns& joined);

  std::set<std::string> verified_;
};

}  // namespace leat::component
