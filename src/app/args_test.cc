#include "app/args.h"

#include <gtest/gtest.h>

namespace leat::app {
namespace {

Result<int> Nothing(Context&) { return 0; }

std::vector<CommandSpec> Commands() {
  CommandSpec run;
  run.name = "run";
  run.summary = "Runs";
  run.options = {{"select", "ASSET", "only these", 's', {}, true, ""},
                 {"output", "FORM", "text or json", 'o', {"text", "json"}, false, ""},
                 {"force", "", "all", 'f', {}, false, ""}};
  run.run = Nothing;
  CommandSpec show;
  show.name = "show";
  show.arguments = {{"TABLE", "its name", true, false}};
  show.run = Nothing;
  CommandSpec history;
  history.name = "history";
  history.run = Nothing;
  CommandSpec hash;
  hash.name = "hash";
  hash.arguments = {{"TABLE", "", false, true}};
  hash.run = Nothing;
  CommandSpec lake;
  lake.name = "lake";
  lake.commands = {history, hash};
  CommandSpec token;
  token.name = "token";
  token.run = Nothing;
  CommandSpec serve;
  serve.name = "serve";
  serve.run = Nothing;
  serve.options = {{"listen", "A:P", "", 'l', {}, false, ""}};
  serve.commands = {token};
  return {run, show, lake, serve};
}

struct Parsed {
  const std::vector<CommandSpec> commands = Commands();
  Result<Invocation> result;
  explicit Parsed(const std::vector<std::string>& words) : result(ParseCommandLine(commands, words)) {}
};

TEST(Args, ReadsOptionsInEveryForm) {
  Parsed parsed({"run", "--select", "a", "-s", "b", "-sc", "--select=d", "--output=json", "-f"});
  ASSERT_TRUE(parsed.result.ok()) << parsed.result.error().ToString();
  const Arguments& arguments = parsed.result->arguments;
  EXPECT_EQ(arguments.All("select"), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(arguments.Get("output"), "json");
  EXPECT_TRUE(arguments.Has("force"));
  EXPECT_FALSE(arguments.Has("verbose"));
  EXPECT_EQ(arguments.Get("target", "main"), "main");
}

TEST(Args, TwoDashesEndTheOptions) {
  Parsed parsed({"show", "--", "--odd"});
  ASSERT_TRUE(parsed.result.ok());
  EXPECT_EQ(parsed.result->arguments.At(0), "--odd");
}

TEST(Args, FindsInnerCommands) {
  Parsed history({"lake", "history"});
  ASSERT_TRUE(history.result.ok());
  EXPECT_EQ(history.result->path, "lake history");
  Parsed serve({"serve", "-l", "127.0.0.1:0"});
  ASSERT_TRUE(serve.result.ok());
  EXPECT_EQ(serve.result->path, "serve");
  EXPECT_EQ(serve.result->arguments.Get("listen"), "127.0.0.1:0");
  Parsed token({"serve", "token"});
  ASSERT_TRUE(token.result.ok());
  EXPECT_EQ(token.result->path, "serve token");
  Parsed several({"lake", "hash", "a", "b", "c"});
  ASSERT_TRUE(several.result.ok());
  EXPECT_EQ(several.result->arguments.positional.size(), 3U);
}

TEST(Args, OptionsOfEveryCommandMayStandBeforeIt) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--project", "x", "-v", "lake", "hash", "a"},
                                                {"--project=x", "--verbose", "lake", "hash", "a"},
                                                {"lake", "hash", "--project", "x", "a", "-v"}}) {
    Parsed parsed(words);
    ASSERT_TRUE(parsed.result.ok());
    EXPECT_EQ(parsed.result->path, "lake hash");
    EXPECT_EQ(parsed.result->arguments.Get("project"), "x");
    EXPECT_TRUE(parsed.result->arguments.Has("verbose"));
    EXPECT_EQ(parsed.result->arguments.positional, std::vector<std::string>{"a"});
  }
}

TEST(Args, RefusesWhatIsWrongWithAHint) {
  const struct {
    std::vector<std::string> words;
    std::string code, hint;
  } cases[] = {
      {{"rnu"}, "APP-101", "'run'"},
      {{"zzzzzz"}, "APP-101", "leat --help"},
      {{"lake"}, "APP-104", "history"},
      {{"lake", "histroy"}, "APP-101", "'history'"},
      {{"run", "--outptu", "json"}, "APP-102", "'output'"},
      {{"run", "-x"}, "APP-102", "--help"},
      {{"run", "--output"}, "APP-103", ""},
      {{"run", "--output", "xml"}, "APP-103", "text, json"},
      {{"run", "-o", "text", "-o", "json"}, "APP-103", ""},
      {{"run", "--force=yes"}, "APP-103", ""},
      {{"run", "extra"}, "APP-104", ""},
      {{"show"}, "APP-104", "its name"},
      {{"show", "a", "b"}, "APP-104", ""},
  };
  for (const auto& wrong : cases) {
    Parsed parsed(wrong.words);
    ASSERT_FALSE(parsed.result.ok()) << wrong.words[0];
    EXPECT_EQ(parsed.result.error().code(), wrong.code) << parsed.result.error().ToString();
    EXPECT_NE(parsed.result.error().hint().find(wrong.hint), std::string::npos) << parsed.result.error().ToString();
  }
}

TEST(Args, HelpAnywhereIsHelp) {
  for (const auto& words : std::vector<std::vector<std::string>>{{}, {"--help"}, {"-h"}, {"help"}}) {
    Parsed parsed(words);
    ASSERT_TRUE(parsed.result.ok());
    EXPECT_NE(parsed.result->help.find("usage: leat COMMAND"), std::string::npos);
  }
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"show", "--help"}, {"help", "show"}, {"show", "a", "b", "-h"}}) {
    Parsed parsed(words);
    ASSERT_TRUE(parsed.result.ok());
    EXPECT_NE(parsed.result->help.find("usage: leat show TABLE"), std::string::npos);
  }
  Parsed lake({"lake", "--help"});
  ASSERT_TRUE(lake.result.ok());
  EXPECT_NE(lake.result->help.find("history"), std::string::npos);
}

void EachDescribed(const CommandSpec& command, const std::string& path) {
  EXPECT_FALSE(command.summary.empty()) << path;
  EXPECT_TRUE(command.run != nullptr || !command.commands.empty()) << path;
  for (const Option& option : command.options) EXPECT_FALSE(option.description.empty()) << path << " --" << option.name;
  for (size_t i = 0; i + 1 < command.arguments.size(); ++i) EXPECT_FALSE(command.arguments[i].repeat) << path;
  for (const CommandSpec& inner : command.commands) EachDescribed(inner, path + " " + inner.name);
}

TEST(Args, EveryCommandOfTheProgramDescribesItself) {
  EXPECT_GE(AllCommands().size(), 15U);
  for (const CommandSpec& command : AllCommands()) EachDescribed(command, command.name);
}

}  // namespace
}  // namespace leat::app
