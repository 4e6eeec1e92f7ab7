#include "imports/sling_keys.h"

namespace leat::imports {
namespace {

constexpr Verdict kTaken = Verdict::kTaken;
constexpr Verdict kChanged = Verdict::kChanged;
constexpr Verdict kImpossible = Verdict::kImpossible;

constexpr KeyMeaning kFile[] = {
    {"source"},
    {"target", kChanged,
     "tables go to the lake: <source>'s exact copy is raw_<source>.<table>, its clean copy structured_<source>.<table>"},
    {"defaults"},
    {"streams"},
    {"env"},
    {"hooks", kImpossible,
     "Leat runs no commands around a load: write checks (`checks:`) for checks, models for SQL, and start what comes after from the "
     "scheduler that starts `leat run`"}};

constexpr KeyMeaning kStream[] = {
    {"id", kTaken, "a name for hooks: not needed"},
    {"description"},
    {"mode"},
    {"object"},
    {"select"},
    {"files"},
    {"where"},
    {"primary_key"},
    {"update_key"},
    {"sql"},
    {"tags"},
    {"source_options"},
    {"target_options"},
    {"change_capture_options", kImpossible,
     "change data capture: load incrementally by an update_key, and find deleted rows with `reconcile: { every: 1d }`"},
    {"schedule", kImpossible, "a schedule is not part of a source: start `leat run -s source:<name>` from cron"},
    {"disabled"},
    {"single", kTaken, "all files of a pattern go into one table"},
    {"transforms", kImpossible,
     "raw tables hold what the source has: write a model with `select …`, or `structured: { columns: … }` for names and time zones"},
    {"columns"},
    {"hooks", kImpossible, "Leat runs no commands around a load: write checks (`checks:`) or models"}};

constexpr KeyMeaning kFileOptions[] = {
    {"empty_as_null", kTaken, "an empty value of a csv file is NULL"},
    {"header"},
    {"flatten", kImpossible, "objects and lists stay JSON text: take them apart in a model"},
    {"fields_per_rec", kTaken, "a row with another number of values is rejected with its line"},
    {"compression", kTaken, "packed files are known by their content"},
    {"format"},
    {"null_if"},
    {"datetime_format", kImpossible, "say it per column: `columns: [{ name: day, format: '%d.%m.%Y' }]`"},
    {"skip_blank_lines", kTaken, "blank lines are no rows"},
    {"skip_lines"},
    {"delimiter"},
    {"escape"},
    {"quote"},
    {"max_decimals", kImpossible,
     "values are exact: say `data_type: decimal(12,2)` per column, other values are rejected"},
    {"jmespath"},
    {"jq", kImpossible, "`records: $.data.items` says where the records stand; take the rest apart in a model"},
    {"sheet"},
    {"range", kImpossible, "no range of a sheet is read: `skip` and `footer` leave lines out"},
    {"limit", kImpossible, "all rows are loaded"},
    {"offset", kImpossible, "all rows are loaded"},
    {"chunk_size", kTaken, "large files are read in parts by themselves"},
    {"chunk_count", kTaken, "large files are read in parts by themselves"},
    {"chunk_expr", kTaken, "large files are read in parts by themselves"},
    {"encoding"},
    {"columns", kImpossible, "an old form: write `columns` at the stream"},
    {"transforms", kImpossible, "raw tables hold what the file has: write a model"}};

constexpr KeyMeaning kTableOptions[] = {
    {"empty_as_null", kChanged, "an empty text of a database stays an empty text"},
    {"limit", kImpossible, "all rows are loaded"},
    {"offset", kImpossible, "all rows are loaded"},
    {"range", kImpossible,
     "the first load reads everything; afterwards `leat backfill TABLE --from A --to B` reads a range again"},
    {"chunk_size", kChanged,
     "tables are read in parts that Leat chooses and can resume; `part_rows` says how many rows each has"},
    {"chunk_count", kChanged,
     "tables are read in parts that Leat chooses and can resume; `streams` of the connection says how many at once"},
    {"chunk_expr", kChanged, "tables are read in parts that Leat chooses by their key"},
    {"flatten", kImpossible, "objects and lists stay JSON text: take them apart in a model"},
    {"max_decimals", kImpossible, "values are exact, nothing is rounded"},
    {"datetime_format", kTaken, "times of a database come as they are"},
    {"encoding", kTaken, "texts of a database come as UTF-8"},
    {"columns", kImpossible, "an old form: write `columns` at the stream"},
    {"transforms", kImpossible, "raw tables hold what the source has: write a model"}};

constexpr const char* kOfFiles =
    "of files that Sling writes: the lake's files are Leat's own (`properties: { write.target-file-size-bytes: … }`)";
constexpr const char* kOfTarget = "of the target database: tables of the lake are changed in one commit";

constexpr KeyMeaning kTarget[] = {
    {"header", kTaken, kOfFiles},
    {"compression", kTaken, kOfFiles},
    {"concurrency", kTaken, kOfFiles},
    {"datetime_format", kTaken, kOfFiles},
    {"delimiter", kTaken, kOfFiles},
    {"file_max_rows", kTaken, kOfFiles},
    {"file_max_bytes", kTaken, kOfFiles},
    {"format", kTaken, kOfFiles},
    {"encoding", kTaken, kOfFiles},
    {"batch_limit", kTaken, kOfTarget},
    {"batch_max_duration", kTaken, kOfTarget},
    {"use_bulk", kTaken, kOfTarget},
    {"direct_insert", kTaken, kOfTarget},
    {"table_tmp", kTaken, kOfTarget},
    {"isolation_level", kTaken, kOfTarget},
    {"merge_strategy", kTaken, kOfTarget},
    {"max_decimals", kChanged, "values are exact, nothing is rounded"},
    {"column_typing", kChanged, "types are those of the source; `data_type` of a column fixes another one"},
    {"column_casing", kChanged,
     "raw tables keep the source's names; `structured: { columns: [{ name: a, rename_to: b }] }` renames in the clean copy"},
    {"table_keys", kImpossible, "write `partition_by:` and `sort_by:` at the table"},
    {"table_ddl", kImpossible,
     "tables are made from the source's columns; `columns`, `partition_by`, `sort_by` and `properties` say more"},
    {"pre_sql", kImpossible, "no SQL runs before a load: write a model"},
    {"post_sql", kImpossible, "no SQL runs after a load: write a model that reads the table"},
    {"ignore_existing", kImpossible,
     "each load keeps its table up to date: leave the table out of `leat run` once it is there"},
    {"delete_missing"},
    {"add_new_columns"},
    {"adjust_column_type"}};

}  // namespace

std::span<const KeyMeaning> SlingFileKeys() { return kFile; }
std::span<const KeyMeaning> SlingStreamKeys() { return kStream; }
std::span<const KeyMeaning> SlingSourceOptions(bool files) {
  return files ? std::span<const KeyMeaning>(kFileOptions) : std::span<const KeyMeaning>(kTableOptions);
}
std::span<const KeyMeaning> SlingTargetOptions() { return kTarget; }

}  // namespace leat::imports
