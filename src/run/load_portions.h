#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/load_parts.h"
#include "run/load_schema.h"
#include "run/load_work.h"

namespace leat::run {

/// What all portions of a load came to.
struct PortionsRead {
  std::vector<lake::DataFile> files;
  int64_t rows_in = 0, rows_out = 0, rows_filtered = 0;
  int64_t rows_adopted = 0;  ///< of rows_out: an earlier run had read them
  std::vector<int64_t> check_failures;
  std::vector<RejectedRow> rejected;
  std::string adopted;  ///< "3 of 8 parts taken over from run 0192…", "" none
  /// The source says that its content is another one than when the first part was read: nothing is kept, read it as a whole.
  bool changed_meanwhile = false;
};

/// A load that reads its table in portions: as many parts of it as make files of the table's target size and keep all streams
/// busy. Each is one write into a folder of its own and counts from the moment when a row of the state store says so.
class LoadPortions {
 public:
  LoadPortions(StepContext& context, component::Source& source, const state::Fence& fence);

  /// Finds what a run left that broke off, if it read the same: columns, bookmark, configuration and content of the source.
  Status LookForLeft(const component::ReadRequest& request, const RegisteredTable& registered, const Target& target);
  const PartsPlan* left() const { return left_ ? &*left_ : nullptr; }

  /// Cuts the table of a source that can tell whether it changed. False: it is read in one go, by `request.parts` where it has parts all the same. `by_key`: its rows go
  /// into the table by key.
  Result<bool> Plan(component::ReadRequest& request, const Layout& layout, bool by_key);
  /// The portions are no files of the table: what is to become of them must see all (keys, partitions, order).
  bool staged() const { return staged_; }
  const Layout& layout() const { return layout_; }  ///< of the portions' files

  /// Reads `request` and writes it into `folder`.
  using WritePortion = std::function<Result<StepWrite>(const component::ReadRequest& request, const std::string& folder,
                                                       SplitResult& split, int64_t& rows_read)>;
  /// Reads what is not there yet. A portion whose connection broke is read again, three times at most. RUN-545: the parts do
  /// not make a whole.
  Result<PortionsRead> ReadAll(const WritePortion& write);
  /// The rows of all portions as a temporary table.
  Status MakeTable(StepWork& work, const std::string& name, const std::vector<lake::DataFile>& files) const;

  /// In the transaction that commits their rows.
  Status Forget(state::Transaction& tx) const { return kept_.Forget(tx, !staged_); }
  /// After it: what is not needed any more.
  Status CleanUp();
  /// Nothing of it is needed.
  Status Drop() { return kept_.Drop(); }

 private:
  Result<std::string> HashOf(const component::ReadRequest& request, const RegisteredTable& registered,
                             const Target& target);
  /// The next parts to read together, taken off `missing`.
  std::vector<component::TablePart> Take(std::vector<component::TablePart>& missing) const;
  Result<Portion> Read(const std::vector<component::TablePart>& parts, const std::string& folder,
                       const WritePortion& write);

  StepContext& context_;
  component::Source& source_;
  LoadParts kept_;
  const int streams_;
  std::chrono::microseconds resume_within_{};
  int64_t part_rows_ = 0;
  std::string hash_, fingerprint_;
  std::optional<PartsPlan> left_;
  PartsPlan plan_;
  component::ReadRequest request_;
  Layout layout_;
  bool staged_ = false;
  double portion_rows_ = 0;  ///< about, of the next
  std::vector<Portion> portions_;
};

}  // namespace leat::run
