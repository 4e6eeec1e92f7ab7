#include "io/http_rules.h"

#include <gtest/gtest.h>

namespace leat::io {
namespace {

TEST(HttpRules, RetryAfter) {
  const TimeMicros now = ParseTime("2026-11-21T10:00:00Z").value();
  EXPECT_EQ(RetryAfter("120", now), now + 120'000'000);
  EXPECT_EQ(RetryAfter("Wed, 21 Oct 2026 07:28:00 GMT", now), ParseTime("2026-10-21T07:28:00Z").value());
  EXPECT_EQ(RetryAfter("", now), 0);
  EXPECT_EQ(RetryAfter("soon", now), 0);
  EXPECT_EQ(RetryAfter("99999999999999", now), 0);
}

TEST(HttpRules, Times) {
  const TimeMicros time = ParseTime("1994-11-06T08:49:37Z").value();
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    EXPECT_EQ(HttpTime(text), time) << text;
  for (const char* text : {"", "yesterday", "Sun, 99 Nov 1994 08:49:37 GMT"})
    EXPECT_FALSE(HttpTime(text).has_value()) << text;
}

TEST(HttpRules, Origins) {
  EXPECT_EQ(UrlOrigin("https://Files.Example.com/a/b?c#d"), "https://files.example.com");
  EXPECT_EQ(UrlOrigin("HTTPS://me:pass@host:443?x=/"), "https://host");
  EXPECT_EQ(UrlOrigin("http://host:80/a@b"), "http://host");
  EXPECT_EQ(UrlOrigin("http://host:443"), "http://host:443");
  EXPECT_EQ(UrlOrigin("http://host:8080/"), "http://host:8080");
  EXPECT_EQ(UrlOrigin("host/a"), "");
}

TEST(HttpRules, WhatMayComeBack) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 599}) EXPECT_TRUE(MayComeBack(status)) << status;
  for (const int status : {200, 206, 304, 400, 401, 404, 405, 501, 505}) EXPECT_FALSE(MayComeBack(status)) << status;
}

}  // namespace
}  // namespace leat::io
