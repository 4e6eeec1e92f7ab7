#include "imports/dlt_keys.h"

#include <utility>

namespace leat::imports {
namespace {

constexpr Verdict kTaken = Verdict::kTaken;
constexpr Verdict kChanged = Verdict::kChanged;
constexpr Verdict kImpossible = Verdict::kImpossible;
constexpr const char* kPython = "Leat runs no Python";
constexpr const char* kNotNeeded = "not needed";

constexpr KeyMeaning kFile[] = {{"client"}, {"resource_defaults"}, {"resources"}};

constexpr KeyMeaning kClient[] = {
    {"base_url"},
    {"headers"},
    {"auth"},
    {"paginator"},
    {"session", kImpossible,
     "Leat has its own client: `timeout`, `retries` and `ca_file` of the connection say what a session would"}};

constexpr KeyMeaning kResource[] = {
    {"name"},
    {"endpoint"},
    {"include_from_parent"},
    {"table_name"},
    {"primary_key"},
    {"merge_key"},
    {"write_disposition"},
    {"columns"},
    {"schema_contract"},
    {"selected"},
    {"incremental"},
    {"max_table_nesting", kChanged,
     "objects and lists inside of rows are JSON text; `records: $.data[*].lines` makes a table of inner rows"},
    {"parallelized", kTaken, "parents are asked for by `connections` of the connection at once"},
    {"processing_steps", kImpossible, "a model filters and changes rows with SQL"},
    {"validator", kImpossible, "checks of columns tell bad rows apart: `checks: [not_null, …]`"},
    {"table_format", kTaken, "tables are Iceberg's"},
    {"file_format", kTaken, "files are Parquet"},
    {"references", kImpossible, "write a check: `- relationships: { to: source('s', 't'), field: id }`"},
    {"nested_hints", kImpossible,
     "inner rows that shall be a table need a table of their own: `records: $.data[*].lines`"},
    {"parent_table_name", kTaken, kNotNeeded},
    {"auth"}};

constexpr KeyMeaning kEndpoint[] = {{"path"},        {"method"},  {"params"},          {"json"},
                                    {"data"},        {"headers"}, {"paginator"},       {"data_selector"},
                                    {"incremental"}, {"auth"},    {"response_actions"}};

constexpr KeyMeaning kIncremental[] = {
    {"type", kTaken, "where the next load goes on"},
    {"cursor_path"},
    {"initial_value"},
    {"end_value"},
    {"start_param"},
    {"end_param"},
    {"last_value_func"},
    {"primary_key", kTaken, "rows that come again replace those of their key, or are left out"},
    {"row_order", kTaken, kNotNeeded},
    {"allow_external_schedulers", kImpossible, "a load goes on where the last one ended"},
    {"lag", kImpossible,
     "an API is asked from the greatest update_key on; where it changes older rows, load with `mode: full-refresh`"},
    {"on_cursor_value_missing", kImpossible, "a row without the update_key is loaded"},
    {"range_start", kTaken, "the moment of the bookmark is asked for again; its rows are not there twice"},
    {"range_end", kTaken, kNotNeeded},
    {"convert", kImpossible,
     "Leat runs no Python: `time_format` says how {since} is written (iso, date, unix, unix_ms, a pattern)"},
    {"transform", kImpossible,
     "Leat runs no Python: `time_format` says how {since} is written (iso, date, unix, unix_ms, a pattern)"}};

constexpr KeyMeaning kPage[] = {{"type"},
                                {"base_page"},
                                {"page"},
                                {"page_param"},
                                {"total_path"},
                                {"has_more_path"},
                                {"stop_after_empty_page"},
                                {"maximum_page", kImpossible, "all pages are asked for"},
                                {"page_body_path", kImpossible, "write `{page.page}` into `body:`"}};
constexpr KeyMeaning kOffset[] = {{"type"},
                                  {"limit"},
                                  {"offset"},
                                  {"offset_param"},
                                  {"limit_param"},
                                  {"total_path"},
                                  {"has_more_path"},
                                  {"stop_after_empty_page"},
                                  {"maximum_offset", kImpossible, "all rows are asked for"},
                                  {"offset_body_path", kImpossible, "write `{page.offset}` into `body:`"},
                                  {"limit_body_path", kImpossible, "write the number of rows into `body:`"}};
constexpr KeyMeaning kCursor[] = {
    {"type"},
    {"cursor_path"},
    {"cursor_param"},
    {"has_more_path"},
    {"stop_after_empty_page", kChanged, "pages are asked for as long as there is a cursor"},
    {"cursor_body_path", kImpossible, "write `{page.cursor}` into `body:`"}};
constexpr KeyMeaning kHeaderLink[] = {{"type"}, {"links_next_key"}};
constexpr KeyMeaning kHeaderCursor[] = {{"type"},
                                        {"cursor_key", kImpossible, "a cursor is taken from the answer's body"},
                                        {"cursor_param", kImpossible, "a cursor is taken from the answer's body"}};
constexpr KeyMeaning kJsonLink[] = {{"type"}, {"next_url_path"}};
constexpr KeyMeaning kOnlyType[] = {{"type"}};

constexpr KeyMeaning kBearer[] = {{"type"}, {"token"}};
constexpr KeyMeaning kApiKey[] = {{"type"}, {"name"}, {"api_key"}, {"location"}};
constexpr KeyMeaning kBasic[] = {{"type"}, {"username"}, {"password"}};
constexpr KeyMeaning kOAuth[] = {{"type"},
                                 {"access_token_url"},
                                 {"client_id"},
                                 {"client_secret"},
                                 {"access_token_request_data"},
                                 {"access_token", kTaken, "a token is got when one is needed"},
                                 {"default_token_expiration", kTaken, "a token that is refused is got again"},
                                 {"session", kImpossible, kPython}};

}  // namespace

std::span<const KeyMeaning> DltFileKeys() { return kFile; }
std::span<const KeyMeaning> DltClientKeys() { return kClient; }
std::span<const KeyMeaning> DltResourceKeys() { return kResource; }
std::span<const KeyMeaning> DltEndpointKeys() { return kEndpoint; }
std::span<const KeyMeaning> DltIncrementalKeys() { return kIncremental; }

std::span<const KeyMeaning> DltPaginatorKeys(const std::string& type) {
  const std::pair<const char*, std::span<const KeyMeaning>> types[] = {{"page_number", kPage},
                                                                       {"offset", kOffset},
                                                                       {"cursor", kCursor},
                                                                       {"header_link", kHeaderLink},
                                                                       {"header_cursor", kHeaderCursor},
                                                                       {"json_link", kJsonLink},
                                                                       {"json_response", kJsonLink},
                                                                       {"single_page", kOnlyType},
                                                                       {"auto", kOnlyType}};
  for (const auto& [name, keys] : types) {
    if (type == name) return keys;
  }
  return {};
}

std::span<const KeyMeaning> DltAuthKeys(const std::string& type) {
  const std::pair<const char*, std::span<const KeyMeaning>> types[] = {
      {"bearer", kBearer}, {"api_key", kApiKey}, {"http_basic", kBasic}, {"oauth2_client_credentials", kOAuth}};
  for (const auto& [name, keys] : types) {
    if (type == name) return keys;
  }
  return {};
}

}  // namespace leat::imports
