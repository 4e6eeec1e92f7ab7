#pragma once

#include <string>
#include <vector>

#include "imports/draft.h"
#include "imports/report.h"

namespace leat::imports {

/// What another tool's load does with the rows that it reads.
enum class Load { kReplace, kTruncate, kAppend, kMerge, kInsert, kSnapshot };

struct LoadWish {
  Load load = Load::kReplace;
  std::vector<std::string> primary_key;
  std::string update_key;
  bool files = false;  ///< a ledger of files tells what is new
};

/// The mode of ours that comes nearest.
struct LoadChoice {
  std::string mode;
  Verdict verdict = Verdict::kTaken;
  std::string text;  ///< what is otherwise; "" nothing
  bool soft_delete = false;
  bool with_update_key = false;  ///< the mode goes by the update key
};

LoadChoice ChooseLoad(const LoadWish& wish);

/// The names that a key of another tool has, noted as taken for `ours`, or as not possible where they are no names. `commas`: one text may
/// have several.
std::vector<std::string> NamesOf(const config::Node::Member& member, const std::string& ours, Report& report,
                                 bool commas = false);

/// Sets a list of names, if there is one.
void SetNames(const std::string& ours, const std::vector<std::string>& names, TableDraft& table);

/// Writes mode, keys and soft_delete of `choice` into a table.
void SetLoad(const LoadWish& wish, const LoadChoice& choice, TableDraft& table);

/// The type of ours for a column type of another tool ("string", "timestampz", "decimal(10,2)"); "" when it has none.
std::string TypeOf(const std::string& theirs);

}  // namespace leat::imports
