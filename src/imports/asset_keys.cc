#include "imports/asset_keys.h"

namespace leat::imports {
namespace {

constexpr Verdict kTaken = Verdict::kTaken;
constexpr Verdict kChanged = Verdict::kChanged;
constexpr Verdict kImpossible = Verdict::kImpossible;
constexpr const char* kTarget =
    "tables go to the lake: the exact copy to raw_<source>.<table>, the clean one to structured_<source>.<table>";
constexpr const char* kMeta = "for readers";
constexpr const char* kCapture =
    "change data capture: load incrementally by an update_key, and find deleted rows with `reconcile: { every: 1d }`";
constexpr const char* kEngine = "of ingestr's own work: not needed";
constexpr const char* kScheduler = "of Bruin's scheduler: `leat run` is started by cron or another one";

constexpr KeyMeaning kAsset[] = {
    {"name"},
    {"type", kTaken, "a table of a source"},
    {"description"},
    {"parameters"},
    {"materialization"},
    {"columns"},
    {"tags"},
    {"connection", kChanged, kTarget},
    {"connections", kChanged, kTarget},
    {"owner"},
    {"tier"},
    {"domains"},
    {"meta"},
    {"metadata"},
    {"uri", kTaken, kMeta},
    {"enabled"},
    {"depends", kImpossible, "a source depends on nothing: models depend on what they read"},
    {"custom_checks", kImpossible,
     "a check of SQL is a model with a check of its own; `leat list check` shows what there is"},
    {"unit_tests", kImpossible, "nothing is transformed while loading"},
    {"hooks", kImpossible, "no SQL runs around a load: write a model"},
    {"secrets", kImpossible, "`leat secret set NAME` keeps it, ${secret:NAME} stands for it"},
    {"extends", kImpossible, "write what it brings into the file"},
    {"image", kTaken, kEngine},
    {"instance", kTaken, kEngine},
    {"run", kTaken, kEngine},
    {"start_date", kImpossible, "the first load reads everything; `start` of an http table says where it begins"},
    {"interval_modifiers", kImpossible, "a load goes on behind the last one; `look_back` reads a span before it again"},
    {"retries", kTaken, kScheduler},
    {"timeout", kTaken, kScheduler},
    {"rerun_cooldown", kTaken, kScheduler},
    {"refresh_restricted", kTaken, kScheduler},
    {"routing", kTaken, kScheduler},
    {"snowflake", kTaken, kTarget},
    {"athena", kTaken, kTarget},
    {"bigquery", kTaken, kTarget},
    {"doris", kTaken, kTarget},
    {"starrocks", kTaken, kTarget}};

constexpr KeyMeaning kParameters[] = {
    {"source_connection"},
    {"source_table"},
    {"source"},
    {"file_type"},
    {"destination", kChanged, kTarget},
    {"destination_connection", kChanged, kTarget},
    {"incremental_strategy"},
    {"incremental_key"},
    {"primary_key"},
    {"schema_contract"},
    {"sql_exclude_columns"},
    {"partition_by"},
    {"cluster_by"},
    {"mask", kImpossible,
     "masks are Leat's own: write `mask:` at the column of the table, or leave the column out (`exclude`)"},
    {"schema_naming", kChanged, "raw tables keep the source's names; the clean copy takes special characters out"},
    {"trim_whitespace", kImpossible, "raw tables hold what the source has: trim in a model"},
    {"enforce_schema"},
    {"no_inference", kTaken, "types of columns that are named are fixed"},
    {"sql_limit", kImpossible, "all rows are loaded"},
    {"extract_parallelism", kChanged, "`streams` of the connection, or its `budget: { connections: 4 }`"},
    {"extract_partition_by", kChanged, "tables are read in parts by their key; nothing has to be named"},
    {"extract_partition_interval", kChanged, "parts are chosen by themselves; `part_rows` says how many rows each has"},
    {"interval_start", kImpossible, "a load goes on behind the last one"},
    {"interval_end", kImpossible, "a load goes on behind the last one"},
    {"incremental_predicate", kImpossible, "rows are found by their key in the whole table"},
    {"version", kTaken, kEngine},
    {"sql_backend", kTaken, kEngine},
    {"sql_reflection_level", kTaken, kEngine},
    {"page_size", kTaken, kEngine},
    {"loader_file_format", kTaken, kEngine},
    {"loader_file_size", kTaken, kEngine},
    {"pipelines_dir", kTaken, kEngine},
    {"staging_bucket", kTaken, kEngine},
    {"staging_dataset", kTaken, kEngine},
    {"stream", kImpossible, "a load ends: start `leat run` as often as the rows are needed"},
    {"flush_interval", kImpossible, "a load ends: start `leat run` as often as the rows are needed"},
    {"flush_records", kImpossible, "a load ends: start `leat run` as often as the rows are needed"},
    {"cdc", kImpossible, kCapture},
    {"cdc_mode", kImpossible, kCapture},
    {"cdc_sql_capture", kImpossible, kCapture},
    {"cdc_publication", kImpossible, kCapture},
    {"cdc_slot", kImpossible, kCapture},
    {"cdc_server_id", kImpossible, kCapture},
    {"cdc_tls", kImpossible, kCapture},
    {"cdc_grpc_port", kImpossible, kCapture},
    {"cdc_grpc_host", kImpossible, kCapture},
    {"cdc_grpc_tls", kImpossible, kCapture},
    {"cdc_capture_instance", kImpossible, kCapture},
    {"cdc_poll_interval", kImpossible, kCapture},
    {"cdc_max_await_time", kImpossible, kCapture},
    {"cdc_schema_sample_size", kImpossible, kCapture},
    {"cdc_dest_schema", kImpossible, kCapture},
    {"cdc_state_id", kImpossible, kCapture},
    {"cdc_stream_metrics_addr", kImpossible, kCapture},
    {"cdc_stream_flush_interval", kImpossible, kCapture},
    {"cdc_stream_flush_records", kImpossible, kCapture}};

constexpr KeyMeaning kMaterialization[] = {
    {"type", kTaken, "a table"},
    {"strategy"},
    {"incremental_key"},
    {"partition_by"},
    {"cluster_by"},
    {"incremental_predicate", kImpossible, "rows are found by their key in the whole table"},
    {"time_granularity", kImpossible, "a load goes on behind the last row, whatever its time"}};

constexpr KeyMeaning kColumn[] = {
    {"name"},
    {"type"},
    {"description"},
    {"primary_key"},
    {"checks"},
    {"nullable"},
    {"length", kImpossible, "texts have no greatest length: write a check, `- regex: { pattern: '^.{0,100}$' }`"},
    {"precision"},
    {"scale"},
    {"source_column", kImpossible,
     "raw columns keep their names: `structured: { columns: [{ name: a, rename_to: b }] }` renames in the clean copy"},
    {"mask", kImpossible,
     "masks are Leat's own: write `mask:` at the column of the table, or leave the column out (`exclude`)"},
    {"update_on_merge", kChanged, "a row replaces that of its key as a whole"},
    {"merge_sql", kImpossible, "a row replaces that of its key as a whole"},
    {"default", kImpossible, "raw tables hold what the source has: `coalesce` in a model"},
    {"collation", kTaken, "texts are compared byte by byte"},
    {"foreign_key", kImpossible, "write a check: `- relationships: { to: source('s', 't'), field: id }`"},
    {"extends", kImpossible, "write what it brings into the file"},
    {"upstreams", kTaken, "lineage is found by itself"},
    {"tags", kTaken, kMeta},
    {"domains", kTaken, kMeta},
    {"owner", kTaken, kMeta},
    {"meta", kTaken, kMeta}};

}  // namespace

std::span<const KeyMeaning> AssetKeys() { return kAsset; }
std::span<const KeyMeaning> AssetParameters() { return kParameters; }
std::span<const KeyMeaning> AssetMaterialization() { return kMaterialization; }
std::span<const KeyMeaning> AssetColumnKeys() { return kColumn; }

}  // namespace leat::imports
