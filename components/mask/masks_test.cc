#include <gtest/gtest.h>

#include "base/secret.h"
#include "component/spec.h"
#include "config/field.h"
#include "sql/engine.h"

namespace leat::component {
namespace {

const data::TypePtr kText = data::Primitive(data::TypeId::kString);
const data::TypePtr kLong = data::Primitive(data::TypeId::kLong);
const data::TypePtr kDouble = data::Primitive(data::TypeId::kDouble);
const data::TypePtr kDate = data::Primitive(data::TypeId::kDate);
const data::TypePtr kUuid = data::Primitive(data::TypeId::kUuid);
const data::TypePtr kBinary = data::Primitive(data::TypeId::kBinary);

constexpr const char* kSalt = "salt: 'sixteen letters!'";

Result<std::unique_ptr<Mask>> MakeOf(const std::string& name, const std::string& arguments) {
  const Spec* spec = FindSpec("mask", name);
  EXPECT_NE(spec, nullptr) << name;
  config::Findings findings;
  const auto values =
      config::Validate(config::ParseYaml(arguments, "arguments.yml").value(), spec->fields, name, {}, findings);
  EXPECT_TRUE(findings.ok()) << findings.ToError().ToString();
  return spec->make_mask(values);
}

// What a mask makes of one value, as text. The hashes are those of sha256sum over salt and value.
struct Case {
  const char* name;
  const char* mask;
  const char* arguments;  // YAML
  data::TypePtr type;
  const char* value;     // SQL
  const char* expected;  // null: NULL
};

class MaskTest : public testing::TestWithParam<Case> {
 protected:
  static sql::Connection& Db() {
    static const auto engine = [] {
      sql::EngineOptions options;
      options.private_folder = testing::TempDir() + "leat-masks";
      options.memory_limit_bytes = 256 << 20;
      options.threads = 1;
      return sql::Engine::Open(options).value();
    }();
    static const auto connection = engine->Connect().value();
    return *connection;
  }
};

TEST_P(MaskTest, MasksTheValue) {
  const Case& c = GetParam();
  const auto mask = MakeOf(c.mask, c.arguments);
  ASSERT_TRUE(mask.ok()) << mask.error().ToString();
  ASSERT_NE((*mask)->TypeOf(c.type), nullptr);
  const auto rows =
      Db().Query("SELECT (" + (*mask)->Masked("v", *c.type) + ")::VARCHAR FROM (SELECT " + c.value + " AS v)");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(rows->At(0, 0), c.expected == nullptr ? std::nullopt : std::optional<std::string>(c.expected));
}

INSTANTIATE_TEST_SUITE_P(
    Values, MaskTest,
    testing::Values(Case{"text", "sha256", kSalt, kText, "'ann@example.org'",
                         "f30a78f19c16b12e637a89d1df1578e90b0254537d8387fface72e7dc1541ddd"},
                    Case{"letters", "sha256", kSalt, kText, "'Zoë'",
                         "d2a5708c1878d977563b894b88176aabd98cb6cd6dbacc96b8e085dde7e0b64a"},
                    Case{"empty", "sha256", kSalt, kText, "''",
                         "68fb0c55b0d37de08a6ccb93ae2fa4ca9fcdc6d2fdf37417af3c550f6e39fc4a"},
                    Case{"number", "sha256", kSalt, kLong, "42::BIGINT",
                         "27c1e32f723e1b7722039af846abb07f0c4cb521adc462121a1f08d47fc3d757"},
                    Case{"digits", "sha256", kSalt, kText, "'42'",
                         "27c1e32f723e1b7722039af846abb07f0c4cb521adc462121a1f08d47fc3d757"},
                    Case{"whole_decimal", "sha256", kSalt, data::Decimal(38, 0), "42::DECIMAL(38,0)",
                         "27c1e32f723e1b7722039af846abb07f0c4cb521adc462121a1f08d47fc3d757"},
                    Case{"negative", "sha256", kSalt, kLong, "(-9223372036854775808)::BIGINT",
                         "447f436a29e05cee8e2faca6926dee943082fb4b24b2127925003148d5cee084"},
                    Case{"uuid", "sha256", kSalt, kUuid, "'00112233-4455-6677-8899-AABBCCDDEEFF'::UUID",
                         "2b66093ab9098c4cde89006d969980b2870588dcf1832df1676d69abe32d47c3"},
                    Case{"bytes", "sha256", kSalt, kBinary, "unhex('00ff')",
                         "593cf6d280dcd2df0248af4d1dc50b1de6c44f3a3a5a05e84e3fb8ddbca505f6"},
                    Case{"no_text", "sha256", kSalt, kText, "NULL::VARCHAR", nullptr},
                    Case{"no_bytes", "sha256", kSalt, kBinary, "NULL::BLOB", nullptr},
                    Case{"fixed", "fixed", "{}", kText, "'ann@example.org'", "***"},
                    Case{"fixed_number", "fixed", "{}", kDouble, "0.5::DOUBLE", "***"},
                    Case{"fixed_own", "fixed", "text: \"it's\"", kDate, "DATE '2026-01-01'", "it's"},
                    Case{"fixed_null", "fixed", "{}", kText, "NULL::VARCHAR", nullptr},
                    Case{"nothing", "nothing", "{}", kText, "'ann@example.org'", nullptr},
                    Case{"no_day", "nothing", "{}", kDate, "DATE '2026-01-01'", nullptr}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_P(MaskTest, GivesTheTypeThatItSays) {
  const Case& c = GetParam();
  const auto mask = MakeOf(c.mask, c.arguments);
  ASSERT_TRUE(mask.ok());
  const bool same = (*mask)->TypeOf(c.type)->id == c.type->id;
  const auto rows =
      Db().Query("SELECT typeof(" + (*mask)->Masked("v", *c.type) + "), typeof(v) FROM (SELECT " + c.value + " AS v)");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(rows->At(0, 0), same ? rows->At(0, 1) : std::optional<std::string>("VARCHAR"));
}

TEST(Masks, SayWhatTypeComesOut) {
  const auto hash = MakeOf("sha256", kSalt);
  ASSERT_TRUE(hash.ok());
  for (const auto& type : {kText, kLong, kUuid, kBinary}) EXPECT_EQ((*hash)->TypeOf(type)->id, data::TypeId::kString);
  for (const auto& type : {kDouble, kDate, data::Decimal(9, 2)})
    EXPECT_EQ((*hash)->TypeOf(type), nullptr) << data::TypeName(*type);
  EXPECT_EQ(MakeOf("fixed", "{}").value()->TypeOf(kDate)->id, data::TypeId::kString);
  EXPECT_EQ(MakeOf("nothing", "{}").value()->TypeOf(kDate)->id, data::TypeId::kDate);
}

TEST(Masks, ASaltThatCanBeGuessedIsRefused) {
  const auto short_salt = MakeOf("sha256", "salt: 'fifteen letters'");
  ASSERT_FALSE(short_salt.ok());
  EXPECT_EQ(short_salt.error().code(), "CMP-111");
  EXPECT_EQ(short_salt.error().ToString().find("fifteen"), std::string::npos);
}

// A message of the engine may quote the statement.
TEST(Masks, TheSaltIsNotShownInSql) {
  const auto hash = MakeOf("sha256", "salt: 'never to be seen 1'");
  ASSERT_TRUE(hash.ok());
  const std::string sql = (*hash)->Masked("v", *kText);
  EXPECT_EQ(sql.find("never to be seen"), std::string::npos);
  EXPECT_NE(MaskSecrets(sql).find("unhex('***')"), std::string::npos) << MaskSecrets(sql);
}

TEST(Masks, EachIsSpecified) {
  const auto names = SpecNames("mask");
  EXPECT_EQ(names, (std::vector<std::string>{"fixed", "nothing", "sha256"}));
  for (const std::string& name : names) EXPECT_EQ(FindSpec("mask", name)->mask.keeps_equal, name == "sha256");
}

}  // namespace
}  // namespace leat::component
