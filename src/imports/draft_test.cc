#include "imports/draft.h"

#include <gtest/gtest.h>

#include "imports/foreign_connections.h"
#include "imports/report.h"

namespace leat::imports {
namespace {

std::vector<ConnectionDraft> Ops() {
  ConnectionDraft draft{"ops", "sqlite", {}};
  draft.members.Set("file", "a b.db");
  return {draft};
}

TEST(AddConnections, AddsBehindWhatThereIs) {
  const std::string entry = "  ops:\n    type: sqlite\n    file: \"a b.db\"\n";
  EXPECT_EQ(AddConnections("", Ops()).value(), "connections:\n" + entry);
  EXPECT_EQ(AddConnections("connections:\n  a: { type: csv }", Ops()).value(),
            "connections:\n  a: { type: csv }\n" + entry);
  EXPECT_EQ(AddConnections("# mine\nconnections:\n  # one\n  a:\n    type: csv # x\n", Ops()).value(),
            "# mine\nconnections:\n  # one\n  a:\n    type: csv # x\n" + entry);
  EXPECT_EQ(AddConnections("a: 1\nconnections:\n", Ops()).value(), "a: 1\nconnections:\n" + entry);
}

TEST(AddConnections, LeavesFilesAloneThatWouldMeanSomethingElse) {
  for (const char* text : {"connections: { a: { type: csv } }\n", "connections:\n  a: { type: csv }\nmore: 1\n",
                           "other:\n  a: 1\n", "connections:\n    a:\n      type: csv\n",
                           "connections:\n  ops: { type: csv }\n", "[", "connections:\n  a: |\n    text\n  b:\n"}) {
    const auto added = AddConnections(text, Ops());
    if (added.ok()) {  // then it is one more, and nothing else
      const auto read = config::ParseYaml(*added, "c");
      ASSERT_TRUE(read.ok()) << *added;
      EXPECT_EQ(read->Find("connections")->members.back().key, "ops") << *added;
    } else {
      EXPECT_EQ(added.error().code(), "APP-209") << text;
    }
  }
}

TEST(WithEnvReferences, NamesBecomeReferencesAndOtherBracesStayText) {
  EXPECT_EQ(WithEnvReferences("${A_1}"), "${env:A_1}");
  EXPECT_EQ(WithEnvReferences("x${A}y${B}"), "x${env:A}y${env:B}");
  EXPECT_EQ(WithEnvReferences("$A"), "${env:A}");
  EXPECT_EQ(WithEnvReferences("a$A"), "a$A");
  EXPECT_EQ(WithEnvReferences("${1}"), "$${1}");
  EXPECT_EQ(WithEnvReferences("${a:b}"), "$${a:b}");
  EXPECT_EQ(WithEnvReferences("$"), "$");
  EXPECT_EQ(WithEnvReferences("${"), "$${");
}

std::string Connection(const std::string& address) {
  SecretNames secrets;
  const auto made = FromAddress("SHOP", address, "", secrets);
  return made ? DraftConnectionYaml(made->draft) : "none";
}

TEST(FromAddress, TakesItApartAndKeepsThePasswordOut) {
  EXPECT_EQ(
      Connection("postgresql://ann:p%40ss@db.example.com:6543/shop?sslmode=require&x=1"),
      "  shop:\n    type: postgres\n    user: ann\n    password: \"${secret:SHOP_PASSWORD}\"\n    port: 6543\n    host: db.example.com\n"
      "    database: shop\n    sslmode: require\n");
  EXPECT_EQ(Connection("mysql://ann@[::1]/shop"),
            "  shop:\n    type: mysql\n    user: ann\n    host: \"[::1]\"\n    database: shop\n");
  EXPECT_EQ(Connection("sqlite:////data/a.db"), "  shop:\n    type: sqlite\n    file: /data/a.db\n");
  EXPECT_EQ(Connection("snowflake://x"), "none");
  EXPECT_EQ(Connection("no address"), "none");
}

TEST(Report, NothingIsPassedOver) {
  const auto root = config::ParseYaml("a: 1\nb: { c: 2, d: [x, y] }\ne: {}\nf: { g: 3 }\n", "r");
  ASSERT_TRUE(root.ok());
  Report report;
  report.Taken(root->members[0].key_span, "good");
  report.Changed(root->members[0].key_span, "worse counts");
  report.Taken(root->members[3].key_span, "with all below it");
  report.Finish(*root);
  std::string all;
  for (const Note& note : report.notes()) all += note.key + " " + VerdictWord(note.verdict) + "\n";
  EXPECT_EQ(all, "a changed\nb.c not_possible\nb.d[0] not_possible\nb.d[1] not_possible\ne not_possible\nf taken\n");
}

TEST(SecretNames, OneNameForOneValue) {
  SecretNames secrets;
  EXPECT_EQ(secrets.Reference("my-pg password", "aaaa"), "${secret:MY_PG_PASSWORD}");
  EXPECT_EQ(secrets.Reference("my-pg password", "aaaa"), "${secret:MY_PG_PASSWORD}");
  EXPECT_EQ(secrets.Reference("my-pg password", "bbbb"), "${secret:MY_PG_PASSWORD_2}");
  EXPECT_EQ(secrets.names(), (std::vector<std::string>{"MY_PG_PASSWORD", "MY_PG_PASSWORD_2"}));
}

}  // namespace
}  // namespace leat::imports
