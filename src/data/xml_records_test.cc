#include "data/xml_records.h"

#include <gtest/gtest.h>

#include <random>

namespace leat::data {
namespace {

/// The records of a document, a line each: "name=text|name:json|name~" (~: null; !name at the end: a clash), or the fault.
std::string Read(const std::string& document, XmlRecordRules rules = {}, size_t piece = 1 << 20,
                 const std::string& encoding = "") {
  if (rules.path.empty()) rules.path = {"*", "*"};
  std::string out;
  XmlRecords records(rules, encoding, [&](const XmlRecords::Record& record) {
    std::string line;
    for (const XmlCell& cell : record.cells) {
      line += (line.empty() ? "" : "|") + cell.name;
      line += cell.kind == XmlCell::Kind::kNull ? "~" : (cell.kind == XmlCell::Kind::kJson ? ":" : "=") + cell.text;
    }
    if (!record.clash.empty()) line += "!" + record.clash;
    out += line + "\n";
  });
  for (size_t at = 0;; at += piece) {
    const bool last = at + piece >= document.size();
    const auto fault = records.Feed(std::string_view(document).substr(std::min(at, document.size()), piece), last);
    if (fault) return out + std::to_string(fault->line) + ":" + std::to_string(fault->column) + ": " + fault->what;
    if (last) break;
  }
  return records.found_place() ? out : out + "no place: " + records.seen_paths();
}

XmlRecordRules At(const std::string& path) {
  XmlRecordRules rules;
  rules.path = std::move(XmlRecordRules::ParsePath(path)).value();
  return rules;
}

struct Case {
  const char* name;
  const char* document;
  const char* expected;
};

class XmlRecordTest : public testing::TestWithParam<Case> {};

TEST_P(XmlRecordTest, IsMappedAsDocumented) {
  EXPECT_EQ(Read(GetParam().document), GetParam().expected);
  EXPECT_EQ(Read(GetParam().document, {}, 1), GetParam().expected) << "byte by byte";
}

INSTANTIATE_TEST_SUITE_P(
    Mapping, XmlRecordTest,
    testing::Values(
        Case{"attributes", "<r><i id='1' b=\"&lt;&#x20AC;\"/></r>", "@id=1|@b=<\xe2\x82\xac\n"},
        Case{"elements", "<r><i><a>1</a><b> x </b><c/><d></d></i></r>", "a=1|b= x |c=|d=\n"},
        Case{"attributes_of_elements", "<r><i><p currency='EUR'>12.50</p></i></r>", "p=12.50|p@currency=EUR\n"},
        Case{"cdata", "<r><i><a>x<![CDATA[<b>&amp;]]>y&amp;<!-- no -->z<?pi no?></a></i></r>", "a=x<b>&amp;y&z\n"},
        Case{
            "nil",
            "<r xmlns:x='http://www.w3.org/2001/XMLSchema-instance'><i><a x:nil='true'/><b x:nil='false'/><c x:nil='1' k='v'/>"
            "<d x:type='t'>1</d></i></r>",
            "a~|b=|c~|c@k=v|d=1|d@xsi:type=t\n"},
        Case{"nested", "<r><i><a n='1'><b>x</b><c d='2'>y</c><c/></a></i></r>",
             "a:{\"b\":\"x\",\"c\":[{\"@d\":\"2\",\"#text\":\"y\"},\"\"]}|a@n=1\n"},
        Case{"repeated", "<r><i><t>x</t><t k='1'/><u/><t><v>2</v></t></i></r>",
             "t:[\"x\",{\"@k\":\"1\",\"#text\":\"\"},{\"v\":\"2\"}]|u=\n"},
        Case{"mixed", "<r><i><p>a <b>c</b> d</p></i></r>", "p:{\"#content\":[\"a \",{\"b\":\"c\"},\" d\"]}\n"},
        Case{"mixed_record", "<r><i>a<b>c</b></i></r>", "b=c|#content:[\"a\",{\"b\":\"c\"}]\n"},
        Case{"text_records", "<r><i>a</i><i> </i><i k='1'>b</i></r>", "#text=a\n\n@k=1|#text=b\n"},
        Case{"space_between", "<r>\r\n <i>\r\n  <a>x\r\ny</a>\n </i></r>", "a=x\ny\n"},
        Case{"namespaces", "<r xmlns='urn:a' xmlns:p='urn:b'><p:i><p:a p:k='1' k2='2'>x</p:a></p:i></r>",
             "a=x|a@k=1|a@k2=2\n"},
        Case{"two_namespaces", "<r xmlns:p='urn:b'><i><a>1</a><p:a>2</p:a></i></r>", "a:[\"1\",\"2\"]!a\n"},
        Case{"two_attributes", "<r xmlns:p='urn:b'><i p:a='1' a='2'/></r>", "@a=1|@a=2!@a\n"},
        Case{"doctype", "<!DOCTYPE r SYSTEM 'http://localhost:1/r.dtd'><r><i a='&amp;&#65;'>x&lt;</i></r>",
             "@a=&A|#text=x<\n"},
        Case{"defaulted", "<!DOCTYPE r [<!ATTLIST i k CDATA 'v'>]><r><i/></r>", "@k=v\n"}, Case{"nothing", "<r/>", ""},
        Case{"latin", "<?xml version='1.0' encoding='iso-8859-1'?><r><i>\xe4</i></r>", "#text=\xc3\xa4\n"},
        Case{"windows", "<?xml version='1.0' encoding='windows-1252'?><r><i>\x80</i></r>", "#text=\xe2\x82\xac\n"},
        Case{"mark", "\xef\xbb\xbf<r><i>x</i></r>", "#text=x\n"}),
    [](const auto& one) { return std::string(one.param.name); });

class XmlFaultTest : public testing::TestWithParam<Case> {};

TEST_P(XmlFaultTest, NamesItsPlace) { EXPECT_EQ(Read(GetParam().document), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Faults, XmlFaultTest,
    testing::Values(Case{"cut", "<r>\n<i>1</i>\n<i>2", "#text=1\n3:5: the document is cut off"},
                    Case{"cut_tag", "<r>\n<i", "2:1: the document is cut off"},
                    Case{"mismatch", "<r>\n <i>1</j>\n</r>",
                         "2:8: the end of another element than the one that is open"},
                    Case{"two", "<r><i/></r>\n<r/>", "\n2:1: more stands behind the document"},
                    Case{"text", "id,amount\n1,2\n", "1:1: this is no XML"},
                    Case{"ampersand", "<r><i>a & b</i></r>", "1:10: not well-formed (invalid token)"},
                    Case{"control", "<r><i>a\x01</i></r>", "1:8: not well-formed (invalid token)"},
                    Case{"not_utf8", "<r><i>J\xf6rg</i></r>", "1:8: not well-formed (invalid token)"},
                    Case{"prefix", "<r><a:i/></r>", "1:4: unbound prefix"},
                    Case{"twice", "<r><i a='1' a='2'/></r>", "1:13: duplicate attribute"},
                    Case{"encoding", "<?xml version='1.0' encoding='shift_jis'?><r/>",
                         "1:31: the encoding 'shift_jis' is not read from a document; name it as the `encoding:`"},
                    Case{"no_encoding", "<?xml version='1.0' encoding='nonsense'?><r/>",
                         "1:31: the encoding 'nonsense' is not read from a document; name it as the `encoding:`"},
                    Case{"bomb", "<!DOCTYPE r [\n<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><r><i>&b;</i></r>",
                         "2:12: the document declares the entity a: entities of a document are not expanded"},
                    Case{"outside", "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><r><i>&a;</i></r>",
                         "1:54: the document declares the entity a: entities of a document are not expanded"},
                    Case{"unknown_entity", "<r><i>&nbsp;</i></r>",
                         "1:7: an entity is not XML's own, and entities of a document are not expanded"},
                    Case{"dtd_entity", "<!DOCTYPE r SYSTEM 'r.dtd'><r><i>&nbsp;</i></r>",
                         "1:34: the entity &nbsp; is not XML's own, and entities of a document are not expanded"},
                    Case{"dtd_entity_in_attribute", "<!DOCTYPE r SYSTEM 'r.dtd'><r>\n<i a='x&nbsp;y'/></r>",
                         "2:1: the entity &nbsp; is not XML's own, and entities of a document are not expanded"},
                    Case{"empty", "", "1:1: there is no document"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(XmlRecords, PathsListsAndOuterAttributes) {
  const std::string rates =
      "<e xmlns='urn:x'><Cube><Cube time='2026-01-02'><Cube currency='USD' rate='1.1'/></Cube><Cube time='2026-01-03'><Cube "
      "currency='USD' rate='1.2'/></Cube></Cube></e>";
  XmlRecordRules rules = At("/e/Cube/Cube/Cube");
  rules.outer.push_back(std::move(XmlRecordRules::ParseOuter("day", "../@time")).value());
  EXPECT_EQ(Read(rates, rules), "day=2026-01-02|@currency=USD|@rate=1.1\nday=2026-01-03|@currency=USD|@rate=1.2\n");
  EXPECT_EQ(Read(rates, At("/e/Tube/Cube")), "no place: /e, /e/Cube, /e/Cube/Cube, /e/Cube/Cube/Cube");
  EXPECT_EQ(Read(rates, At("/f")), "no place: /e, /e/Cube, /e/Cube/Cube, /e/Cube/Cube/Cube");
  EXPECT_EQ(Read("<e><Cube/></e>", At("/e/Cube/i")), "");
  EXPECT_EQ(Read("<e a='1'><b>2</b></e>", At("/e")), "@a=1|b=2\n");

  XmlRecordRules lists;
  lists.lists = {"t", "l/i"};
  EXPECT_EQ(Read("<r><i><t>1</t><l><i>2</i><k>3</k></l></i><i><t/></i></r>", lists),
            "t:[\"1\"]|l:{\"i\":[\"2\"],\"k\":\"3\"}\nt:[\"\"]\n");

  XmlRecordRules prefixes = At("/f/x:i");
  prefixes.prefixes = {{"urn:b", "x"}};
  EXPECT_EQ(Read("<f xmlns:p='urn:b'><i>no</i><p:i><a>1</a><p:a p:k='3'>2</p:a></p:i></f>", prefixes),
            "a=1|x:a=2|x:a@x:k=3\n");

  XmlRecordRules trim;
  trim.trim = true;
  EXPECT_EQ(Read("<r><i><a>\n x y \n</a><b>\n</b></i></r>", trim), "a=x y|b=\n");

  for (const char* path : {"", "a", "/", "/a/", "//a", "/a/@b", "/a[1]"}) {
    auto parsed = XmlRecordRules::ParsePath(path);
    EXPECT_TRUE(!parsed.ok() && parsed.error().code() == "SRC-331") << path;
  }
  for (const char* path : {"", "@a", "../a", "../@", "..@a", "../@a/b"})
    EXPECT_FALSE(XmlRecordRules::ParseOuter("c", path).ok()) << path;
}

TEST(XmlRecords, LimitsAreFaults) {
  std::string deep;
  for (int i = 0; i < 61; ++i) deep += "<a>";
  EXPECT_EQ(Read(deep), "1:181: elements stand inside of each other more than 60 levels deep");
  EXPECT_EQ(Read("<r><i>" + std::string(XmlRecords::kMostBytes + 1, 'x') + "</i></r>").substr(0, 2), "1:");
  const std::string tag = "<r><i a='" + std::string(XmlParser::kLongestToken + (4 << 20), 'x');
  EXPECT_EQ(Read(tag), "1:4: a tag or a comment is longer than 32 MB");
  std::string names = "<r>";
  for (int i = 0; i < 10'001; ++i) names += "<i a" + std::to_string(i) + "='1'/>";
  EXPECT_NE(Read(names + "</r>").find("more than 10000 names"), std::string::npos);
}

TEST(XmlRecords, EncodingsOfTwoBytesAndForcedOnes) {
  const std::string text = "<r><i>\xc3\xa4\xe2\x82\xac</i></r>";
  std::string little = "\xff\xfe", big = "\xfe\xff";
  for (const char16_t c : std::u16string(u"<r><i>\u00e4\u20ac</i></r>")) {
    little += {static_cast<char>(c & 255), static_cast<char>(c >> 8)};
    big += {static_cast<char>(c >> 8), static_cast<char>(c & 255)};
  }
  EXPECT_EQ(Read(text), "#text=\xc3\xa4\xe2\x82\xac\n");
  EXPECT_EQ(Read(little), Read(text));
  EXPECT_EQ(Read(big, {}, 1), Read(text));
  EXPECT_EQ(Read("<?xml version='1.0' encoding='shift_jis'?>" + text, {}, 7, "UTF-8"), Read(text));
}

/// Whatever bytes come, there is an answer, and it does not depend on the pieces.
TEST(XmlRecords, DamageNeverDependsOnPieces) {
  const std::string sound =
      "<?xml version='1.0'?>\n<!DOCTYPE r [<!ATTLIST i k CDATA 'v'>]>\n<r xmlns:p='urn:b'><i a='1' p:b='2'><x>1</x><x/>t<y "
      "z='&lt;'><w>\xc3\xa4</w></y></i><!-- c --><i><![CDATA[q]]></i></r>";
  std::mt19937 random(11);
  int faults = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string damaged = sound;
    for (size_t flips = 1 + random() % 3; flips > 0; --flips)
      damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    const std::string whole = Read(damaged);
    EXPECT_EQ(Read(damaged, {}, 1 + random() % 30), whole) << damaged;
    faults += whole.find(": ") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(faults, 1'000);
}

}  // namespace
}  // namespace leat::data
