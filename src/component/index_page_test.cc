#include "component/index_page.h"

#include <gtest/gtest.h>

#include "component/http_address.h"

namespace leat::component {
namespace {

/// "a.csv b/ …", or "none".
std::string Names(const std::string& html, const std::string& url = "https://host/out/") {
  const auto entries = ReadIndexPage(html, url);
  if (!entries) return "none";
  std::string text;
  for (const IndexEntry& entry : *entries) text += (text.empty() ? "" : " ") + entry.name + (entry.folder ? "/" : "");
  return text;
}

std::string Page(const std::string& links) { return "<title>Index of /out</title><body>" + links + "</body>"; }

TEST(IndexPage, AsServersWriteThem) {
  EXPECT_EQ(
      Names(
          R"(<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><head><title>Index of /out</title></head><body>
<h1>Index of /out</h1><table><tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th>
<th><a href="?C=M;O=A">Last modified</a></th></tr><tr><td><a href="/">Parent Directory</a></td></tr>
<tr><td><a href="day_1.csv">day_1.csv</a></td><td align="right">2026-11-21 10:00  </td></tr><tr><td><a href="sub/">sub/</a></td></tr>
</table><address>Apache/2.4 Server at host Port 443 <a href="https://httpd.example/">x</a></address></body></html>)"),
      "day_1.csv sub/");
  EXPECT_EQ(Names("<html>\r\n<head><title>Index of /out/</title></head>\r\n<body><h1>Index of /out/</h1><hr><pre><a "
                  "href=\"../\">../</a>\r\n<a href=\"a%20b.csv\">a b.csv</a>   21-Nov-2026 10:00   12\r\n</pre>"),
            "a b.csv");
  EXPECT_EQ(Names("<title>Directory listing for /out/</title>\n<ul>\n<li><a href=\"a%26b.csv\">a&amp;b.csv</a></li>\n"
                  "<li><a href=\"link\">link@</a></li>\n</ul>"),
            "a&b.csv link");
  EXPECT_EQ(Names("<title>Directory listing for /out/</title><ul></ul>"), "") << "an empty folder";
  EXPECT_EQ(Names("<title>Welcome</title><a href=\"a.csv\">a</a>"), "none") << "some other page";
  EXPECT_EQ(Names(""), "none");
}

TEST(IndexPage, OnlyWhatLiesInTheFolder) {
  const std::pair<const char*, const char*> cases[] = {
      {"/out/a.csv", "a.csv"},
      {"https://HOST:443/out/a.csv", "a.csv"},
      {"HTTPS://host/out/a.csv", "a.csv"},
      {"//host/o%75t/a.csv#part", "a.csv"},
      {"./a:b.csv", "a:b.csv"},
      {"a.csv#x", "a.csv"},
      {"", ""},
      {"#top", ""},
      {"?C=S;O=A", ""},
      {"a.csv?version=1", ""},
      {"..", ""},
      {"../", ""},
      {"../a.csv", ""},
      {"%2e%2e/", ""},
      {"a%2Fb.csv", ""},
      {"a%00b.csv", ""},
      {"deeper/a.csv", ""},
      {"/", ""},
      {"/other/a.csv", ""},
      {"/out", ""},
      {"/out/", ""},
      {"/out/sub/", "sub/"},
      {"/out/../a.csv", ""},
      {"http://host/out/a.csv", ""},
      {"https://other/out/a.csv", ""},
      {"https://host", ""},
      {"//", ""},
      {"mailto:me@host", ""},
      {"javascript:void(0)", ""},
      {"caf%C3%A9.csv", "café.csv"},
      {"caf%E9.csv", "caf%E9.csv"},
      {"50%25.csv", "50%25.csv"},
      {"what%3F%23.csv", "what%3F%23.csv"},
      {"100%.csv", "100%.csv"},
      {"tab%09.csv", "tab%09.csv"},
  };
  for (const auto& [link, names] : cases)
    EXPECT_EQ(Names(Page("<a href=\"" + std::string(link) + "\">")), names) << link;
}

TEST(IndexPage, HtmlInAnyForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"<A HREF = 'a.csv' >", "a.csv"},
      {"<a class=x href=a.csv>", "a.csv"},
      {"<a href=a.csv", "a.csv"},
      {"<a\nid=\"1>2\"\thref=\"a.csv\">", "a.csv"},
      {"<a href=\"a.csv\" href=\"b.csv\">", "a.csv"},
      {"<a download href=\"a.csv\">", "a.csv"},
      {"<a = href=\"a.csv\">", ""},
      {"<a href=\" a&#46;csv\n\">", "a.csv"},
      {"<a href=\"&lt;&#x26;&quot;&#39;&nbsp;&amp\">", "<&\"'&nbsp;&amp"},
      {"<a href=\"a&#xD800;&#0;&#99999999;.csv\">", "a&"},
      {"<!-- <a href=\"a.csv\"> --><a href=\"b.csv\">", "b.csv"},
      {"<!-- <a href=\"a.csv\">", ""},
      {"<abbr href=\"a.csv\"><area href=\"a.csv\"><a>", ""},
      {"<a href>", ""},
      {"<a href=", ""},
      {"<a href=\"a.csv", "a.csv"},
      {"<a", ""},
      {"<", ""},
      {"<a href=\"b.csv\"><a href=\"a.csv\"><a href=\"b.csv\">", "a.csv b.csv"},
  };
  for (const auto& [html, names] : cases) EXPECT_EQ(Names("Index of " + std::string(html)), names) << html;
}

TEST(HttpAddress, NamesLeadBackToTheirLinks) {
  for (const char* link :
       {"a.csv", "a%20b.csv", "caf%C3%A9.csv", "50%25.csv", "what%3F%23.csv", "%7Ba%7D.csv", "a%2Fb", "x%5B1%5D"})
    EXPECT_EQ(DecodePercent(RequestUrl(ShownPart(link))), DecodePercent(link)) << link;
  EXPECT_EQ(RequestUrl("https://host/größe 1%.csv?day=1&x=%20#y"),
            "https://host/gr%C3%B6%C3%9Fe%201%25.csv?day=1&x=%20%23y");
}

TEST(HttpAddress, WhatIsNone) {
  for (const char* address :
       {"https://", "https:///x", "http://me@host/", "http://me:pass@host", "http://[::1]/x", "https://host/a\nb"}) {
    const Status checked = CheckWebAddress(address);
    ASSERT_FALSE(checked.ok()) << address;
    EXPECT_EQ(checked.error().code(), "IO-419");
    EXPECT_EQ(checked.error().message().find("pass"), std::string::npos);
  }
  for (const char* address : {"https://host", "http://host:8080/a@b/[1]?x=y"})
    EXPECT_TRUE(CheckWebAddress(address).ok()) << address;
}

}  // namespace
}  // namespace leat::component
