#include "run/store_events.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

using Addresses = std::vector<std::string>;

Addresses Came(const std::string& body) {
  const std::optional<StoreEvents> events = ReadStoreEvents(body);
  return events ? events->came : Addresses{"none of a store"};
}

TEST(StoreEvents, SayWhichObjectsCame) {
  const std::string record =
      R"({"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"drop"},)"
      R"("object":{"key":"in/a+b%2Bc%C3%A9.csv","size":3}}})";
  EXPECT_EQ(Came(R"({"Records":[)" + record + "]}"), Addresses{"s3://drop/in/a b+cé.csv"});
  EXPECT_EQ(Came(R"({"Records":[)" + record + "," + record + "]}").size(), 2U);
  const std::string inner = R"({\"Records\":[{\"eventName\":\"s3:ObjectCreated:Copy\",\"s3\":{\"bucket\":{\"name\":)"
                            R"(\"drop\"},\"object\":{\"key\":\"x\"}}}]})";
  EXPECT_EQ(Came(R"({"Type":"Notification","Message":")" + inner + R"("})"), Addresses{"s3://drop/x"});
  EXPECT_EQ(Came(R"({"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"drop"},)"
                 R"("object":{"key":"a+b%20c"}}})"),
            Addresses{"s3://drop/a+b%20c"});
}

TEST(StoreEvents, OthersSayNothing) {
  for (const char* text :
       {R"({"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"drop"})", R"({"Records":[]})",
        R"({"Records":[{"eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]})",
        R"({"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":7,"object":{"key":"k"}}}]})",
        R"({"source":"aws.s3","detail-type":"Object Deleted","detail":{}})"}) {
    const auto events = ReadStoreEvents(text);
    ASSERT_TRUE(events.has_value()) << text;
    EXPECT_TRUE(events->came.empty()) << text;
  }
}

TEST(StoreEvents, WhatIsNoneIsNone) {
  for (const char* text :
       {"", "hello", "[1, 2]", "{", R"({"Records":7})", R"({"Records":[7]})", R"({"Type":"Notification"})",
        R"({"Type":"Notification","Message":"hello"})", R"({"source":"aws.s3"})", "null"})
    EXPECT_FALSE(ReadStoreEvents(text).has_value()) << text;
}

}  // namespace
}  // namespace leat::run
