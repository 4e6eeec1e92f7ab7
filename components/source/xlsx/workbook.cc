#include "components/source/xlsx/workbook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <functional>
#include <map>

#include "base/lower.h"
#include "base/utf8.h"
#include "io/unpack.h"

namespace leat::components::xlsx {
namespace {

constexpr std::string_view kCompoundFile("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);

Error Damaged(const std::string& origin, const std::string& what) {
  return MakeError("SRC-341", ErrorKind::kData, "{} is no sound workbook: {}", origin, what)
      .WithHint("save it anew with a spreadsheet program, or leave such files out: on_bad_file: skip");
}

io::UnpackOptions Limits(CancelToken* cancel) {
  io::UnpackOptions options;
  options.cancel = cancel;
  return options;
}

/// Tells of each element its name, the one around it, and its attributes.
class Elements : public data::XmlEvents {
 public:
  using Attributes = std::map<std::string, std::string>;
  using Take = std::function<void(const std::string& parent, const std::string& name, const Attributes&)>;
  explicit Elements(Take take) : take_(std::move(take)) {}

 private:
  void Start(data::XmlParser&, const data::XmlName& name, const std::vector<data::XmlAttribute>& given) override {
    Attributes attributes;
    for (const data::XmlAttribute& one : given) attributes.emplace(one.name.local, one.value);
    const std::string local(name.local);
    take_(open_.empty() ? "" : open_.back(), local, attributes);
    open_.push_back(local);
  }
  void End(data::XmlParser&) override { open_.pop_back(); }
  void Text(data::XmlParser&, std::string_view) override {}

  Take take_;
  std::vector<std::string> open_;
};

std::string AttributeOf(const Elements::Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : found->second;
}

int NumberOf(const std::string& text, int fallback) {
  int number = fallback;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The text of each <si>: of it and of its runs, not of how it is pronounced.
class SharedTextEvents : public data::XmlEvents {
 public:
  explicit SharedTextEvents(SharedTexts& texts) : texts_(texts) {}

 private:
  void Start(data::XmlParser&, const data::XmlName& name, const std::vector<data::XmlAttribute>&) override {
    if (name.local == "si") text_.clear();
    silent_ += silent_ > 0 || name.local == "rPh" ? 1 : 0;
    takes_ = silent_ == 0 && name.local == "t";
    is_item_.push_back(name.local == "si");
  }
  void End(data::XmlParser& parser) override {
    takes_ = false;
    silent_ -= silent_ > 0 ? 1 : 0;
    if (is_item_.back()) texts_.Add(DecodedText(text_));
    is_item_.pop_back();
    if (texts_.bytes() > SharedTexts::kMostBytes) parser.Stop("the texts of the workbook are larger than 1 GB");
  }
  void Text(data::XmlParser& parser, std::string_view text) override {
    if (takes_) text_ += text;
    if (text_.size() > SharedTexts::kMostBytes) parser.Stop("a text is larger than 1 GB");
  }

  SharedTexts& texts_;
  std::string text_;
  std::vector<bool> is_item_;
  int silent_ = 0;
  bool takes_ = false;
};

/// The place in the file that a target of a part in `folder` means.
std::string PartAt(const std::string& folder, const std::string& target) {
  if (target.starts_with('/')) return target.substr(1);
  std::string path = folder;
  std::string_view rest = target;
  for (; rest.starts_with("../"); rest.remove_prefix(3)) {
    const size_t slash = path.empty() ? std::string::npos : path.find_last_of('/', path.size() - 2);
    path = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  }
  if (rest.starts_with("./")) rest.remove_prefix(2);
  return path + std::string(rest);
}

struct Relation {
  std::string type;  ///< the last word of it: "worksheet"
  std::string part;
};

class Reader {
 public:
  Reader(const std::string& path, const std::string& origin, CancelToken* cancel)
      : path_(path), origin_(origin), cancel_(cancel) {}

  Status Read(Workbook& book) {
    LEAT_ASSIGN(const auto root, Relations("", ""));
    std::string main;
    for (const auto& [id, one] : root) {
      if (one.type == "officeDocument") main = one.part;
    }
    if (main.empty()) return Damaged(origin_, "_rels/.rels names no workbook");
    const std::string folder = main.substr(0, main.find_last_of('/') + 1);
    LEAT_ASSIGN(const auto parts, Relations(folder, main.substr(folder.size())));
    Elements elements([&](const std::string& parent, const std::string& name, const Elements::Attributes& attributes) {
      if (name == "workbookPr") {
        const std::string value = AttributeOf(attributes, "date1904");
        book.from_1904 = value == "1" || value == "true" || value == "on";
      }
      if (parent != "sheets" || name != "sheet") return;
      const std::string state = AttributeOf(attributes, "state");
      const auto found = parts.find(AttributeOf(attributes, "id"));
      const bool is_sheet = found != parts.end() && found->second.type == "worksheet";
      book.sheets.push_back(
          {AttributeOf(attributes, "name"), is_sheet ? found->second.part : "", !state.empty() && state != "visible"});
    });
    LEAT_TRY(ReadPart(path_, origin_, main, cancel_, elements));
    if (book.sheets.empty()) return Damaged(origin_, main + " has no sheets");
    for (const auto& [id, one] : parts) {
      if (one.type == "styles") LEAT_TRY(Styles(one.part, book));
      if (one.type == "sharedStrings") {
        SharedTextEvents texts(book.texts);
        LEAT_TRY(ReadPart(path_, origin_, one.part, cancel_, texts));
      }
    }
    return Ok();
  }

 private:
  Result<std::map<std::string, Relation>> Relations(const std::string& folder, const std::string& name) {
    std::map<std::string, Relation> relations;
    Elements elements([&](const std::string&, const std::string& element, const Elements::Attributes& attributes) {
      if (element != "Relationship" || AttributeOf(attributes, "TargetMode") == "External") return;
      const std::string type = AttributeOf(attributes, "Type");
      relations[AttributeOf(attributes, "Id")] = {type.substr(type.find_last_of('/') + 1),
                                                  PartAt(folder, AttributeOf(attributes, "Target"))};
    });
    LEAT_TRY(ReadPart(path_, origin_, folder + "_rels/" + name + ".rels", cancel_, elements));
    return relations;
  }

  Status Styles(const std::string& part, Workbook& book) {
    std::map<int, std::string> codes;
    std::vector<int> formats;
    Elements elements([&](const std::string& parent, const std::string& name, const Elements::Attributes& attributes) {
      const int id = NumberOf(AttributeOf(attributes, "numFmtId"), 0);
      if (parent == "numFmts" && name == "numFmt") codes[id] = AttributeOf(attributes, "formatCode");
      if (parent == "cellXfs" && name == "xf") formats.push_back(id);
    });
    LEAT_TRY(ReadPart(path_, origin_, part, cancel_, elements));
    for (const int id : formats) book.shapes.push_back(ShapeOfFormat(id, codes.contains(id) ? codes[id] : ""));
    return Ok();
  }

  const std::string& path_;
  const std::string& origin_;
  CancelToken* const cancel_;
};

/// The code unit that "_xHHHH_" at `at` stands for, -1 where there is none.
int CodeUnitAt(const std::string& text, size_t at) {
  if (at + 7 > text.size() || text[at] != '_' || text[at + 1] != 'x' || text[at + 6] != '_') return -1;
  int unit = 0;
  const auto [end, failure] = std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
  return failure == std::errc() && end == text.data() + at + 6 ? unit : -1;
}

}  // namespace

std::string DecodedText(const std::string& text) {
  if (text.find("_x") == std::string::npos) return text;
  std::string decoded;
  for (size_t at = 0; at < text.size();) {
    const int unit = CodeUnitAt(text, at);
    const int next = unit >= 0xD800 && unit < 0xDC00 ? CodeUnitAt(text, at + 7) : -1;
    if (next >= 0xDC00 && next < 0xE000) {
      AppendUtf8(0x10000 + ((static_cast<uint32_t>(unit) & 0x3FF) << 10) + (static_cast<uint32_t>(next) & 0x3FF),
                 decoded);
      at += 14;
    } else if (unit > 0 && (unit < 0xD800 || unit >= 0xE000)) {
      AppendUtf8(static_cast<uint32_t>(unit), decoded);
      at += 7;
    } else {
      decoded += text[at++];
    }
  }
  return decoded;
}

void SharedTexts::Add(std::string_view text) {
  bytes_ += text;
  ends_.push_back(bytes_.size());
}

std::string_view SharedTexts::At(size_t index) const {
  const size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(bytes_).substr(begin, ends_[index] - begin);
}

Result<BookKind> KindOfBook(const std::string& path, const std::string& origin) {
  LEAT_ASSIGN(const io::Packing packing, io::DetectPacking(path));
  if (packing == io::Packing::kNone) {
    std::array<char, 8> head{};
    std::ifstream(path, std::ios::binary).read(head.data(), head.size());
    return std::string_view(head.data(), head.size()) == kCompoundFile ? BookKind::kOldOrEncrypted : BookKind::kOther;
  }
  if (packing != io::Packing::kZip) return BookKind::kArchive;
  auto listed = io::ListMembers(path, "the file");
  if (!listed.ok() && listed.error().code() == "IO-401") return Damaged(origin, listed.error().message());
  LEAT_ASSIGN(const std::vector<std::string> members, std::move(listed));
  const auto has = [&](const std::string& name) {
    return std::any_of(members.begin(), members.end(), [&](const std::string& one) { return Lower(one) == name; });
  };
  if (has("xl/workbook.bin")) return BookKind::kBinary;
  if (has("[content_types].xml")) return BookKind::kWorkbook;
  return has("content.xml") && has("mimetype") ? BookKind::kOpenDocument : BookKind::kArchive;
}

Status ReadPart(const std::string& path, const std::string& origin, const std::string& part, CancelToken* cancel,
                data::XmlEvents& events) {
  data::XmlParser parser(events);
  std::optional<data::XmlFault> fault;
  const auto place = [&] {
    return Damaged(origin, fmt::format("{}:{}:{}: {}", part, fault->line, fault->column, fault->what));
  };
  auto read = io::ReadMember(path, "the file", part, Limits(cancel), [&](std::string_view bytes) -> Status {
    fault = parser.Feed(bytes, false);
    return fault ? Status(place()) : Ok();
  });
  if (!read.ok() && read.error().code() == "IO-401") return Damaged(origin, read.error().message());
  if (!read.ok() && read.error().code() == "IO-402") return std::move(std::move(read).error()).In(origin);
  if (!read.ok()) return std::move(read).error();
  if (!*read) return Damaged(origin, "it has no " + part);
  fault = parser.Feed("", true);
  return fault ? Status(place()) : Ok();
}

Result<Workbook> Workbook::Open(const std::string& path, const std::string& origin, CancelToken* cancel) {
  LEAT_ASSIGN(const BookKind kind, KindOfBook(path, origin));
  const auto none = [&](const char* what, const char* hint) {
    return MakeError("SRC-340", ErrorKind::kData, "{} is no workbook that can be read: {}", origin, what)
        .WithHint(hint);
  };
  switch (kind) {
    case BookKind::kOldOrEncrypted:
      return none("it has a password, or is of the form before 2007 (.xls)", "save it as .xlsx, without a password");
    case BookKind::kBinary: return none("it is a binary workbook (.xlsb)", "save it as .xlsx");
    case BookKind::kOpenDocument: return none("it is an OpenDocument file (.ods)", "save it as .xlsx");
    case BookKind::kArchive:
    case BookKind::kOther:
      return none("it is no .xlsx file", "is it another kind of file? csv files are read by `type: csv`");
    case BookKind::kWorkbook: break;
  }
  Workbook book;
  LEAT_TRY(Reader(path, origin, cancel).Read(book));
  return book;
}

std::string Workbook::SheetNames() const {
  std::string names;
  for (const Sheet& one : sheets) names += (names.empty() ? "" : ", ") + one.name;
  return names;
}

}  // namespace leat::components::xlsx
