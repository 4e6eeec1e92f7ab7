#include "project/fields.h"

#include <algorithm>

#include "component/object_store_fields.h"
#include "component/spec.h"
#include "project/drift_policy.h"

namespace leat::project {
namespace {

using config::FieldSpec;
using config::FieldType;

std::vector<FieldSpec> ChecksFields() {
  const auto list = [](const char* name, const char* description) {
    FieldSpec field;
    field.name = name;
    field.type = FieldType::kList;
    field.description = description;
    field.example = "[not_null, unique]";
    field.open = true;
    return field;
  };
  return {list("checks", "Checks: a name, or a name with its arguments (`leat list check`)."),
          list("tests", "dbt's word for checks."), list("data_tests", "dbt's newer word for checks.")};
}

void Append(std::vector<FieldSpec>& to, std::vector<FieldSpec> more) {
  for (FieldSpec& field : more) to.push_back(std::move(field));
}

FieldSpec Ignored(const char* name, const char* description) {
  return {.name = name, .type = FieldType::kAny, .description = description};
}

FieldSpec Texts(const char* name, const char* description, const char* example) {
  return {.name = name, .type = FieldType::kList, .description = description, .example = example, .scalar_ok = true};
}

FieldSpec DeleteWhen() {
  return {.name = "delete_when",
          .description =
              "What upserts by key: SQL condition over the new rows; a row for which it is true takes the row of "
              "its key out of the table.",
          .example = "op = 'D'"};
}

FieldSpec SoftDelete() {
  return {.name = "soft_delete",
          .type = FieldType::kBoolean,
          .description =
              "true: rows that are gone (from a full extract, by delete_when, by mode delete) stay, with the time in "
              "_deleted_at.",
          .default_value = "false"};
}

FieldSpec MaxReject() {
  return {
      .name = "max_reject",
      .type = FieldType::kPercent,
      .description = "Share of rows that may be set aside; above it the step blocks. Default: the project's defaults.",
      .minimum = 0,
      .maximum = 1,
      .example = "1%"};
}

FieldSpec PropertiesField() {
  return {
      .name = "properties",
      .type = FieldType::kMap,
      .description =
          "Further table properties of Iceberg; `format-version` (2, the default, or 3) is the table's format: a table "
          "of an older one is upgraded.",
      .example = "{ write.parquet.compression-codec: zstd }"};
}

std::vector<FieldSpec> StorageFields() {
  std::vector<FieldSpec> fields = component::ObjectStoreFields();
  const std::vector<FieldSpec> sharing = {
      {.name = "vend",
       .type = FieldType::kEnum,
       .description =
           "How other engines reach the files through `leat serve`: sign (requests are signed for clients that "
           "ask for it), role (also keys that end, for one table), keys (these very keys), none.",
       .default_value = "sign",
       .allowed = {"sign", "role", "keys", "none"}},
      {.name = "role",
       .description = "The role whose keys other engines get, cut down to one table; for `vend: role`.",
       .example = "arn:aws:iam::123456789012:role/lake-tables"},
      {.name = "sts_endpoint",
       .description = "Address of the service that gives keys for the role; default: AWS's own of the region.",
       .example = "https://sts.example.com"},
  };
  fields.insert(fields.end(), sharing.begin(), sharing.end());
  return fields;
}

}  // namespace

std::vector<FieldSpec> SettingsFields() {
  return {
      {.name = "version",
       .type = FieldType::kInteger,
       .description = "Version of this file's format: 1.",
       .required = true,
       .example = "1"},
      {.name = "name", .description = "The project's name.", .required = true, .example = "flights"},
      {.name = "warehouse",
       .type = FieldType::kPath,
       .description = "Folder (below the project unless absolute) or s3:// address of the lake's files.",
       .default_value = "./.leat/warehouse"},
      {.name = "storage",
       .type = FieldType::kObject,
       .description =
           "How a warehouse at s3:// is reached. What is left out comes from AWS's environment variables and profile files.",
       .fields = StorageFields()},
      {.name = "warehouse_name",
       .description = "The catalogue's name in SQL and for other engines.",
       .default_value = "lake"},
      {.name = "state",
       .description = "State store: an SQLite file, or postgresql://user@host/db when several machines share it.",
       .default_value = "./.leat/state.db"},
      {.name = "publish",
       .type = FieldType::kEnum,
       .description = "What is published together: assets connected by refs, or the whole run.",
       .default_value = "connected",
       .allowed = {"connected", "all"}},
      {.name = "display_timezone",
       .description = "Time zone (IANA name) in which times are shown; they are stored in UTC.",
       .default_value = "UTC",
       .example = "America/New_York"},
      {.name = "memory_limit",
       .type = FieldType::kBytes,
       .description = "Memory of the SQL engine; default: 60 % of the machine.",
       .minimum = 64e6,
       .example = "4GB"},
      {.name = "threads",
       .type = FieldType::kInteger,
       .description = "Threads of the SQL engine; default: all cores.",
       .minimum = 1,
       .maximum = 1024,
       .example = "2"},
      {.name = "landing",
       .type = FieldType::kPath,
       .description = "Folder in which files are kept as they came.",
       .default_value = "./.leat/landing"},
      {.name = "archive",
       .type = FieldType::kBoolean,
       .description = "Keep inbound files in the landing folder once they are loaded (by hard link where possible).",
       .default_value = "true"},
      {.name = "rejected_retention",
       .type = FieldType::kDuration,
       .description = "How long rejected rows stay in <table>__rejected.",
       .default_value = "30d",
       .minimum = 1},
      {.name = "read_files_below",
       .type = FieldType::kPath,
       .description = "Folder below which models may use read_csv and its like; default: none, files are sources.",
       .example = "reference"},
      {.name = "defaults",
       .type = FieldType::kObject,
       .description = "Defaults of all assets.",
       .fields = {{.name = "max_reject",
                   .type = FieldType::kPercent,
                   .description = "Share of rows that a quarantining check may set aside before the step blocks.",
                   .default_value = "1%",
                   .minimum = 0,
                   .maximum = 1},
                  PropertiesField()}},
      {.name = "models",
       .type = FieldType::kObject,
       .description = "Settings of all models.",
       .fields = {{.name = "schema",
                   .description = "Namespace of models that name none.",
                   .default_value = "trusted"}}},
  };
}

std::vector<FieldSpec> ConnectionsFileFields() {
  return {
      {.name = "connections",
       .type = FieldType::kMap,
       .description = "Connections by name: `type` is a source's name (`leat list source`), the rest are its fields.",
       .required = true,
       .example = "{ inbound: { type: csv, path: inbound } }",
       .open = true}};
}

std::vector<FieldSpec> SourceFileFields() {
  std::vector<FieldSpec> fields = {
      {.name = "source", .description = "The source's name; default: the file's name.", .example = "ops"},
      {.name = "connection",
       .description = "A connection of connections.yml; default: the source's name.",
       .example = "ops"},
      {.name = "description", .description = "What this source is."},
      {.name = "schema",
       .description = "Namespace of the raw tables; default: raw_ and the source's name.",
       .example = "raw_ops"},
      Texts("tags", "Tags of all its tables.", "[daily]"),
      {.name = "tables",
       .type = FieldType::kList,
       .description = "The tables to pull.",
       .required = true,
       .example = "[{ name: planes }]",
       .open = true},
  };
  Append(fields, DriftFields());
  return fields;
}

std::vector<FieldSpec> TableFields(const component::Spec* source) {
  std::vector<FieldSpec> fields = {
      {.name = "name", .description = "The table's name in the source.", .required = true, .example = "planes"},
      {.name = "description", .description = "What a row is."},
      {.name = "mode",
       .type = FieldType::kEnum,
       .description = "What a load does with the rows that it reads (docs/project.md); default: append for files, "
                      "full-refresh otherwise.",
       .allowed = {"full-refresh", "truncate", "append", "incremental", "insert", "partition", "snapshot", "delete"}},
      Texts("primary_key", "Columns that name a row.", "[tailnum]"),
      {.name = "update_key",
       .description = "Column that grows with each change: where the next load goes on; of several rows of one key in "
                      "files the one with the greatest value counts.",
       .example = "updated_at"},
      {.name = "look_back",
       .description =
           "Mode incremental of databases: rows of so long before the last update_key (a span of time; a number "
           "for whole numbers) are read again, for commits that came late.",
       .example = "2h"},
      {.name = "reconcile",
       .type = FieldType::kObject,
       .description =
           "Mode incremental of databases: rows that were deleted in the source are found by comparing all keys.",
       .example = "{ every: 1d }",
       .fields = {{.name = "every",
                   .type = FieldType::kDuration,
                   .description = "Longest time between two comparisons; 0: at every load.",
                   .required = true,
                   .example = "1d"}}},
      Texts("required_columns", "Columns that every file, or the table, must have: looked at before any row is read.",
            "[id, amount]"),
      Texts("exclude", "Columns of the source that do not come into the lake: names, or patterns with * and ?.",
            "[password, 'tmp_*']"),
      DeleteWhen(),
      SoftDelete(),
      {.name = "into",
       .description = "Mode delete: the table of this source whose rows are taken out by key.",
       .example = "orders"},
      {.name = "on_empty",
       .type = FieldType::kEnum,
       .description =
           "Modes full-refresh and truncate: what an extract without rows does to a table that has rows. keep "
           "leaves them and warns, replace takes them out, fail blocks.",
       .default_value = "keep",
       .allowed = {"keep", "replace", "fail"}},
      {.name = "part_rows",
       .type = FieldType::kInteger,
       .description = "Sources that read a table in parts: about so many rows in each; default: the source decides.",
       .minimum = 1,
       .example = "100000"},
      {.name = "resume_within",
       .type = FieldType::kDuration,
       .description = "Parts that a run which broke off has read are taken over by a run that begins within this time "
                      "after it began; 0: never.",
       .default_value = "24h"},
      {.name = "structured",
       .type = FieldType::kAny,
       .description = "The automatic clean copy: false leaves it out, a map configures it.",
       .default_value = "true"},
      {.name = "columns",
       .type = FieldType::kList,
       .description = "Descriptions, types and checks of the raw columns.",
       .fields = SourceColumnFields()},
  };
  Append(fields, DriftFields());
  Append(fields, ChecksFields());
  Append(fields, {RenamesField(), MaxReject(), Texts("tags", "Tags for selection.", "[daily]"),
                  Texts("partition_by", "Partition fields of the raw table.", "[\"month(date)\"]"),
                  Texts("sort_by", "Columns by which the raw table's files are sorted.", "[carrier]"),
                  PropertiesField(), Ignored("meta", "Anything of your own.")});
  if (source != nullptr) {
    for (const FieldSpec& field : source->fields) {
      const bool known = std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return f.name == field.name; });
      if (!known) fields.push_back(field);
    }
  }
  return fields;
}

std::vector<FieldSpec> SourceColumnFields() {
  std::vector<FieldSpec> fields = {
      {.name = "name", .description = "The column's name in the source.", .required = true, .example = "tailnum"},
      {.name = "description", .description = "What the column says."},
      {.name = "data_type",
       .description = "Its type in raw; default: inferred once and registered.",
       .example = "decimal(12,2)"},
      {.name = "format", .description = "strptime format of a text that is a date or time.", .example = "'%d.%m.%Y'"},
      {.name = "mask",
       .type = FieldType::kAny,
       .description = "What the raw table has in place of the values: the name of a mask, or a map with its `type` and "
                      "arguments (leat list mask); default: the values.",
       .example = "{ type: sha256, salt: '${secret:CUSTOMER_SALT}' }"},
      {.name = "large_values",
       .type = FieldType::kObject,
       .description = "What the raw table keeps of texts and binary values that are long; their size and SHA-256 stand "
                      "in <column>__bytes and <column>__sha256.",
       .example = "{ over: 64KB, keep: start }",
       .fields = {{.name = "over",
                   .type = FieldType::kBytes,
                   .description = "Values of more bytes than this are large.",
                   .required = true,
                   .minimum = 16,
                   .example = "64KB"},
                  {.name = "keep",
                   .type = FieldType::kEnum,
                   .description = "start: as many bytes of it (whole characters); nothing: NULL; file: NULL, and the "
                                  "value is a file below the landing folder, which <column>__file names.",
                   .default_value = "start",
                   .allowed = {"start", "nothing", "file"}}}},
  };
  Append(fields, ChecksFields());
  fields.push_back(Ignored("meta", "Anything of your own."));
  return fields;
}

std::vector<FieldSpec> StructuredFields() {
  std::vector<FieldSpec> columns = {
      {.name = "name", .description = "The column's name in raw.", .required = true, .example = "\"Tail Num\""},
      {.name = "rename_to",
       .description = "Its name in the copy; default: without special characters.",
       .example = "tailnum"},
      {.name = "format", .description = "strptime format of a text that is a date or time.", .example = "'%d.%m.%Y'"},
      {.name = "time_zone",
       .description = "Time zone (IANA name) of its local times: they become UTC.",
       .example = "America/New_York"},
      {.name = "description", .description = "What the column says."},
  };
  Append(columns, ChecksFields());
  std::vector<FieldSpec> fields = {
      {.name = "schema", .description = "Namespace of the copy; default: structured_ and the source's name."},
      {.name = "description", .description = "What a row is; default: the raw table's."},
      {.name = "columns",
       .type = FieldType::kList,
       .description = "Columns that need more than a clean name.",
       .fields = std::move(columns)},
  };
  Append(fields, ChecksFields());
  Append(fields, {MaxReject(), Texts("partition_by", "Partition fields.", "[\"month(date)\"]"),
                  Texts("sort_by", "Columns by which files are sorted.", "[carrier]"), PropertiesField()});
  return fields;
}

std::vector<FieldSpec> ModelFileFields() {
  return {{.name = "version",
           .type = FieldType::kInteger,
           .description = "dbt's version of this format: 2.",
           .example = "2"},
          {.name = "models",
           .type = FieldType::kList,
           .description = "Descriptions, configuration and checks of models.",
           .example = "[{ name: dim_airports }]",
           .open = true}};
}

std::vector<FieldSpec> ModelColumnFields() {
  std::vector<FieldSpec> fields = {
      {.name = "name", .description = "The column's name.", .required = true, .example = "faa"},
      {.name = "description", .description = "What the column says."},
      {.name = "data_type", .description = "Its type, for readers.", .example = "varchar"},
  };
  Append(fields, ChecksFields());
  Append(fields, {Texts("tags", "Tags, for readers.", "[pii]"), Ignored("meta", "Anything of your own."),
                  Ignored("quote", "Accepted for dbt's sake: names are always quoted.")});
  return fields;
}

std::vector<FieldSpec> ModelFields() {
  std::vector<FieldSpec> fields = {
      {.name = "name",
       .description = "The model: its file's name without .sql.",
       .required = true,
       .example = "dim_airports"},
      {.name = "description", .description = "What a row is."},
      {.name = "config",
       .type = FieldType::kObject,
       .description = "The same keys as {{ config(…) }}, which wins.",
       .fields = ModelConfigFields()},
      {.name = "columns", .type = FieldType::kList, .description = "Its columns.", .fields = ModelColumnFields()},
  };
  Append(fields, ChecksFields());
  Append(fields, {Texts("tags", "Tags for selection.", "[daily]"), Ignored("meta", "Anything of your own."),
                  Ignored("docs", "Accepted for dbt's sake.")});
  return fields;
}

std::vector<FieldSpec> ModelConfigFields() {
  return {
      {.name = "materialized",
       .type = FieldType::kEnum,
       .description = "What the model becomes; incremental changes what is there, by incremental_strategy.",
       .default_value = "table",
       .allowed = {"table", "view", "incremental"}},
      {.name = "schema", .description = "Its namespace; default: models.schema of leat.yml.", .example = "marts"},
      {.name = "alias", .description = "The table's name; default: the model's.", .example = "flights"},
      Texts("tags", "Tags for selection.", "[daily]"),
      Texts("unique_key", "Columns that name a row, for incremental models.", "id"),
      {.name = "incremental_strategy",
       .type = FieldType::kEnum,
       .description =
           "Of incremental models: merge upserts by unique_key, append adds all rows, insert adds those whose "
           "key is not there yet, insert_overwrite replaces the partitions that occur.",
       .default_value = "merge",
       .allowed = {"merge", "append", "insert", "insert_overwrite"}},
      DeleteWhen(),
      SoftDelete(),
      {.name = "spark_sql",
       .description =
           "Of views: the SELECT in Spark's SQL, for that engine. Tables are namespace.table; the columns have to be those of "
           "the model.",
       .example = "select id, date_format(at, 'yyyy-MM') as month from trusted.orders"},
      Texts("partition_by", "Partition fields: a column, or year, month, day, hour, bucket, truncate of one.",
            "[\"month(date)\"]"),
      Texts("sort_by", "Columns by which files are sorted.", "[carrier]"),
      {.name = "enabled",
       .type = FieldType::kBoolean,
       .description = "false leaves the model out.",
       .default_value = "true"},
      MaxReject(),
      {.name = "zone",
       .type = FieldType::kEnum,
       .description = "The zone of its namespace.",
       .default_value = "trusted",
       .allowed = {"trusted", "product"}},
      PropertiesField(),
      Ignored("meta", "Anything of your own."),
  };
}

}  // namespace leat::project
