#include "components/source/parquet/footer.h"

#include "components/source/parquet/thrift_struct.h"

namespace leat::components::parquet {
namespace {

// Ids of fields in parquet.thrift.
namespace file {
constexpr int16_t kSchema = 2, kRowGroups = 4, kEncryption = 8;
}
namespace element {
constexpr int16_t kType = 1, kTypeLength = 2, kName = 4, kConverted = 6, kScale = 7, kPrecision = 8, kLogical = 10;
}
namespace logical {
constexpr int16_t kTimestamp = 8, kIsUtc = 1;
}
namespace group {
constexpr int16_t kColumns = 1;
}
namespace chunk {
constexpr int16_t kMetadata = 3, kOffsetIndex = 4, kColumnIndexLength = 7, kCrypto = 8, kEncryptedMetadata = 9;
}
namespace metadata {
constexpr int16_t kType = 1, kStatistics = 12, kBloomOffset = 14, kBloomLength = 15, kSizes = 16;
}
constexpr int32_t kFixedBytes = 7;
constexpr int32_t kInt96Length = 12;

bool RetellLeaf(ThriftStruct& leaf, Delicate kind) {
  if (kind == Delicate::kNone) return true;
  if (kind == Delicate::kNanoUtc) {
    std::optional<ThriftStruct> type = leaf.Struct(element::kLogical);
    if (!type) return false;
    std::optional<ThriftStruct> timestamp = type->Struct(logical::kTimestamp);
    if (!timestamp) return false;
    timestamp->SetFlag(logical::kIsUtc, false);
    type->SetStruct(logical::kTimestamp, *timestamp);
    leaf.SetStruct(element::kLogical, *type);
  } else {
    leaf.Erase(element::kLogical);
    leaf.Erase(element::kScale);
    leaf.Erase(element::kPrecision);
  }
  leaf.Erase(element::kConverted);
  if (kind == Delicate::kInt96) {
    leaf.SetI32(element::kType, kFixedBytes);
    leaf.SetI32(element::kTypeLength, kInt96Length);
  }
  return true;
}

bool RetellSchema(ThriftStruct& footer, const Retelling& retelling) {
  const auto elements = footer.Structs(file::kSchema);
  if (!elements) return false;
  std::vector<std::string> told;
  size_t leaves = 0;
  for (const std::string_view bytes : *elements) {
    std::optional<ThriftStruct> one = ThriftStruct::Read(bytes);
    if (!one) return false;
    if (one->Has(element::kType)) {
      if (leaves == retelling.leaves.size() || !RetellLeaf(*one, retelling.leaves[leaves++])) return false;
    } else if (retelling.bare) {
      one->Erase(element::kLogical);
      one->Erase(element::kConverted);
    }
    if (retelling.bare) one->SetText(element::kName, "n" + std::to_string(told.size()));
    told.push_back(one->Write());
  }
  footer.SetStructs(file::kSchema, told);
  return leaves == retelling.leaves.size();
}

/// Statistics and filters speak of the values as they were told before.
bool RetellChunk(ThriftStruct& column, Delicate kind) {
  if (column.Has(chunk::kCrypto) || column.Has(chunk::kEncryptedMetadata)) return false;
  std::optional<ThriftStruct> data = column.Struct(chunk::kMetadata);
  if (!data) return false;
  for (int16_t id = chunk::kOffsetIndex; id <= chunk::kColumnIndexLength; ++id) column.Erase(id);
  for (const int16_t id : {metadata::kStatistics, metadata::kBloomOffset, metadata::kBloomLength, metadata::kSizes})
    data->Erase(id);
  if (kind == Delicate::kInt96) data->SetI32(metadata::kType, kFixedBytes);
  column.SetStruct(chunk::kMetadata, *data);
  return true;
}

bool RetellRowGroups(ThriftStruct& footer, const Retelling& retelling) {
  const auto groups = footer.Structs(file::kRowGroups);
  if (!groups) return false;
  std::vector<std::string> told;
  for (const std::string_view bytes : *groups) {
    std::optional<ThriftStruct> one = ThriftStruct::Read(bytes);
    if (!one) return false;
    const auto chunks = one->Structs(group::kColumns);
    if (!chunks || chunks->size() != retelling.leaves.size()) return false;
    std::vector<std::string> columns;
    for (const std::string_view chunk : *chunks) {
      const Delicate kind = retelling.leaves[columns.size()];
      std::optional<ThriftStruct> column = ThriftStruct::Read(chunk);
      if (!column || (kind != Delicate::kNone && !RetellChunk(*column, kind))) return false;
      columns.push_back(column->Write());
    }
    one->SetStructs(group::kColumns, columns);
    told.push_back(one->Write());
  }
  footer.SetStructs(file::kRowGroups, told);
  return true;
}

}  // namespace

std::optional<std::string> RetellFooter(std::string_view footer, const Retelling& retelling) {
  std::optional<ThriftStruct> whole = ThriftStruct::Read(footer);
  if (!whole || whole->Has(file::kEncryption) || !RetellSchema(*whole, retelling) ||
      !RetellRowGroups(*whole, retelling))
    return std::nullopt;
  return whole->Write();
}

}  // namespace leat::components::parquet
