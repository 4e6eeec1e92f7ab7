#include <gtest/gtest.h>

#include <random>

#include "components/source/xlsx/sheet_reader.h"

namespace leat::components::xlsx {
namespace {

TEST(SerialDate, ShapesOfFormats) {
  using enum NumberShape;
  const std::vector<std::tuple<int, const char*, NumberShape>> cases = {
      {0, "", kNumber},
      {2, "", kNumber},
      {10, "", kNumber},
      {14, "", kDate},
      {18, "", kTime},
      {22, "", kDate},
      {46, "", kNumber},
      {49, "", kNumber},
      {164, "General", kNumber},
      {164, "0.00E+00", kNumber},
      {164, "#,##0.00\\ \"days\"", kNumber},
      {164, "[Red]0.0;[Blue]-0.0", kNumber},
      {164, "yyyy\\-mm\\-dd", kDate},
      {164, "mmm", kDate},
      {164, "[$-409]d/m/yy h:mm AM/PM;@", kDate},
      {164, "h:mm", kTime},
      {164, "mm:ss.0", kTime},
      {164, "[h]:mm:ss", kNumber},
      {164, "[mm]:ss", kNumber},
      {164, "0_d", kNumber},
      {164, "0*d", kNumber},
      {164, "0;yyyy", kNumber},
      {164, "\"yyyy", kNumber},
      {164, "0\\", kNumber},
      {164, "[yyyy", kNumber},
      {14, "0.00", kNumber},
  };
  for (const auto& [id, code, shape] : cases) EXPECT_EQ(ShapeOfFormat(id, code), shape) << id << " " << code;
}

std::string Moment(std::string_view serial, NumberShape shape = NumberShape::kDate, bool from_1904 = false) {
  std::string text;
  return MomentText(serial, shape, from_1904, text) ? text : "no: " + text;
}

TEST(SerialDate, DaysOfBothSystems) {
  EXPECT_EQ(Moment("1"), "1900-01-01");
  EXPECT_EQ(Moment("59"), "1900-02-28");
  EXPECT_EQ(Moment("60"), "no: day 60 of the 1900 system is 1900-02-29, which never was");
  EXPECT_EQ(Moment("60.5").substr(0, 3), "no:");
  EXPECT_EQ(Moment("61"), "1900-03-01");
  EXPECT_EQ(Moment("2958465"), "9999-12-31");
  EXPECT_EQ(Moment("2958466").substr(0, 3), "no:");
  EXPECT_EQ(Moment("2958465.9999999999").substr(0, 3), "no:");
  EXPECT_EQ(Moment("-1").substr(0, 3), "no:");
  EXPECT_EQ(Moment("x").substr(0, 3), "no:");
  EXPECT_EQ(Moment("nan").substr(0, 3), "no:");
  EXPECT_EQ(Moment("1e400").substr(0, 3), "no:");
  EXPECT_EQ(Moment("0", NumberShape::kDate, true), "1904-01-01");
  EXPECT_EQ(Moment("60", NumberShape::kDate, true), "1904-03-01");
  EXPECT_EQ(Moment("2957003", NumberShape::kDate, true), "9999-12-31");
  EXPECT_EQ(Moment("2957004", NumberShape::kDate, true).substr(0, 3), "no:");
}

TEST(SerialDate, Times) {
  using enum NumberShape;
  EXPECT_EQ(Moment("45000.5"), "2023-03-15 12:00:00");
  EXPECT_EQ(Moment("45000.524259259261"), "2023-03-15 12:34:56");
  EXPECT_EQ(Moment("45000.524259270833"), "2023-03-15 12:34:56.001");
  EXPECT_EQ(Moment("45000.5242592593"), "2023-03-15 12:34:56");
  EXPECT_EQ(Moment("45000.524259"), "2023-03-15 12:34:55.9776");
  EXPECT_EQ(Moment("45000.99999999999"), "2023-03-16");
  EXPECT_EQ(Moment("0.52425925925925931", kTime), "12:34:56");
  EXPECT_EQ(Moment("1.1574074074074073E-8", kTime), "00:00:00.001");
  EXPECT_EQ(Moment("5.7870370370370373E-10", kTime), "00:00:00.00005");
  EXPECT_EQ(Moment("0", kTime), "00:00:00");
  EXPECT_EQ(Moment("0.99999999999", kTime), "23:59:59.999999");
  EXPECT_EQ(Moment("0.25", kDate), "06:00:00");
  EXPECT_EQ(Moment("1.25", kTime), "1900-01-01 06:00:00");
  EXPECT_EQ(Moment("0.25", kTime, true), "06:00:00");
  EXPECT_EQ(Moment("0.25", kDate, true), "1904-01-01 06:00:00");
}

TEST(SerialDate, EveryMillisecondComesBack) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20'000; ++round) {
    const auto day = static_cast<int64_t>(random() % 2'958'405) + 61;
    const auto millis = static_cast<int64_t>(random() % 86'400'000);
    const double serial = static_cast<double>(day) + static_cast<double>(millis) / 86'400'000.0;
    // Beyond the year 2173 not even whole milliseconds are there in 15 digits.
    const bool is_short = day < 100'000 && round % 2 == 0;
    char digits[40];
    std::snprintf(digits, sizeof digits, is_short ? "%.15g" : "%.17g", serial);
    const std::string text = Moment(digits);
    char time[20];
    std::snprintf(time, sizeof time, "%02d:%02d:%02d.%03d", static_cast<int>(millis / 3'600'000),
                  static_cast<int>(millis / 60'000 % 60), static_cast<int>(millis / 1'000 % 60),
                  static_cast<int>(millis % 1'000));
    std::string expected = time;
    if (millis % 1'000 == 0) expected = expected.substr(0, 8);
    else expected = expected.substr(0, expected.find_last_not_of('0') + 1);
    if (millis == 0) continue;
    ASSERT_EQ(text.substr(std::min<size_t>(11, text.size())), expected) << digits;
  }
}

TEST(CellRange, Forms) {
  const auto shown = [](const char* text) -> std::string {
    const auto range = CellRange::Parse(text);
    if (!range) return "none";
    return ColumnLetters(range->first_column) + std::to_string(range->first_row) + ":" +
           ColumnLetters(range->last_column) + std::to_string(range->last_row);
  };
  EXPECT_EQ(shown("A3:H"), "A3:H1048576");
  EXPECT_EQ(shown("b2:ab40"), "B2:AB40");
  EXPECT_EQ(shown("B:D"), "B1:D1048576");
  EXPECT_EQ(shown("3:200"), "A3:XFD200");
  EXPECT_EQ(shown("C5"), "C5:XFD1048576");
  for (const char* bad : {"", ":", "H3:A", "A9:B3", "A0", "XFE1", "A1048577", "A1:B2:C3", "$A$1", "1A"})
    EXPECT_EQ(shown(bad), "none") << bad;
  EXPECT_EQ(ColumnLetters(26) + ColumnLetters(27) + ColumnLetters(702) + ColumnLetters(703), "ZAAZZAAA");
}

TEST(Workbook, EscapedCharacters) {
  EXPECT_EQ(DecodedText("a_x000D_b"), "a\rb");
  EXPECT_EQ(DecodedText("_x005F_x000D_"), "_x000D_");
  EXPECT_EQ(DecodedText("_x00e4__x20AC_"), "\xc3\xa4\xe2\x82\xac");
  EXPECT_EQ(DecodedText("_xD83D__xDE00_"), "\xf0\x9f\x98\x80");
  for (const char* same : {"_x", "_x12_", "_xD83D_", "_x0000_", "_xDE00_", "_x000g_", "x000D_", "_x000D"})
    EXPECT_EQ(DecodedText(same), same);
}

/// The rows of a sheet: "5: A=n:1 B=t:x", or the fault.
std::string Read(const std::string& xml, const Workbook& book, const CellRange& range = {}, size_t piece = 1 << 20) {
  std::string out;
  SheetReader reader(book, range, [&](int64_t row, const std::vector<SheetCell>& cells) {
    out += std::to_string(row) + ":";
    for (const SheetCell& cell : cells)
      out += " " + ColumnLetters(cell.column) + "=" + "tnbmedk"[static_cast<size_t>(cell.kind)] + ":" + cell.text;
    out += "\n";
  });
  data::XmlParser parser(reader);
  for (size_t at = 0;; at += piece) {
    const bool last = at + piece >= xml.size();
    if (const auto fault = parser.Feed(std::string_view(xml).substr(std::min(at, xml.size()), piece), last))
      return out + "fault: " + fault->what;
    if (last) return out;
  }
}

Workbook Book() {
  Workbook book;
  book.texts.Add("one");
  book.texts.Add("");
  book.texts.Add("two");
  book.shapes = {NumberShape::kNumber, NumberShape::kDate, NumberShape::kTime};
  return book;
}

constexpr const char* kSheet =
    "<worksheet xmlns='urn:x' xmlns:e='urn:e'><cols><col min='1'/></cols><sheetData><row r='2' e:r='9'><c r='B2' t='s'><v>2</v></c>"
    "<c r='C2' s='1'><v>45000</v></c><c t='b'><v>1</v></c></row><row><c><v> 1.50 </v></c><c r='D3' t='inlineStr'><is><t>a </t></is></c>"
    "<c t='inlineStr'><is><r><rPr/><t>x</t></r><r><t>y</t></r><rPh><t>no</t></rPh></is></c><c t='str'><f>A1</f><v></v></c></row>"
    "<row r='7'><c r='A7' t='e'><v>#N/A</v></c><c><f>1+1</f></c><c s='1'><v>60</v></c><c s='9'/><c t='s'><v>1</v></c><c><f>1</f><v/></c><c><v/></c></row>"
    "<row r='9'/></sheetData><extLst><row r='1'><c><v>1</v></c></row></extLst></worksheet>";

TEST(SheetReader, KindsOfCells) {
  const std::string expected =
      "2: B=t:two C=m:2023-03-15 D=b:true\n3: A=n:1.50 D=t:a  E=t:xy F=t:\n7: A=e:#N/A B=k: C=d:60 E=t: F=k:\n";
  EXPECT_EQ(Read(kSheet, Book()), expected);
  EXPECT_EQ(Read(kSheet, Book(), {}, 1), expected);
  EXPECT_EQ(Read(kSheet, Book(), CellRange::Parse("C3:E7").value_or(CellRange())),
            "3: D=t:a  E=t:xy\n7: C=d:60 E=t:\n");
}

TEST(SheetReader, Faults) {
  const auto rows = [](const std::string& inside) {
    return Read("<worksheet><sheetData>" + inside + "</sheetData></worksheet>", Book());
  };
  EXPECT_EQ(rows("<row r='3'/><row r='3'/>"), "fault: row 3 stands behind row 3");
  EXPECT_EQ(rows("<row r='0'/>"), "fault: row 0 stands behind row 0");
  EXPECT_EQ(rows("<row r='x'/>"), "fault: 'x' is no number of a row");
  EXPECT_EQ(rows("<row r='1048577'/>"), "fault: '1048577' is no number of a row");
  EXPECT_EQ(rows("<row r='1'><c r='B1'/><c r='B1'/></row>"), "fault: cell B1 stands behind column B of row 1");
  EXPECT_EQ(rows("<row r='1'><c r='B2'/></row>"), "fault: cell B2 stands behind column  of row 1");
  EXPECT_EQ(rows("<row r='1'><c r='1B'/></row>"), "fault: '1B' is no place of a cell");
  EXPECT_EQ(rows("<row r='1'><c t='s'><v>3</v></c></row>"), "fault: cell A1 names text 3, and there are 3");
  EXPECT_EQ(rows("<row r='1'><c t='s'><v>-1</v></c></row>"), "fault: cell A1 names text -1, and there are 3");
  EXPECT_EQ(rows("<row r='1'><c t='b'><v>2</v></c></row>"), "fault: cell A1 is '2', neither 0 nor 1");
  EXPECT_EQ(rows("<row r='1'><c t='x'><v>2</v></c></row>"), "fault: cell A1 is of the kind 'x', which is none");
  EXPECT_EQ(Read("<chartsheet/>", Book()), "fault: this is no sheet of cells");
}

TEST(SheetReader, DamageNeverDependsOnPieces) {
  std::mt19937 random(3);
  const Workbook book = Book();
  for (int round = 0; round < 3'000; ++round) {
    std::string damaged = kSheet;
    for (size_t flips = 1 + random() % 4; flips > 0; --flips)
      damaged[random() % damaged.size()] = static_cast<char>(round % 2 == 0 ? random() % 256 : 32 + random() % 95);
    EXPECT_EQ(Read(damaged, book, {}, 1 + random() % 40), Read(damaged, book)) << damaged;
  }
}

}  // namespace
}  // namespace leat::components::xlsx
