#include "components/source/http/records.h"

#include <fmt/format.h>

#include "base/nearest.h"
#include "data/json_scan.h"
#include "data/text_bytes.h"

namespace leat::components::http {
namespace {

using Chain = data::JsonPath::Chain;
using Take = std::function<Status(std::vector<Spool::Cell>&, const Chain&)>;

constexpr size_t kShownBytes = 200;
constexpr std::string_view kXml = "XML";

Error Malformed(const std::string& table, const ApiAnswer& answer, const std::string& format, const std::string& what) {
  std::string start = data::ReadableText(answer.body, kShownBytes);
  for (char& c : start) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return MakeError("SRC-255", ErrorKind::kData, "table {}: the answer of {} is not sound {}: {}; it begins: {}", table,
                   answer.url, format, what, start)
      .WithHint("its content type is '" + answer.content_type + "'; " +
                (answer.content_type.ends_with("xml") && format != kXml
                     ? "XML is read with `format: xml`"
                     : "set `format:` of the table where the API says it wrongly"));
}

Spool::Kind KindOf(std::string_view value) {
  if (value[0] == '"') return Spool::Kind::kString;
  if (value[0] == '{' || value[0] == '[') return Spool::Kind::kNested;
  return value == "true" || value == "false" ? Spool::Kind::kBoolean : Spool::Kind::kNumber;
}

void AddCell(const std::string& name, std::string_view value, std::vector<Spool::Cell>& cells) {
  if (value == "null" || value.empty()) return;
  Spool::Cell cell{name, KindOf(value), {}};
  if (data::JsonValueText(value, cell.text)) cells.push_back(std::move(cell));
}

Status TakeJson(const Resource& resource, const Chain& chain, const Take& take) {
  std::vector<Spool::Cell> cells;
  if (chain.back().starts_with('{')) {
    data::EachMember(chain.back(),
                     [&](const std::string& name, std::string_view value) { AddCell(name, value, cells); });
  } else {
    AddCell("value", chain.back(), cells);
  }
  for (const auto& [name, path] : resource.fields) {
    if (const auto found = path.FindFor(chain)) AddCell(name, *found, cells);
  }
  return take(cells, chain);
}

Error NoRecords(const Resource& resource, const ApiAnswer& answer, const std::string& table) {
  std::vector<std::string> members;
  std::string all;
  data::EachMember(answer.body, [&](const std::string& name, std::string_view) {
    members.push_back(name);
    all += (all.empty() ? "" : ", ") + name;
  });
  std::string last = resource.records.text();
  last = last.substr(last.find_last_of(".$") + 1);
  const std::string near = DidYouMean(last, members);
  return MakeError("SRC-256", ErrorKind::kData, "table {}: the answer of {} has nothing at {}", table, answer.url,
                   resource.records.text())
      .WithHint((near.empty() ? "" : near + "; ") + "its members are: " + (all.empty() ? "none" : all) +
                "; where it leaves them out when there are no rows, say `no_records: empty`");
}

Result<int64_t> FromJson(const Resource& resource, const ApiAnswer& answer, const std::string& table,
                         const Take& take) {
  int64_t rows = 0;
  LEAT_ASSIGN(const auto outcome, resource.records.Each(answer.body, [&](const Chain& chain) {
    ++rows;
    return TakeJson(resource, chain, take);
  }));
  if (outcome == data::JsonPath::Outcome::kMalformed)
    return Malformed(table, answer, "JSON", "it breaks off or has an odd character");
  if (outcome == data::JsonPath::Outcome::kAbsent && !resource.records_may_be_absent)
    return NoRecords(resource, answer, table);
  return rows;
}

Result<int64_t> FromLines(const Resource& resource, const ApiAnswer& answer, const std::string& table,
                          const Take& take) {
  int64_t rows = 0, line_number = 0;
  std::string_view text = answer.body;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    ++line_number;
    data::JsonScanner scanner(line);
    if (scanner.AtEnd()) continue;
    std::string_view value;
    if (!scanner.TakeSoundValue(value) || !scanner.AtEnd())
      return Malformed(table, answer, "JSON lines", "line " + std::to_string(line_number));
    LEAT_TRY(TakeJson(resource, {line, value}, take));
    ++rows;
  }
  return rows;
}

/// One line of csv from `at`; false at the end. Quotes may hold delimiters, line ends and doubled quotes.
bool NextCsvLine(std::string_view text, size_t& at, std::vector<std::string>& values, bool& sound) {
  values.clear();
  if (at >= text.size()) return false;
  values.emplace_back();
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '"' && at + 1 < text.size() && text[at + 1] == '"') {
        values.back() += '"';
        ++at;
      } else if (c == '"') {
        quoted = false;
      } else {
        values.back() += c;
      }
    } else if (c == '"' && values.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      values.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      values.back() += c;
    }
  }
  sound = !quoted;
  return true;
}

Result<int64_t> FromCsv(const ApiAnswer& answer, const std::string& table, const Take& take) {
  size_t at = answer.body.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  bool sound = true;
  std::vector<std::string> names, values;
  if (!NextCsvLine(answer.body, at, names, sound)) return int64_t{0};
  int64_t rows = 0;
  std::vector<Spool::Cell> cells;
  while (sound && NextCsvLine(answer.body, at, values, sound)) {
    if (values.size() == 1 && values[0].empty()) continue;
    if (values.size() != names.size())
      return Malformed(table, answer, "csv",
                       "row " + std::to_string(rows + 1) + " has " + std::to_string(values.size()) +
                           " values, the header " + std::to_string(names.size()));
    cells.clear();
    for (size_t i = 0; i < names.size(); ++i) {
      if (!values[i].empty()) cells.push_back({names[i], Spool::Kind::kText, values[i]});
    }
    LEAT_TRY(take(cells, {}));
    ++rows;
  }
  if (!sound) return Malformed(table, answer, "csv", "a quote is not closed");
  return rows;
}

Result<int64_t> FromXml(const Resource& resource, const ApiAnswer& answer, const std::string& table, const Take& take) {
  int64_t rows = 0;
  Status status;
  std::vector<Spool::Cell> cells;
  data::XmlRecords records(resource.xml, "", [&](const data::XmlRecords::Record& record) {
    if (!status.ok()) return;
    ++rows;
    if (!record.clash.empty()) {
      status = Malformed(
          table, answer, std::string(kXml),
          fmt::format("two namespaces have {} in record {}; tell them apart with `namespaces:`", record.clash, rows));
      return;
    }
    cells.clear();
    for (const data::XmlCell& cell : record.cells) {
      const bool nested = cell.kind == data::XmlCell::Kind::kJson;
      if (cell.kind != data::XmlCell::Kind::kNull)
        cells.push_back({cell.name, nested ? Spool::Kind::kNested : Spool::Kind::kText, cell.text});
    }
    status = take(cells, {});
  });
  const auto fault = records.Feed(answer.body, true);
  if (!status.ok()) return std::move(status).error();
  if (fault)
    return Malformed(table, answer, std::string(kXml),
                     fmt::format("{}:{}: {}", fault->line, fault->column, fault->what));
  if (records.found_place() || resource.records_may_be_absent) return rows;
  return MakeError("SRC-256", ErrorKind::kData, "table {}: the answer of {} has nothing at {}", table, answer.url,
                   resource.xml.PathText())
      .WithHint("its elements are: " + records.seen_paths() +
                "; where it leaves them out when there are no rows, say `no_records: empty`");
}

}  // namespace

Result<int64_t> EachRecord(const Resource& resource, const ApiAnswer& answer, const std::string& table,
                           const Take& take) {
  std::string format = resource.format;
  if (format == "auto") {
    const std::string& type = answer.content_type;
    format = type == "text/csv" ? "csv"
             : type == "application/x-ndjson" || type == "application/jsonl" || type == "application/jsonlines"
                 ? "ndjson"
                 : "json";
  }
  if (answer.status == 204 || (answer.body.empty() && format != "json")) return int64_t{0};
  if (format == "csv") return FromCsv(answer, table, take);
  if (format == "xml") return FromXml(resource, answer, table, take);
  if (format == "ndjson") return FromLines(resource, answer, table, take);
  return FromJson(resource, answer, table, take);
}

}  // namespace leat::components::http
