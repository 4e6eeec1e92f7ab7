#include "io/sftp/address.h"

#include <gtest/gtest.h>

namespace leat::io::sftp {
namespace {

TEST(SftpAddress, HasServerAndPath) {
  struct Case {
    const char* uri;
    const char* host;
    int port;
    const char* path;
    const char* server;
  };
  for (const Case& one : {
           Case{"sftp://h/in", "h", 22, "/in", "h:22"},
           Case{"sftp://files.example.com:2222/a b/c#%20?.csv", "files.example.com", 2222, "/a b/c#%20?.csv",
                "files.example.com:2222"},
           Case{"sftp://h", "h", 22, "/", "h:22"},
           Case{"sftp://h:65535/~/x", "h", 65535, "/~/x", "h:65535"},
           Case{"sftp://h/in@home:9/x", "h", 22, "/in@home:9/x", "h:22"},
           Case{"sftp://[::1]/x", "::1", 22, "/x", "[::1]:22"},
           Case{"sftp://[fe80::2]:23/", "fe80::2", 23, "/", "[fe80::2]:23"},
       }) {
    const auto address = ParseAddress(one.uri);
    ASSERT_TRUE(address.ok()) << one.uri << ": " << address.error().ToString();
    EXPECT_EQ(address->host, one.host) << one.uri;
    EXPECT_EQ(address->port, one.port) << one.uri;
    EXPECT_EQ(address->path, one.path) << one.uri;
    EXPECT_EQ(address->server(), one.server) << one.uri;
  }
  EXPECT_EQ(ServerPart("sftp://h:23/a/b"), "sftp://h:23");
  EXPECT_EQ(ServerPart("sftp://h"), "sftp://h");
}

TEST(SftpAddress, RefusesWhatIsNone) {
  for (const char* uri : {"", "h/in", "s3://b/k", "sftp://", "sftp:///in", "sftp://:22/in", "sftp://h:/in",
                          "sftp://h:0/in", "sftp://h:65536/in", "sftp://h:22x/in", "sftp://h:-1/in", "sftp://[::1/in",
                          "sftp://[]/in", "sftp://[::1]x/in", "sftp://[::1]x:22/in"}) {
    const auto address = ParseAddress(uri);
    ASSERT_FALSE(address.ok()) << uri;
    EXPECT_EQ(address.error().code(), "IO-406") << uri;
  }
}

TEST(SftpAddress, AUserIsRefusedAndNotRepeated) {
  const auto address = ParseAddress("sftp://me:hunter2@h:22/in");
  ASSERT_FALSE(address.ok());
  EXPECT_EQ(address.error().code(), "IO-406");
  EXPECT_EQ(address.error().ToString().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace leat::io::sftp
