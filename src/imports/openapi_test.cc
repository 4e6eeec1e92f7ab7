#include <gtest/gtest.h>

#include "config/yaml_text.h"
#include "imports/openapi_document.h"
#include "imports/openapi_pages.h"
#include "imports/openapi_resource.h"

namespace leat::imports {
namespace {

using config::Node;

Node Yaml(const std::string& text) { return config::ParseYaml(text, "d").value(); }

const char kHead[] = "openapi: 3.0.0\npaths: {}\n";

TEST(OpenApiDocument, FollowsReferencesInsideOfIt) {
  const Node root = Yaml(
      std::string(kHead) +
      "a: { $ref: '#/b' }\nb: { $ref: '#/c~1d/x%20y/1' }\nc/d: { x y: [0, { v: 1 }] }\nring: { $ref: "
      "'#/gnir' }\ngnir: { $ref: '#/ring' }\n"
      "far: { $ref: 'other.yml#/a' }\nnone: { $ref: '#/nothing' }\nself: { $ref: '#' }\nodd: { $ref: '#/c~1d/x y/99999999999' }\n");
  const auto document = OpenApiDocument::Make(root, "d");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->Find(document->Find(&root, "a"), "v")->scalar, "1");
  for (const char* key : {"ring", "far", "none", "odd", "missing"})
    EXPECT_EQ(document->Find(&root, key), nullptr) << key;
  EXPECT_EQ(document->Find(&root, "self"), &root);
}

/// "object(a, b)", "list(object(…))", "string".
std::string Shown(const OpenApiDocument& document, const Node* schema) {
  const ApiShape shape = document.ShapeOf(schema);
  std::string text = shape.kind == ApiShape::Kind::kObject ? "object"
                     : shape.kind == ApiShape::Kind::kList ? "list"
                                                           : shape.type;
  std::string inner;
  for (const auto& [name, node] : shape.members) inner += (inner.empty() ? "" : ", ") + name;
  if (shape.items != nullptr) inner += Shown(document, shape.items);
  return inner.empty() ? text : text + "(" + inner + ")";
}

struct Case {
  const char* yaml;
  const char* expected;
};

class ShapeTest : public testing::TestWithParam<Case> {};

TEST_P(ShapeTest, SaysWhatAValueIs) {
  const Node root = Yaml(
      std::string(kHead) + "s: " + GetParam().yaml +
      "\no: { properties: { x: {}, y: {} } }\nr: { allOf: [{ $ref: '#/r' }, { $ref: '#/r' }, { $ref: '#/o' }] }\n");
  EXPECT_EQ(Shown(OpenApiDocument::Make(root, "d").value(), root.Find("s")), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ShapeTest,
    testing::Values(Case{"{ type: string }", "string"}, Case{"{ type: [string, 'null'] }", "string"}, Case{"{}", ""},
                    Case{"{ type: array, items: { $ref: '#/o' } }", "list(object(x, y))"},
                    Case{"{ items: {} }", "list"},
                    Case{"{ allOf: [{ $ref: '#/o' }, { properties: { z: {} } }] }", "object(x, y, z)"},
                    Case{"{ anyOf: [{ $ref: '#/o' }, { type: 'null' }] }", "object(x, y)"},
                    Case{"{ oneOf: [{ $ref: '#/o' }, { properties: { y: {}, z: {} } }] }", "object(y)"},
                    Case{"{ oneOf: [{ $ref: '#/o' }, { type: string }] }", ""}, Case{"{ $ref: '#/r' }", "object(x, y)"},
                    Case{"7", ""}, Case{"[]", ""}));

struct PagesCase {
  const char* params;  ///< "name type, …"
  const char* answer;
  bool link;
  const char* expected;
};

class PagesTest : public testing::TestWithParam<PagesCase> {};

TEST_P(PagesTest, AreFoundByNames) {
  const Node root = Yaml(std::string(kHead) + "get: { parameters: [" + GetParam().params +
                         "] }\nanswer: " + GetParam().answer + "\n");
  const auto document = OpenApiDocument::Make(root, "d").value();
  const auto pages =
      FindPages(document, document.Params(Yaml("{}"), *root.Find("get")), root.Find("answer"), GetParam().link);
  EXPECT_EQ(pages.pagination ? config::YamlFlow(*pages.pagination) : "none", GetParam().expected);
}

constexpr const char* kNextText = "{ properties: { next: { type: string } } }";

INSTANTIATE_TEST_SUITE_P(
    Cases, PagesTest,
    testing::Values(
        PagesCase{"", "{}", false, "none"}, PagesCase{"", kNextText, false, "none"},
        PagesCase{"{ name: q, in: query }", "{}", false, "none"}, PagesCase{"", "{}", true, "{ type: link }"},
        PagesCase{"{ name: Page, in: query, schema: { minimum: 0 } }", "{}", false,
                  "{ type: page, param: Page, start: 0 }"},
        PagesCase{"{ name: page, in: header }", "{}", false, "none"},
        PagesCase{"{ name: page, in: query }, { name: limit, in: query, schema: { maximum: 10 } }", "{}", true,
                  "{ type: link, size_param: limit, size: 10 }"},
        PagesCase{"{ name: cursor, in: query }", kNextText, false, "{ type: cursor, param: cursor, next: $.next }"},
        PagesCase{"{ name: cursor, in: query }", "{}", false, "none"},
        PagesCase{"", "{ properties: { next: { type: string, format: uri } } }", false,
                  "{ type: next_url, next: $.next }"},
        PagesCase{"",
                  "{ properties: { _links: { properties: { next: { properties: { href: { type: string } } } } } } }",
                  false, "{ type: next_url, next: $._links.next.href }"},
        PagesCase{"", "{ properties: { '@odata.nextLink': { type: string } } }", false,
                  "{ type: next_url, next: \"$['@odata.nextLink']\" }"},
        PagesCase{"{ name: offset, in: query }",
                  "{ properties: { page: { properties: { hasMore: { type: boolean } } } } }", false,
                  "{ type: offset, param: offset, more: $.page.hasMore }"}));

struct RowsCase {
  const char* path;
  const char* answer;
  const char* expected;  ///< `records`, or why it is no table
};

class RowsTest : public testing::TestWithParam<RowsCase> {};

TEST_P(RowsTest, AreFoundOrNot) {
  const Node root = Yaml(
      std::string(kHead) +
      "o: { properties: { x: {} } }\nitem: { get: { responses: { '200': { content: { application/json: { schema: " +
      GetParam().answer + " } } } } } }\n");
  const auto document = OpenApiDocument::Make(root, "d").value();
  const Node::Member path{GetParam().path, {}, *root.Find("item")};
  const ApiResource resource = ReadApiResource(document, path, path.value, *path.value.Find("get"));
  const Node* records = resource.request.Find("records");
  EXPECT_EQ(!resource.why_not.empty() ? resource.why_not
            : records == nullptr      ? "$"
                                      : records->scalar,
            GetParam().expected);
}

constexpr const char* kOneThing = "its answer is one thing, no list";

INSTANTIATE_TEST_SUITE_P(
    Cases, RowsTest,
    testing::Values(
        RowsCase{"/a", "{ type: array }", "$"}, RowsCase{"/a/{x}", "{ type: array }", "$"},
        RowsCase{"/a", "{ properties: { as: { items: {} } } }", "$.as"},
        RowsCase{"/a", "{ properties: { x: {} } }", kOneThing},
        RowsCase{"/a", "{ properties: { data: { properties: { as: { items: {} } } } } }", "$.data.as"},
        RowsCase{"/a", "{ properties: { thing: { properties: { as: { items: {} } } } } }", kOneThing},
        RowsCase{"/a/{x}", "{ properties: { tags: { items: { $ref: '#/o' } } } }", kOneThing},
        RowsCase{"/a/{x}", "{ properties: { items: { items: { $ref: '#/o' } } } }", "$.items"},
        RowsCase{"/a", "{ properties: { id: {}, as: { items: {} } } }",
                 "its answer is one thing, no list: it has an id of its own"},
        RowsCase{"/a", "{ properties: { names: { items: { type: string } }, b: { items: { $ref: '#/o' } } } }", "$.b"},
        RowsCase{"/a", "{ properties: { included: { items: { $ref: '#/o' } }, data: { items: { $ref: '#/o' } } } }",
                 "$.data"},
        RowsCase{"/as", "{ properties: { bs: { items: {} }, as: { items: {} } } }", "$.as"},
        RowsCase{"/as", "{ properties: { bs: { items: {} }, cs: { items: {} } } }",
                 "its answer has several lists: write a table for each that you want, `records:` $.bs, $.cs"},
        RowsCase{"/a", "{ properties: { 'odd name': { items: {} } } }", "$['odd name']"}));

TEST(FillPath, ByTheNamesOfARowsMembers) {
  const Node root =
      Yaml(std::string(kHead) + "s: { properties: { id: {}, owner: {}, repo: {}, number: {}, Code: {} } }\n");
  const ApiShape row = OpenApiDocument::Make(root, "d").value().ShapeOf(root.Find("s"));
  const auto filled = [&](const char* path) {
    const auto found = FillPath(path, row);
    return found ? found->path + " " + found->member : "none";
  };
  EXPECT_EQ(filled("/a/{id}/b"), "/a/{parent.id}/b id");
  EXPECT_EQ(filled("/a/{personId}/b"), "/a/{parent.id}/b id");
  EXPECT_EQ(filled("/a/{order_number}/b"), "/a/{parent.number}/b number");
  EXPECT_EQ(filled("/a/{country-code}"), "/a/{parent.Code} Code");
  EXPECT_EQ(filled("/a/{owner}/{repo}/b"), "/a/{parent.owner}/{parent.repo}/b owner");
  EXPECT_EQ(filled("/a/{owner}/b/{repo}"), "none");
  EXPECT_EQ(filled("/a/{personId}/{orderId}"), "none");
  EXPECT_EQ(filled("/a/{slug}"), "none");
  EXPECT_EQ(filled("/a/{x"), "none");
}

TEST(OpenApiDocument, HostileSchemasEndSoon) {
  std::string all = std::string(kHead) + "s0: { properties: { a: { type: string } } }\n";
  for (int i = 1; i < 40; ++i)
    all += fmt::format(
        "s{0}: {{ allOf: [{{ $ref: '#/s{1}' }}, {{ $ref: '#/s{1}' }}], properties: {{ p{0}: {{ $ref: '#/s{1}' }}, q{0}: {{ $ref: '#/s{0}' }} }} }}\n",
        i, i - 1);
  const Node root = Yaml(all);
  const auto document = OpenApiDocument::Make(root, "d").value();
  EXPECT_LE(document.Members(root.Find("s39"), 3).size(), 500U);
}

}  // namespace
}  // namespace leat::imports
