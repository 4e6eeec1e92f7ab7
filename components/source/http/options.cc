#include "components/source/http/options.h"

#include "component/http_auth.h"
#include "component/xml_rules.h"
#include "config/field_builders.h"

namespace leat::components::http {
namespace {

using config::FieldSpec;
using config::FieldType;
using config::MakeField;
using config::Values;
using config::WordField;

FieldSpec Object(const char* name, const char* description, std::vector<FieldSpec> fields) {
  FieldSpec field = MakeField(name, FieldType::kObject, description);
  field.fields = std::move(fields);
  return field;
}

FieldSpec Words(const char* name, const char* description) {
  FieldSpec field = MakeField(name, FieldType::kList, description);
  field.scalar_ok = true;
  return field;
}

FieldSpec Required(FieldSpec field) {
  field.required = true;
  return field;
}

FieldSpec PaginationField() {
  return Object(
      "pagination", "How the API gives more rows than fit one answer; default: it does not.",
      {WordField(
           "type",
           "page: numbers; offset: rows to leave out; cursor: a token from the answer before; link: the header Link; "
           "next_url: an address in the answer; range: windows of time.",
           "none", {"none", "page", "offset", "cursor", "link", "next_url", "range"}),
       MakeField("param", FieldType::kString,
                 "Parameter of the number, offset or cursor; default page, offset, cursor."),
       MakeField("size_param", FieldType::kString, "Parameter of the rows that an answer shall have."),
       MakeField("size", FieldType::kInteger, "Rows that an answer shall have.", "100"),
       MakeField("start", FieldType::kInteger, "First page or offset; default 1 for page, 0 for offset."),
       MakeField("next", FieldType::kString, "cursor, next_url: where it stands in the answer; the last has none."),
       MakeField("more", FieldType::kString, "Where the answer says false if it is the last."),
       MakeField("total", FieldType::kString,
                 "page: where the number of pages stands; offset: that of rows. The rest is then asked at once."),
       MakeField("from_param", FieldType::kString, "range: parameter of a window's begin.", "from"),
       MakeField("to_param", FieldType::kString, "range: parameter of its end, which does not belong to it.", "to"),
       MakeField("step", FieldType::kDuration, "range: how long a window is.", "1d")});
}

std::vector<FieldSpec> ResourceFields() {
  FieldSpec headers = MakeField("headers", FieldType::kMap, "Further headers.");
  FieldSpec params = MakeField(
      "params", FieldType::kMap,
      "Parameters of the address. {since}, {until}, {now} and {parent.id} stand for values; a parameter whose "
      "value is empty is left out.");
  FieldSpec fields = MakeField(
      "fields", FieldType::kMap,
      "Further columns by their place: price.currency in the row, ^.id in what is around it, $.as_of in the answer; of XML attributes "
      "around the row: ../@date.");
  return {MakeField("path", FieldType::kString,
                    "Below the connection's url; {parent.id} and the like stand for values.", "/"),
          WordField("method", "Of the request.", "GET", {"GET", "POST"}),
          params,
          headers,
          MakeField("body", FieldType::kString,
                    "Body of the request, JSON as text; {since}, {page.cursor} and the like stand for values."),
          MakeField("records", FieldType::kString,
                    "Where the rows stand in an answer: $.data, $.orders[*].lines; of XML /feed/items/item.", "$"),
          WordField("no_records", "Nothing at `records`: an error, or no rows.", "error", {"error", "empty"}),
          fields,
          WordField("format", "Of the answers; auto: by their content type (xml is always said).", "auto",
                    {"auto", "json", "ndjson", "csv", "xml"}),
          MakeField(
              "encoding", FieldType::kString,
              "Of the answers, but XML: latin-1, windows-1252, …; default: what their content type says, else UTF-8."),
          MakeField("delimiter", FieldType::kString,
                    "Of csv, one character or `tab`; default: the one of , ; | and tab that the header has most of."),
          PaginationField()};
}

class Reader {
 public:
  explicit Reader(std::string table) : table_(std::move(table)) {}

  Result<data::JsonPath> Path(const Values& values, const char* field, const std::string& text) const {
    auto path = data::JsonPath::Parse(text);
    if (path.ok()) return path;
    return std::move(std::move(path).error()).At(values.Where(field)).In("table " + table_);
  }

  Status MaybePath(const Values& values, const char* field, std::optional<data::JsonPath>& path) const {
    if (values.Text(field).empty()) return Ok();
    LEAT_ASSIGN(path, Path(values, field, values.Text(field)));
    return Ok();
  }

  Error Missing(const Values& values, const char* field, const std::string& why) const {
    return MakeError("SRC-252", ErrorKind::kConfig, "table {}: {} needs `{}`", table_, why, field)
        .At(values.Where(field))
        .WithHint("`leat describe source http` tells what each field is");
  }

  Result<PageOptions> Pages(const Values& table) const {
    PageOptions pages;
    const Values* values = table.Object("pagination");
    if (values == nullptr) return pages;
    using Kind = PageOptions::Kind;
    const std::string type = values->Text("type");
    pages.kind = type == "page"       ? Kind::kPage
                 : type == "offset"   ? Kind::kOffset
                 : type == "cursor"   ? Kind::kCursor
                 : type == "link"     ? Kind::kLink
                 : type == "next_url" ? Kind::kNextUrl
                 : type == "range"    ? Kind::kRange
                                      : Kind::kNone;
    pages.param = values->Text("param").empty() ? type : values->Text("param");
    pages.size_param = values->Text("size_param");
    pages.size = values->Integer("size");
    pages.start = values->Has("start") ? values->Integer("start") : pages.kind == Kind::kPage ? 1 : 0;
    LEAT_TRY(MaybePath(*values, "next", pages.next));
    LEAT_TRY(MaybePath(*values, "more", pages.more));
    LEAT_TRY(MaybePath(*values, "total", pages.total));
    if ((pages.kind == Kind::kCursor || pages.kind == Kind::kNextUrl) && !pages.next)
      return Missing(*values, "next", "pagination of type " + type);
    pages.from_param = values->Text("from_param");
    pages.to_param = values->Text("to_param");
    pages.step = values->Duration("step").count();
    return pages;
  }

  Result<Resource> ReadResource(const Values& values) const {
    Resource resource;
    resource.method = values.Text("method");
    resource.path = values.Text("path");
    resource.params = values.TextMap("params");
    resource.headers = values.TextMap("headers");
    resource.body = values.Text("body");
    resource.format = values.Text("format");
    resource.encoding = values.Text("encoding");
    const std::string delimiter = values.Text("delimiter");
    if (delimiter.size() > 1 && delimiter != "tab") {
      return MakeError("SRC-252", ErrorKind::kConfig, "table {}: `delimiter` must be one character, not '{}'", table_,
                       delimiter)
          .At(values.Where("delimiter"))
          .WithHint("or `tab`");
    }
    resource.delimiter = delimiter == "tab" ? '\t' : delimiter.empty() ? '\0' : delimiter[0];
    resource.records_may_be_absent = values.Text("no_records") == "empty";
    LEAT_ASSIGN(resource.pages, Pages(values));
    if (resource.format == "xml") return resource;
    LEAT_ASSIGN(resource.records, Path(values, "records", values.Text("records")));
    for (const auto& [name, text] : values.TextMap("fields")) {
      LEAT_ASSIGN(data::JsonPath path, Path(values, "fields", text));
      resource.fields.emplace_back(name, std::move(path));
    }
    return resource;
  }

  /// What goes with XML answers, and what does not.
  Status ReadXml(const Values& table, TableOptions& options) const {
    const auto refuse = [&](const Values& values, const std::string& field, const std::string& why) {
      return MakeError("SRC-252", ErrorKind::kConfig, "table {}: `{}` {}", table_, field, why)
          .At(values.Where(field))
          .WithHint("`leat describe source http` tells what each field is");
    };
    const Values* const parent = table.Object("parent");
    if (parent != nullptr && options.parent->format == "xml")
      return refuse(*parent, "format", "of its parent: values of a parent are members of JSON");
    if (options.resource.format != "xml") {
      for (const char* field : {"namespaces", "lists", "whitespace"}) {
        if (table.Has(field)) return refuse(table, field, "goes with `format: xml`");
      }
      return Ok();
    }
    const Values* const pages = table.Object("pagination");
    for (const char* field : {"next", "more", "total"}) {
      if (pages != nullptr && pages->Has(field))
        return refuse(*pages, field, "is a place in JSON: XML answers are paged by page, offset, link or range");
    }
    LEAT_ASSIGN(options.resource.xml,
                component::ReadXmlRules(table_, "records", [&](const std::string&) -> const Values& { return table; }));
    return Ok();
  }

  Result<Job> ReadJob(const Values& values) const {
    Job job;
    job.method = values.Text("method");
    job.path = values.Text("path");
    job.body = values.Text("body");
    job.status_path = values.Text("status_path");
    LEAT_ASSIGN(job.id, Path(values, "id", values.Text("id")));
    LEAT_ASSIGN(job.status, Path(values, "status", values.Text("status")));
    LEAT_TRY(MaybePath(values, "result", job.result));
    job.done = values.TextList("done");
    job.failed = values.TextList("failed");
    job.every = values.Duration("every").count();
    job.timeout = values.Duration("timeout").count();
    if (job.done.empty()) return Missing(values, "done", "a job");
    return job;
  }

 private:
  std::string table_;
};

}  // namespace

Result<TableOptions> ReadTableOptions(const Values& table, const std::string& name) {
  const Reader reader(name);
  TableOptions options;
  LEAT_ASSIGN(options.resource, reader.ReadResource(table));
  if (const Values* parent = table.Object("parent")) {
    LEAT_ASSIGN(options.parent, reader.ReadResource(*parent));
  }
  LEAT_TRY(reader.ReadXml(table, options));
  if (const Values* job = table.Object("job")) {
    LEAT_ASSIGN(options.job, reader.ReadJob(*job));
  }
  options.start = table.Text("start");
  options.time_format = table.Text("time_format");
  options.on_new_column = table.Text("on_new_column");
  return options;
}

std::vector<FieldSpec> ConnectionFields() {
  FieldSpec url = Required(MakeField("url", FieldType::kString, "Base address; paths of tables go below it."));
  url.example = "https://api.example.com/v2";
  FieldSpec connections =
      MakeField("connections", FieldType::kInteger, "Requests at once, where the API's way of paging allows it.", "4");
  connections.minimum = 1;
  connections.maximum = 64;
  return {url,
          component::HttpAuthField(),
          MakeField("headers", FieldType::kMap, "Headers of each request."),
          MakeField("params", FieldType::kMap, "Parameters of each request."),
          connections,
          MakeField("retries", FieldType::kInteger,
                    "How often a request is asked again after 408, 429, 5xx or a cut connection.", "6"),
          MakeField("timeout", FieldType::kDuration, "An answer that moves no byte for so long is given up.", "60s"),
          MakeField("ca_file", FieldType::kPath, "Certificates to trust besides the machine's.")};
}

std::vector<FieldSpec> TableFields() {
  std::vector<FieldSpec> fields = ResourceFields();
  for (FieldSpec& field : component::XmlRuleFields()) {
    field.description = "Of XML answers. " + field.description;
    fields.push_back(std::move(field));
  }
  fields.push_back(
      Object("parent",
             "Rows that this table is asked for one by one: what {parent.<member>} in `path` or `params` stands for. "
             "Each such value is a column _parent_<member>, too.",
             ResourceFields()));
  fields.push_back(Object(
      "job",
      "A report that the API makes in its own time: asked for, waited for, then read from `path`, where {job.id} and {job.url} stand "
      "for what it said.",
      {Required(MakeField("path", FieldType::kString, "Where the report is asked for.")),
       WordField("method", "Of that request.", "POST", {"POST", "GET"}),
       MakeField("body", FieldType::kString, "Its body, JSON as text."),
       MakeField("id", FieldType::kString, "Where the answer has the report's id.", "$.id"),
       Required(MakeField("status_path", FieldType::kString, "Where to look how far it is: /reports/{job.id}.")),
       MakeField("status", FieldType::kString, "Where that answer says it.", "$.status"),
       Words("done", "Words that say that it is there."), Words("failed", "Words that say that it never will be."),
       MakeField("result", FieldType::kString, "Where the last answer has the report's address: {job.url}."),
       MakeField("every", FieldType::kDuration, "How often to look.", "5s"),
       MakeField("timeout", FieldType::kDuration, "How long to wait for it.", "1h")}));
  fields.push_back(
      MakeField("start", FieldType::kString, "What {since} is before the first load: 2024-01-01T00:00:00Z."));
  fields.push_back(MakeField(
      "time_format", FieldType::kString,
      "How {since}, {until} and windows are written: as_is (the bookmark as the API gave it), iso, date, unix, unix_ms, or "
      "a pattern of strftime.",
      "as_is"));
  fields.push_back(WordField("on_new_column",
                             "A member that the table does not have yet: add it, ignore it, or stop with an error.",
                             "add", {"add", "ignore", "error"}));
  return fields;
}

}  // namespace leat::components::http
