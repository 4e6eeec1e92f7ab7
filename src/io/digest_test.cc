#include "io/digest.h"

#include <gtest/gtest.h>

#include "io/s3/sign.h"

namespace leat::io {
namespace {

std::string Of(const char* name, const std::string& text) {
  std::optional<Digest> digest = Digest::Of(name);
  if (!digest) return "none";
  for (const char c : text) digest->Add(std::string_view(&c, 1));
  return s3::Hex(digest->Finish());
}

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(Of("MD5", "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(Of("SHA", "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Of("SHA-256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Of("sha512", "").substr(0, 16), "cf83e1357eefb8bd");
  EXPECT_EQ(Of("crc32c", ""), "none");
  EXPECT_EQ(Of("", ""), "none");
}

}  // namespace
}  // namespace leat::io
