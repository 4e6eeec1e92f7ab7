#pragma once

#include <string>
#include <vector>

#include "run/gates_split.h"
#include "run/large_values.h"
#include "run/load_masks.h"
#include "run/load_schema.h"
#include "run/load_stream.h"

namespace leat::run {

/// What a stream delivers, in the words of a relation. `files`: those of its request.
component::Relation StreamRelation(const project::Asset& asset, const RegisteredTable& registered,
                                   const std::vector<component::InputFile>& files, const LoadStream& stream);

/// What a load selects from.
struct LoadSelectInput {
  const StepContext& context;
  const RegisteredTable& registered;
  const component::Relation& relation;
  const data::Schema& rows_schema;  ///< of the rows that are handed over
  const std::string& loaded_at;     ///< SQL
  bool stream = false;              ///< the relation is StreamRelation's
  const LargeColumns& large;
  const LoadMasks& masks;
};

/// The inner SELECT: typed columns by name, audit columns, and what the split needs beside them.
SplitInput LoadSelect(const LoadSelectInput& load);

}  // namespace leat::run
