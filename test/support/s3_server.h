#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/retry.h"
#include "test/support/source_tree.h"

namespace leat::test {

/// A real object store of this test program (test/support/s3_server.sh) with the bucket "lake": started on first use, stopped
/// with the program, also when that is killed. `available()` is false where LEAT_DEPS has none (deps/setup.sh test).
class S3Server {
 public:
  static S3Server& Get() {
    static S3Server server;
    return server;
  }

  static bool available() {
    const char* deps = getenv("LEAT_DEPS");
    return deps != nullptr && std::filesystem::exists(std::string(deps) + "/versitygw/versitygw");
  }

  const std::string& url() const { return url_; }
  /// The objects of a bucket as files; what is put there is an object.
  std::string bucket_folder(const std::string& bucket = "lake") const { return folder_ + "/data/" + bucket; }
  std::string access_key_id() const { return "leat-test-key"; }
  std::string secret_access_key() const { return "leat-test-secret"; }

 private:
  S3Server() {
    folder_ = "/tmp/leat-s3-" + std::to_string(getpid());
    const std::string script = SourcePath("test/support/s3_server.sh");
    pid_ = fork();
    if (pid_ == 0) {
      execl("/bin/sh", "sh", script.c_str(), folder_.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
    RetryPolicy policy;
    policy.attempts = 1000;
    policy.first_wait = std::chrono::milliseconds(20);
    policy.factor = 1.0;
    policy.budget = std::chrono::seconds(60);
    const Status ready = RunWithRetry(policy, nullptr, [&]() -> Status {
      std::ifstream file(folder_ + "/url");
      std::getline(file, url_);
      if (!url_.empty() && Answers()) return Ok();
      const bool ended = waitpid(pid_, nullptr, WNOHANG) == pid_;
      Error error =
          MakeError("TEST-001", ErrorKind::kEnvironment, "the object store did not start; see {}/log", folder_);
      return ended ? error : std::move(error).WithRetry(Retry::kSafe);
    });
    if (!ready.ok()) {
      fprintf(stderr, "%s\n", ready.error().ToString().c_str());
      url_ = "http://127.0.0.1:1";
    }
  }

  ~S3Server() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  bool Answers() const {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(atoi(url_.c_str() + url_.rfind(':') + 1)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(client);
    return connected;
  }

  std::string folder_;
  std::string url_;
  pid_t pid_ = 0;
};

}  // namespace leat::test
