#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "component/source.h"
#include "components/source/parquet/footer.h"

namespace leat::components::parquet {

/// One column of a parquet file.
struct FileColumn {
  std::string name;         ///< the file's own; the engine's where it has none, or the same one twice
  std::string engine_name;  ///< the engine tells names apart that differ in case only: ID_1
  std::string engine_type;  ///< of a delicate column: what it would be if nothing were lost
  Delicate delicate = Delicate::kNone;
  int scale = 0;  ///< of kLongDecimal
};

/// A delicate value inside of a column: how to get there in a file that is told bare.
struct NestedLeaf {
  struct Step {
    std::string name;       ///< "" where the engine has no struct around it
    bool repeated = false;  ///< a list
  };
  size_t column = 0;
  Delicate delicate = Delicate::kNone;
  int scale = 0;
  std::vector<Step> steps{};  ///< from the column itself on
};

/// What files with the same columns have in common.
struct FileShape {
  std::vector<FileColumn> columns;
  std::vector<NestedLeaf> nested;
  std::vector<Delicate> leaves;  ///< of the schema: those of columns, without those of nested ones
  std::vector<Delicate> nested_leaves;

  bool is_delicate() const;  ///< a column is, itself
  /// A name that none of the columns has: for what the reader adds to them.
  std::string FreeName(const std::string& wanted) const;
  bool HasEngineName(const std::string& name) const;
};

struct ShapeGroup {
  std::shared_ptr<const FileShape> shape;
  std::vector<component::InputFile> files;
};

using Query = std::function<Result<std::vector<std::vector<std::string>>>(const std::string& sql)>;

/// The shapes of files, by their footers alone; each file is looked at once.
class FileShapes {
 public:
  explicit FileShapes(Query query) : query_(std::move(query)) {}

  /// In the order in which they first come. Errors are the engine's.
  Result<std::vector<ShapeGroup>> GroupsOf(const std::vector<component::InputFile>& files);

 private:
  Result<std::shared_ptr<const FileShape>> ShapeOf(const component::InputFile& file) const;

  const Query query_;
  std::map<std::string, std::shared_ptr<const FileShape>> known_;  ///< by path
};

}  // namespace leat::components::parquet
