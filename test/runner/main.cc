// leat_e2e [options] files or folders…: runs .t files against a binary (test/runner/README.md).
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "test_case.h"
#include "test/support/postgres.h"

namespace fs = std::filesystem;
using namespace leat::e2e;  // NOLINT: the program of this namespace

namespace {

constexpr const char* kUsage =
    "usage: leat_e2e --leat BINARY [options] FILE.t|FOLDER…\n"
    "  --jobs N     tests at once (default: cores)\n"
    "  --tag T      only tests with this tag      --not-tag T   only tests without it\n"
    "  --shuffle    random order; --seed N repeats one\n"
    "  --update     write what was got into the expected blocks\n"
    "  --keep       keep the folders of passed tests\n";

struct Arguments {
  RunnerOptions runner;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string tag, not_tag;
  bool shuffle = false;
  unsigned seed = 0;
  std::vector<std::string> paths;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--leat" && has_value) arguments.runner.leat = fs::absolute(argv[++i]).string();
    else if (word == "--jobs" && has_value) arguments.jobs = static_cast<unsigned>(std::max(1, std::atoi(argv[++i])));
    else if (word == "--tag" && has_value) arguments.tag = argv[++i];
    else if (word == "--not-tag" && has_value) arguments.not_tag = argv[++i];
    else if (word == "--seed" && has_value)
      arguments.seed = static_cast<unsigned>(std::atoi(argv[++i])), arguments.shuffle = true;
    else if (word == "--shuffle") arguments.shuffle = true;
    else if (word == "--update") arguments.runner.update = true;
    else if (word == "--keep") arguments.runner.keep = true;
    else if (word.starts_with("--")) return false;
    else arguments.paths.push_back(word);
  }
  return !arguments.runner.leat.empty() && !arguments.paths.empty();
}

std::vector<std::string> FindFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.path().extension() == ".t") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool Has(const std::vector<std::string>& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  umask(022);
  std::string temp = (fs::temp_directory_path() / "leat-e2e-XXXXXX").string();
  if (mkdtemp(temp.data()) == nullptr) {
    std::perror("mkdtemp");
    return 4;
  }
  arguments.runner.work_folder = temp;

  int passed = 0, failed = 0, skipped = 0;
  std::vector<Script> scripts;
  for (const std::string& file : FindFiles(arguments.paths)) {
    leat::Result<Script> script = ReadScript(file);
    if (!script.ok()) {
      std::printf("FAILED %s\n  %s\n", file.c_str(), script.error().message().c_str());
      ++failed;
      continue;
    }
    if (!arguments.tag.empty() && !Has(script->tags, arguments.tag)) continue;
    if (!arguments.not_tag.empty() && Has(script->tags, arguments.not_tag)) continue;
    scripts.push_back(std::move(*script));
  }
  if (arguments.shuffle) {
    if (arguments.seed == 0) arguments.seed = std::random_device{}() % 100'000;
    std::printf("order: --seed %u\n", arguments.seed);
    std::shuffle(scripts.begin(), scripts.end(), std::mt19937(arguments.seed));
  }

  // Made by this thread: the server ends with the thread that started it.
  for (const Script& script : scripts) {
    const auto asks = [](const Directive& directive) { return directive.word == "postgres"; };
    if (std::any_of(script.directives.begin(), script.directives.end(), asks) &&
        leat::test::PostgresServer::available())
      leat::test::PostgresServer::Get();
  }

  std::atomic<size_t> next{0};
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < arguments.jobs; ++t) {
      threads.emplace_back([&] {
        for (size_t i = next++; i < scripts.size(); i = next++) {
          const std::string path = scripts[i].path;
          const Outcome outcome = TestCase(arguments.runner, std::move(scripts[i]), static_cast<int>(i) + 1).Run();
          std::lock_guard lock(mutex);
          if (outcome.skipped) {
            ++skipped;
            std::printf("skip   %s: needs %s\n", path.c_str(), outcome.text.c_str());
          } else if (outcome.passed) {
            ++passed;
            std::printf("ok     %s (%.1f s)\n", path.c_str(), outcome.seconds);
          } else {
            ++failed;
            std::printf("FAILED %s\n  %s\n", path.c_str(), outcome.text.c_str());
          }
          std::fflush(stdout);
        }
      });
    }
  }
  if (failed == 0 && !arguments.runner.keep) {
    std::error_code ignored;
    fs::remove_all(temp, ignored);
  }
  if (skipped > 0) std::printf("%d skipped\n", skipped);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
