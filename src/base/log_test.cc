#include "base/log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "test/support/temp_folder.h"

namespace leat {
namespace {

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Log, ThreadsWriteWholeLinesUnderTheirOwnRun) {
  test::TempFolder folder;
  const std::string path = folder / "log.jsonl";
  ConfigureLog({.level = LogLevel::kInfo, .json = true, .file = path});
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([thread] {
        LogScope scope("run-" + std::to_string(thread));
        for (int i = 0; i < 100; ++i) {
          Log(LogLevel::kInfo, "step", {{"thread", std::to_string(thread)}, {"note", "a \"quoted\"\nline"}});
          Log(LogLevel::kDebug, "dropped");
        }
      });
    }
  }
  ConfigureLog({});
  const auto lines = Lines(path);
  ASSERT_EQ(lines.size(), 400u);
  for (const std::string& line : lines) {
    const char thread = line[line.find("\"thread\":\"") + 10];
    EXPECT_NE(line.find(std::string("\"run_id\":\"run-") + thread + '"'), std::string::npos) << line;
    EXPECT_TRUE(line.starts_with("{\"time\":\"") && line.ends_with("\"note\":\"a \\\"quoted\\\"\\u000aline\"}"))
        << line;
  }
}

TEST(Log, SecretsAreMaskedInLinesAndErrors) {
  test::TempFolder folder;
  const std::string path = folder / "log.jsonl";
  RegisterSecret("hunter2-and-more");
  RegisterSecret("hunter2");
  RegisterSecret("abc");  // too short: masking it would eat ordinary text
  ConfigureLog({.level = LogLevel::kInfo, .json = true, .file = path});
  Log(LogLevel::kWarn, "connect", {{"url", "postgresql://ann:hunter2-and-more@db/x abc hunter2"}});
  ConfigureLog({});
  const auto lines = Lines(path);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("\"postgresql://ann:***@db/x abc ***\""), std::string::npos) << lines[0];
  EXPECT_EQ(MakeError("TEST-1", ErrorKind::kUsage, "password hunter2").message(), "password ***");
}

TEST(Secrets, RegisteringAndMaskingFromSeveralThreads) {
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < 50; ++i) {
        const std::string secret = "secret-" + std::to_string(thread) + "-" + std::to_string(i) + ";";
        RegisterSecret(secret);
        EXPECT_EQ(MaskSecrets("it is " + secret), "it is ***");
      }
    });
  }
}

}  // namespace
}  // namespace leat
