#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "components/source/orc/orc_json.h"
#include "components/source/orc/orc_stream.h"
#include "components/source/orc/orc_type.h"

namespace leat::components::orc {
namespace {

/// Three rows: id, name (by dictionary), price, at, tags, who, ok; not packed, and with zlib. Written by Apache's own writer.
constexpr const char* kPlain =
    "4f52430a061204080350000a120a020000120c0803120608021006180c50000a1b0a05000000000012120802220c0a036f6e6512036f6e65"
    "180c50010a220a060000000000001218080232120a052d302e32351203312e351a04312e323550010a260a0400000000121e08034a181800"
    "20f6a1abfef9622899f8ffffffffffffff0130c1ea1b50000a150a050000000000120c0802500162060800100218020a150a03000000120e"
    "080222080a0161120162180450000a0b0a030000001204080250010a290a0400000000122108011a1b09000000000000f83f110000000000"
    "00f83f19000000000000f83f50010a150a050000000000120c0802500162060800100118010a150a03000000120e080122080a016b12016b"
    "180250000a120a020000120c0801120608021002180250000a130a06000000000000120908022a030a0101500146022460ffc04001006f6e"
    "654200c0ffa0ac02314601447602215ec600a9491bff215ec6007e0200000000000f1202fffffffffffffffa0000000000000008ffc04201"
    "804001c06162ffa0ff80000000000000f83fffc04001804000806b420080ffa0ff800a060806100018080a060806100118140a0608061002"
    "181d0a060806100318240a060806100418280a060806100518170a060806100618170a0608061007180d0a0608061008182b0a0608061009"
    "18170a060806100a18170a060806100b18140a060806100c18150a060801100118040a060800100218020a060801100218030a0608031002"
    "18030a060802100218030a060800100318020a060801100318030a060805100318030a0608011004180e0a0608051004181a0a0608001005"
    "18020a060802100518030a060802100618030a060801100618020a060800100718020a060800100818020a060801100818080a0608001009"
    "18020a060802100918030a060802100a18030a060801100a18010a060801100b18030a060800100c18020a060801100c1802120408001000"
    "1204080210001204080310011204080210001204080210001204080210001204080210001204080010001204080010001204080210001204"
    "080210001204080210001204080010001a03474d540ae0010a04080350000a0c0803120608021006180c50000a120802220c0a036f6e6512"
    "036f6e65180c50010a18080232120a052d302e32351203312e351a04312e323550010a1e08034a18180020f6a1abfef9622899f8ffffffff"
    "ffffff0130c1ea1b50000a0c0802500162060800100218020a0e080222080a0161120162180450000a04080250010a2108011a1b09000000"
    "000000f83f11000000000000f83f19000000000000f83f50010a0c0802500162060800100118010a0e080122080a016b12016b180250000a"
    "0c0801120608021002180250000a0908022a030a01015001080310a2061a0c080310c202186520fb0228032235080c12070102030405070c"
    "1a0269641a046e616d651a0570726963651a0261741a04746167731a0377686f1a026f6b2000280030002208080420002800300022080807"
    "2000280030002208080e20002814300222080809200028003000220b080a120106200028003000220808072000280030002212080c120208"
    "091a01781a016d20002800300022080806200028003000220c080b12020a0b20002800300022080807200028003000220808032000280030"
    "002208080020002800300030033a04080350003a0c0803120608021006180c50003a120802220c0a036f6e6512036f6e65180c50013a1808"
    "0232120a052d302e32351203312e351a04312e323550013a1e08034a18180020f6a1abfef9622899f8ffffffffffffff0130c1ea1b50003a"
    "0c0802500162060800100218023a0e080222080a0161120162180450003a04080250013a2108011a1b09000000000000f83f110000000000"
    "00f83f19000000000000f83f50013a0c0802500162060800100118013a0e080122080a016b12016b180250003a0c08011206080210021802"
    "50003a0908022a030a0101500140904e48016205322e322e3208c1031000188080042202000c28e301300682f403034f524319";
constexpr const char* kPacked =
    "4f52431100000a061204080350002b00000a130a03000000120c0803120608021006180c5000340000e392e56267800021210e26251e2ee6"
    "fcbc54211021c113c00800420000e352e5e264800121090e2623212e565d033d23532166433d5329164320338011004a0000e3d2e0626300"
    "0321390e662f090906856f0b57fffb99a431f3c77f08603438f84a3a8001002c0000e312e762678000211e0ea600c624360e060126092600"
    "300000e312e762650001213e0e26250e2ec64421c62409960006001d00000a0c0a0400000000120408025001360000e3d2e6626300032145"
    "0e4629694e08e787bd208c210963043002002c0000e312e762678000211e0ea600c624360e060146094600300000e312e762650001213e0e"
    "46250e2ec66c21c66c09a60006002b00000a130a03000000120c080112060802100218025000260000e312e5e2608002214e0e262d662e46"
    "c600460009000046022460050000ffc00700004001000700006f6e650700004200c0050000ffa0070000ac02310700004601441d00007602"
    "215ec600a9491bff215ec600240000ab636200017e21a6ff10f00bcc6760e00000050000ffc00700004201800700004001c0050000616205"
    "0000ffa0050000ff800e0000636000811ff600050000ffc00700004001800700004000800300006b070000420080050000ffa0050000ff80"
    "4001005d8ebd0ec2300c84f3d3a469daa154021d20981878132636deff59b85c2c54b1f8b37df6d93597bc3accb5d10362c04d8c7888039e"
    "62c259ccb88a230e62c15d9c4cafa6cfe6b7e044ddd37f241dfd93ea804c4663303adeed7a949e58377afed1ee25f2289fa4b940363df0af"
    "3e97d577fcafb3985f41557fb2bdc9f6aaed550cba33ab76eb627be436b0768c4131aefe97f7ce3ef6c9fdfc9f7a89aff7e70b5a0100458f"
    "b10ac2400c862fb9b3a4a148bde96c41d449044b5be8eceed457b0e054d0e77174f6297c13671f40eaa2a627c50ce1fff3872f84efc08674"
    "ad38226d03c2387091384bb88c589f8e07db3799013bc2d2f268936765657591558929444a3223bd734ecd9f97ebfbd5accedde75790df1e"
    "a967630d4d402a46873c163631ec2d34ce486afa941704491a2a5fdd763288e92064e58f010782811ed35a681dfa23e01f9013e242c2b566"
    "801abe5e0200658fc14ac3401086776636e9248d252e1ed62d48eda90896b4d04b2e7a140fd25748b468296d450bfa181ef558f4e653f808"
    "be860f20f5a24e531b0f9d85e59bf9fffd87658a1f3db7c514bfa37d81c633b4a8d9e3c85400497b95c8e1f0c2e949361e38effa66783e70"
    "98cd9c9e6597b78eeeaea60ea7a3866aa9443599754995926a423b098a1afccdaa1c1af037ac46b622070eee1d8c4b75ed8bb86a30ac6ebc"
    "62a672a6569450aa99fa2a8d988ccf18fb3692ce3036a390a69381595e3283d432764de81d26ed6ecf50a7dd73ba2328ca1ed3a9b5aaf139"
    "7ffdfeca5b4f8b9f5541f2f6512fb2b10fb9cf2a468b694db23984cc406eb5a87aa9a6fb0cae1ea8a21647db6bd85d8358fe63c082c4c032"
    "66646064b15802c50764857401e30185007d387e383b81dcebb6e5fc0208b2021001188080042202000c28b001300682f403034f524319";

std::string Bytes(std::string_view hex) {
  std::string bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}

/// A stream that stands in memory.
class Runs {
 public:
  explicit Runs(std::string_view hex) : bytes_(Bytes(hex)) {
    read_ = [this](uint64_t offset, char* to, size_t most) -> Result<size_t> {
      return bytes_.copy(to, most, std::min<size_t>(offset, bytes_.size()));
    };
  }
  data::OrcBytes Stream() { return data::OrcBytes(read_, data::OrcPacking::kNone, 1 << 18, 0, bytes_.size(), fault_); }
  std::vector<int64_t> Ints(int count, bool second, bool is_signed) {
    data::OrcInts ints(Stream(), second, is_signed);
    std::vector<int64_t> values;
    while (count-- > 0) values.push_back(ints.Next());
    return values;
  }
  const data::OrcFault& fault() const { return fault_; }

 private:
  std::string bytes_;
  data::ReadAt read_;
  data::OrcFault fault_;
};

using Numbers = std::vector<int64_t>;

TEST(OrcRuns, ExamplesOfTheSpecification) {
  EXPECT_EQ(Runs("610007").Ints(100, false, false), Numbers(100, 7));
  Numbers down;
  for (int64_t i = 100; i > 0; --i) down.push_back(i);
  EXPECT_EQ(Runs("61ff64").Ints(100, false, false), down);
  EXPECT_EQ(Runs("fb020304070b").Ints(5, false, false), (Numbers{2, 3, 4, 7, 11}));
  EXPECT_EQ(Runs("0a2710").Ints(5, true, false), Numbers(5, 10'000));
  EXPECT_EQ(Runs("5e035ca1ab1edeadbeef").Ints(4, true, false), (Numbers{23713, 43806, 57005, 48879}));
  Numbers patched{2030, 2000, 2020, 1'000'000};
  for (int64_t i = 2040; i <= 2190; i += 10) patched.push_back(i);
  EXPECT_EQ(Runs("8e132b2107d01e00147028323c46505a646e78828c96a0aab4befce8").Ints(20, true, false), patched);
  EXPECT_EQ(Runs("c609020222424246").Ints(10, true, false), (Numbers{2, 3, 5, 7, 11, 13, 17, 19, 23, 29}));
  Runs bytes("6100fe4445");
  data::OrcByteRuns runs(bytes.Stream());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(runs.Next(), 0);
  EXPECT_EQ(runs.Next(), 0x44);
  EXPECT_EQ(runs.Next(), 0x45);
  Runs bits("ff80");
  data::OrcBits truths(bits.Stream());
  EXPECT_TRUE(truths.Next());
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(truths.Next());
}

TEST(OrcRuns, WhatEndsEarlyIsAFault) {
  for (const char* hex : {"", "61", "6100", "0a", "5e03", "8e092b2107", "c609", "80"}) {
    Runs runs(hex);
    runs.Ints(3, true, true);
    EXPECT_TRUE(runs.fault().failed()) << hex;
  }
  Runs behind("8e092b21070000");
  behind.Ints(1, true, true);
  EXPECT_TRUE(behind.fault().failed());
}

struct Outcome {
  int64_t rows = 0;
  std::string error, message;
};

void Release(ArrowArray& array, ArrowSchema& schema) {
  if (array.release != nullptr) array.release(&array);
  if (schema.release != nullptr) schema.release(&schema);
}

class OrcStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    file_.path = testing::TempDir() + "/orc_stream_" + std::to_string(getpid()) + ".orc";
    file_.origin = "in/a.orc";
  }
  void TearDown() override { std::filesystem::remove(file_.path); }

  void Write(const std::string& bytes) { std::ofstream(file_.path, std::ios::binary) << bytes; }

  Outcome Read(const std::string& bytes) {
    Write(bytes);
    auto input = OpenInput("t", file_, {});
    if (!input.ok()) return {0, input.error().code(), input.error().message()};
    std::vector<component::SourceColumn> columns;
    for (size_t i = 0; i < (*input)->names.size(); ++i)
      columns.push_back({(*input)->names[i], LakeType(*(*input)->types[i]), ""});
    auto stream = OrcStream::Make(
        std::make_shared<OrcStripes>("t", std::move(columns), std::vector<component::InputFile>{file_}, nullptr));
    if (!stream.ok()) return {0, stream.error().code(), stream.error().message()};
    while (true) {
      ArrowArray array{};
      ArrowSchema schema{};
      const auto more = (*stream)->Next(&array, &schema);
      if (!more.ok()) return {0, more.error().code(), more.error().message()};
      if (!*more) return {(*stream)->rows_read(), "", ""};
      Release(array, schema);
    }
  }

  component::InputFile file_;
};

TEST_F(OrcStreamTest, RowsOfAFile) {
  for (const char* hex : {kPlain, kPacked}) {
    Write(Bytes(hex));
    OrcStripes stripes("t", {}, {file_}, nullptr);
    const auto rows = std::move(*stripes.Next());
    std::vector<OrcValue> values;
    std::string all;
    while (*rows->Next(values)) {
      for (size_t i = 0; i < values.size(); ++i)
        AppendJson(values[i], *rows->input().types[i], all += i == 0 ? "\n" : " ");
    }
    EXPECT_EQ(all, R"(
1 "one" 1.50 "2023-11-14T22:13:20.123456" ["a","b"] {"x":1.5,"m":{"k":1}} true
2 "one" null "1969-12-31T23:59:59.999999" [] null null
3 null -0.25 "2023-11-14T22:13:20.000000001" null {"x":null,"m":{}} false)");
  }
}

TEST_F(OrcStreamTest, EveryCutIsAnError) {
  const std::string whole = Bytes(kPacked);
  EXPECT_EQ(Read(whole).rows, 3);
  for (size_t length = 0; length < whole.size(); length += length < 1'000 ? 7 : 1)
    EXPECT_EQ(Read(whole.substr(0, length)).error, "SRC-350") << length;
}

TEST_F(OrcStreamTest, DamageIsAnErrorOrHasAllRows) {
  std::mt19937 random(7);
  int errors = 0;
  for (int round = 0; round < 1'500; ++round) {
    std::string damaged = Bytes(round % 2 == 0 ? kPlain : kPacked);
    for (size_t flips = 1 + random() % 3; flips > 0; --flips)
      damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
    const Outcome outcome = Read(damaged);
    if (outcome.error.empty()) {
      EXPECT_EQ(outcome.rows, 3);
      continue;
    }
    ++errors;
    EXPECT_TRUE(outcome.error == "SRC-350" || outcome.error == "SRC-351") << outcome.error << " " << outcome.message;
    EXPECT_NE(outcome.message.find("in/a.orc"), std::string::npos);
  }
  EXPECT_GT(errors, 400);
}

}  // namespace
}  // namespace leat::components::orc
