#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "test/support/child_server.h"

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

  const std::string& url() const { return server_.url(); }
  /// The objects of a bucket as files; what is put there is an object.
  std::string bucket_folder(const std::string& bucket = "lake") const { return server_.folder() + "/data/" + bucket; }
  std::string access_key_id() const { return "leat-test-key"; }
  std::string secret_access_key() const { return "leat-test-secret"; }

 private:
  static bool Answers(const std::string& url) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(atoi(url.c_str() + url.rfind(':') + 1)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(client);
    return connected;
  }

  const ChildServer server_{"s3_server", SIGTERM, Answers};
};

}  // namespace leat::test

/// Ends a test that needs the object store as skipped where there is none: only the build's set-up was made there. The whole
/// test (./dev test) brings one and counts this skip as failed.
#define LEAT_NEEDS_OBJECT_STORE() \
  if (!leat::test::S3Server::available()) GTEST_SKIP() << "there is no object store here: deps/setup.sh test"
