#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::lake {

/// The part of Avro 1.11 that Iceberg's manifests need: binary encoding and object container files with the codecs null and
/// deflate. Written from the Avro specification; no code generation, no schema evolution (readers go by field id).

/// Appends values in Avro's binary encoding.
class AvroEncoder {
 public:
  void Long(int64_t value);
  void Bool(bool value) { out_ += value ? '\1' : '\0'; }
  void Float(float value);
  void Double(double value);
  /// Length, then bytes: "bytes" and "string".
  void Bytes(std::string_view bytes);
  /// Bytes alone: "fixed".
  void Raw(std::string_view bytes) { out_ += bytes; }

  const std::string& bytes() const { return out_; }

 private:
  std::string out_;
};

enum class AvroKind { kNull, kBoolean, kLong, kFloat, kDouble, kBytes, kFixed, kArray, kMap, kRecord, kUnion };

struct AvroSchema;
using AvroSchemaPtr = std::shared_ptr<AvroSchema>;

struct AvroField {
  std::string name;
  int field_id = -1;  ///< Iceberg's "field-id", -1 without
  AvroSchemaPtr schema;
};

/// A writer's schema. kLong stands for int, long and enum, kBytes for bytes and string.
struct AvroSchema {
  AvroKind kind = AvroKind::kNull;
  int fixed_size = 0;
  std::vector<AvroField> fields;        ///< of a record
  std::vector<AvroSchemaPtr> branches;  ///< of a union; [0]: items of an array, values of a map
};

/// One decoded value; unions are resolved to their branch. A record's `items` are in the order of the schema's fields; a map's
/// `items` are pairs of items (key, value).
struct AvroValue {
  AvroKind kind = AvroKind::kNull;
  int64_t number = 0;  ///< kLong, kBoolean
  double real = 0;     ///< kFloat, kDouble
  std::string bytes;   ///< kBytes, kFixed
  std::vector<AvroValue> items;

  bool is_null() const { return kind == AvroKind::kNull; }
};

/// An object container file that was read whole.
struct AvroFile {
  std::map<std::string, std::string> metadata;
  AvroSchemaPtr schema;
  std::vector<AvroValue> rows;
};

/// A container file of one deflated block: `rows` records that are encoded in `data`.
std::string WriteAvroFile(std::string_view schema_json, const std::map<std::string, std::string>& metadata,
                          int64_t rows, std::string_view data);

/// LAKE-111 kData (broken: what, and at which byte), LAKE-112 kUnsupported (codec). The caller adds the file's name.
Result<AvroFile> ReadAvroFile(std::string_view bytes);

/// Finds members of a record by Iceberg field id. Made once per schema, used for every row.
class AvroRecordView {
 public:
  explicit AvroRecordView(const AvroSchema& record);
  /// Null when the writer's schema does not have the field, or its value is null.
  const AvroValue* Find(const AvroValue& record, int field_id) const;
  /// The schema of a field without its union with null; null when the writer does not have it.
  const AvroSchema* FindSchema(int field_id) const;

 private:
  struct Place {
    size_t index = 0;
    const AvroSchema* schema = nullptr;
  };
  std::map<int, Place> places_;
};

}  // namespace leat::lake
