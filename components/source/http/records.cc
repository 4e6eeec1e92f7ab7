#include "components/source/http/records.h"

#include <fmt/format.h>

#include "base/json_quoted.h"
#include "base/nearest.h"
#include "component/header_names.h"
#include "components/source/http/csv_lines.h"
#include "data/json_scan.h"
#include "data/text_bytes.h"

namespace leat::components::http {
namespace {

using Chain = data::JsonPath::Chain;
constexpr size_t kShownBytes = 200;
constexpr std::string_view kXml = "XML";

Error Malformed(const ApiAnswer& answer, const std::string& format, const std::string& what) {
  std::string start = data::ReadableText(answer.body, kShownBytes);
  for (char& c : start) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return MakeError("SRC-255", ErrorKind::kData, "the answer of {} is not sound {}: {}; it begins: {}", answer.url,
                   format, what, start)
      .WithHint("its content type is '" + answer.content_type + "'; " +
                (answer.content_type.ends_with("xml") && format != kXml
                     ? "XML is read with `format: xml`"
                     : "set `format:` of the table where the API says it wrongly"));
}

/// What is wrong with a record, to the one who asked for it; without one the whole answer is no good.
Status Refuse(const RecordSink& sink, const ApiAnswer& answer, const std::string& format, int64_t number,
              Spool::Refusal refusal) {
  const std::string place = fmt::format("record {}", number);
  if (!sink.refuse) return Malformed(answer, format, place + ": " + refusal.message);
  refusal.message += fmt::format(" ({} of the answer of {})", place, answer.url);
  return sink.refuse(refusal);
}

Spool::Kind KindOf(std::string_view value) {
  if (value[0] == '"') return Spool::Kind::kString;
  if (value[0] == '{' || value[0] == '[') return Spool::Kind::kNested;
  return value == "true" || value == "false" ? Spool::Kind::kBoolean : Spool::Kind::kNumber;
}

/// False: a text with an escape that stands for no character; NULL in its place would be another value.
bool AddCell(const std::string& name, std::string_view value, std::vector<Spool::Cell>& cells) {
  if (value == "null" || value.empty()) return true;
  Spool::Cell cell{name, KindOf(value), {}};
  if (!data::JsonValueText(value, cell.text)) return false;
  cells.push_back(std::move(cell));
  return true;
}

Status TakeJson(const Resource& resource, const ApiAnswer& answer, int64_t number, const Chain& chain,
                const RecordSink& sink) {
  std::vector<Spool::Cell> cells;
  std::string broken, broken_value;
  const auto add = [&](const std::string& name, std::string_view value) {
    if (AddCell(name, value, cells)) return;
    broken = name;
    broken_value = data::ReadableText(value, kShownBytes);
  };
  if (chain.back().starts_with('{')) {
    data::EachMember(chain.back(), add);
  } else {
    add("value", chain.back());
  }
  for (const auto& [name, path] : resource.fields) {
    if (const auto found = path.FindFor(chain)) add(name, *found);
  }
  if (broken_value.empty()) return sink.take(cells, chain);
  return Refuse(
      sink, answer, "JSON", number,
      {"cast", broken, fmt::format("'{}' has an escape that stands for no character: {}", broken, broken_value),
       std::string(chain.back())});
}

Error NoRecords(const Resource& resource, const ApiAnswer& answer) {
  std::vector<std::string> members;
  std::string all;
  data::EachMember(answer.body, [&](const std::string& name, std::string_view) {
    members.push_back(name);
    all += (all.empty() ? "" : ", ") + name;
  });
  std::string last = resource.records.text();
  last = last.substr(last.find_last_of(".$") + 1);
  const std::string near = DidYouMean(last, members);
  return MakeError("SRC-256", ErrorKind::kData, "the answer of {} has nothing at {}", answer.url,
                   resource.records.text())
      .WithHint((near.empty() ? "" : near + "; ") + "its members are: " + (all.empty() ? "none" : all) +
                "; where it leaves them out when there are no rows, say `no_records: empty`");
}

Result<int64_t> FromJson(const Resource& resource, const ApiAnswer& answer, const RecordSink& sink) {
  int64_t rows = 0;
  LEAT_ASSIGN(const auto outcome, resource.records.Each(answer.body, [&](const Chain& chain) {
    return TakeJson(resource, answer, ++rows, chain, sink);
  }));
  if (outcome == data::JsonPath::Outcome::kMalformed)
    return Malformed(answer, "JSON", "it breaks off or has an odd character");
  if (outcome == data::JsonPath::Outcome::kAbsent && !resource.records_may_be_absent)
    return NoRecords(resource, answer);
  return rows;
}

Result<int64_t> FromLines(const Resource& resource, const ApiAnswer& answer, const RecordSink& sink) {
  int64_t rows = 0, line_number = 0;
  std::string_view text = answer.body;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    ++line_number;
    data::JsonScanner scanner(line);
    if (scanner.AtEnd()) continue;
    std::string_view value;
    ++rows;
    if (scanner.TakeSoundValue(value) && scanner.AtEnd()) {
      LEAT_TRY(TakeJson(resource, answer, rows, {line, value}, sink));
    } else {
      LEAT_TRY(
          Refuse(sink, answer, "JSON lines", rows,
                 {"jsonl.malformed", "", fmt::format("line {} is no sound JSON", line_number), std::string(line)}));
    }
  }
  return rows;
}

Result<int64_t> FromCsv(const Resource& resource, const ApiAnswer& answer, const RecordSink& sink) {
  CsvLines lines(answer.body, resource.delimiter);
  std::vector<std::string> names, values;
  if (!lines.Next(names)) return int64_t{0};
  if (lines.fault() != nullptr) return Malformed(answer, "csv", lines.fault()->what);
  names = component::UniqueNames(std::move(names));
  int64_t rows = 0;
  std::vector<Spool::Cell> cells;
  while (lines.Next(values)) {
    if (values.size() == 1 && values[0].empty()) continue;
    ++rows;
    if (lines.fault() != nullptr || values.size() != names.size()) {
      Spool::Refusal refusal;
      if (lines.fault() != nullptr) {
        refusal.code = lines.fault()->code;
        refusal.message = lines.fault()->what;
      } else {
        refusal.code = values.size() < names.size() ? "csv.missing_columns" : "csv.too_many_columns";
        refusal.message = fmt::format("the row has {} values, the header {}", values.size(), names.size());
      }
      refusal.payload = lines.row();
      LEAT_TRY(Refuse(sink, answer, "csv", rows, std::move(refusal)));
      continue;
    }
    cells.clear();
    for (size_t i = 0; i < names.size(); ++i) {
      if (!values[i].empty()) cells.push_back({names[i], Spool::Kind::kText, values[i]});
    }
    LEAT_TRY(sink.take(cells, {}));
  }
  return rows;
}

/// As the XML of a file leaves it in a dead letter.
std::string XmlPayload(const std::vector<data::XmlCell>& cells) {
  std::string object = "{";
  for (const data::XmlCell& cell : cells) {
    if (object.size() > 1) object += ',';
    object += JsonQuoted(cell.name) + ":";
    object += cell.kind == data::XmlCell::Kind::kNull   ? "null"
              : cell.kind == data::XmlCell::Kind::kJson ? cell.text
                                                        : JsonQuoted(cell.text);
  }
  return object + "}";
}

Result<int64_t> FromXml(const Resource& resource, const ApiAnswer& answer, const RecordSink& sink) {
  int64_t rows = 0;
  Status status;
  std::vector<Spool::Cell> cells;
  data::XmlRecords records(resource.xml, "", [&](const data::XmlRecords::Record& record) {
    if (!status.ok()) return;
    ++rows;
    if (!record.clash.empty()) {
      status = Refuse(
          sink, answer, std::string(kXml), rows,
          {"xml.two_namespaces", record.clash,
           fmt::format("two namespaces have {} in this record: tell them apart with `namespaces:`", record.clash),
           XmlPayload(record.cells)});
      return;
    }
    cells.clear();
    for (const data::XmlCell& cell : record.cells) {
      const bool nested = cell.kind == data::XmlCell::Kind::kJson;
      if (cell.kind != data::XmlCell::Kind::kNull)
        cells.push_back({cell.name, nested ? Spool::Kind::kNested : Spool::Kind::kText, cell.text});
    }
    status = sink.take(cells, {});
  });
  const auto fault = records.Feed(answer.body, true);
  if (!status.ok()) return std::move(status).error();
  if (fault)
    return Malformed(answer, std::string(kXml), fmt::format("{}:{}: {}", fault->line, fault->column, fault->what));
  if (records.found_place() || resource.records_may_be_absent) return rows;
  return MakeError("SRC-256", ErrorKind::kData, "the answer of {} has nothing at {}", answer.url,
                   resource.xml.PathText())
      .WithHint("its elements are: " + records.seen_paths() +
                "; where it leaves them out when there are no rows, say `no_records: empty`");
}

}  // namespace

Result<int64_t> EachRecord(const Resource& resource, const ApiAnswer& answer, const RecordSink& sink) {
  std::string format = resource.format;
  if (format == "auto") {
    const std::string& type = answer.content_type;
    format = type == "text/csv" || type == "text/tab-separated-values" ? "csv"
             : type == "application/x-ndjson" || type == "application/jsonl" || type == "application/jsonlines"
                 ? "ndjson"
                 : "json";
  }
  if (answer.status == 204 || (answer.body.empty() && format != "json")) return int64_t{0};
  if (format == "csv") return FromCsv(resource, answer, sink);
  if (format == "xml") return FromXml(resource, answer, sink);
  if (format == "ndjson") return FromLines(resource, answer, sink);
  return FromJson(resource, answer, sink);
}

}  // namespace leat::components::http
