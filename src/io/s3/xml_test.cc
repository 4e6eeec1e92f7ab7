#include "io/s3/xml.h"

#include <gtest/gtest.h>

namespace leat::io::s3 {
namespace {

TEST(Xml, ReadsAnswers) {
  const auto read = ParseXml(
      "<?xml version=\"1.0\"?>\n<!-- c --><s:List xmlns:s=\"http://x/>\"><Key>a&amp;b &#xFC;&#8364;</Key>"
      "<Empty/><Key><![CDATA[<raw>]]></Key></s:List>");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read->name, "List");
  ASSERT_EQ(read->children.size(), 3U);
  EXPECT_EQ(read->Text("Key"), "a&b ü€");
  EXPECT_EQ(read->children[2].text, "<raw>");
  EXPECT_EQ(read->Text("Missing"), "");
  EXPECT_EQ(read->Find("Missing"), nullptr);
}

TEST(Xml, RefusesWhatIsNone) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (const std::string& text :
       {std::string(), std::string("Bad Gateway"), std::string("<a><b></a"), std::string("<a>&x;</a>"),
        std::string("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), std::string("<a"), deep}) {
    const auto read = ParseXml(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code(), "IO-514");
  }
}

TEST(Xml, EscapesWhatItMust) { EXPECT_EQ(EscapeXml("a<b>&\"\x01"), "a&lt;b&gt;&amp;&quot;&#x1;"); }

}  // namespace
}  // namespace leat::io::s3
