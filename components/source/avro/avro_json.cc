#include "components/source/avro/avro_json.h"

#include <algorithm>
#include <set>

#include "base/json_quoted.h"
#include "component/text_cell.h"
#include "components/source/avro/avro_type.h"
#include "data/text_bytes.h"

namespace leat::components::avro {
namespace {

using data::AvroDecoder;
using data::AvroField;
using data::AvroKind;
using data::AvroSchema;
using data::TypeId;

std::string BranchName(const AvroSchema& branch) {
  return branch.name.empty() ? std::string(data::AvroKindName(branch.kind)) : branch.name;
}

class TypedWriter {
 public:
  TypedWriter(AvroDecoder& in, std::string& out, std::string& refused) : in_(in), out_(out), refused_(refused) {}

  void Value(const AvroSchema& schema, const data::Type& type) {
    if (schema.kind == AvroKind::kLink) return Value(*schema.link, type);
    if (schema.kind == AvroKind::kUnion && !IsTagged(schema)) {
      if (const AvroSchema* branch = data::TakeAvroBranch(in_, schema)) Value(*branch, type);
      return;
    }
    if (schema.kind == AvroKind::kNull) {
      out_ += "null";
      return;
    }
    if (schema.kind < AvroKind::kArray) return Scalar(schema, type);
    if (schema.kind == AvroKind::kRecord && type.id == TypeId::kStruct) return Record(schema, type);
    if (schema.kind == AvroKind::kArray && type.id == TypeId::kList) return Array(schema, type);
    if (schema.kind == AvroKind::kMap && type.id == TypeId::kMap) return Map(schema, type);
    std::string text;
    AppendJson(in_, schema, text);
    const bool null = text == "null";
    if (!null && type.id != TypeId::kString) Refuse(component::NotExactly(text, type));
    out_ += null ? text : JsonQuoted(text);
  }

 private:
  void Refuse(std::string what) {
    if (refused_.empty()) refused_ = std::move(what);
  }

  void Scalar(const AvroSchema& schema, const data::Type& type) {
    ReadLeaf(in_, schema, leaf_);
    if (in_.failed()) return;
    const auto text = component::LeafTextAs(leaf_, type);
    if (!text) {
      Refuse(component::NotExactly(component::LeafText(leaf_), type));
      out_ += "null";
      return;
    }
    const bool raw = type.id == TypeId::kBoolean || type.id == TypeId::kInt || type.id == TypeId::kLong;
    out_ += raw ? *text : JsonQuoted(*text);
  }

  void Record(const AvroSchema& schema, const data::Type& type) {
    if (!in_.Enter()) return;
    out_ += '{';
    bool first = true;
    for (const AvroField& field : schema.fields) {
      const auto member = std::find_if(type.fields.begin(), type.fields.end(),
                                       [&](const data::Field& one) { return one.name == field.name; });
      if (member == type.fields.end()) {
        std::string dropped;
        AppendJson(in_, *field.schema, dropped);
        if (dropped != "null")
          Refuse(fmt::format("the member {} is not one of {}: {}", field.name, data::TypeName(type), dropped));
        continue;
      }
      if (!first) out_ += ',';
      first = false;
      out_ += JsonQuoted(field.name) + ":";
      Value(*field.schema, *member->type);
    }
    out_ += '}';
    in_.Leave();
  }

  void Array(const AvroSchema& schema, const data::Type& type) {
    if (!in_.Enter()) return;
    out_ += '[';
    bool first = true;
    const AvroSchema& item = *schema.branches[0];
    data::EachAvroItem(in_, item.least_bytes(), [&] {
      if (!first) out_ += ',';
      first = false;
      Value(item, *type.fields[0].type);
    });
    out_ += ']';
    in_.Leave();
  }

  void Map(const AvroSchema& schema, const data::Type& type) {
    if (!in_.Enter()) return;
    out_ += '{';
    std::set<std::string_view> keys;
    const AvroSchema& item = *schema.branches[0];
    data::EachAvroItem(in_, item.least_bytes() + 1, [&] {
      const std::string_view key = in_.Bytes();
      if (!keys.insert(key).second) Refuse("the key '" + data::ReadableText(key, 100) + "' comes twice in a map");
      if (!data::IsUtf8(key)) Refuse("the key '" + data::ReadableText(key, 100) + "' is not UTF-8");
      out_ += (keys.size() > 1 ? "," : "") + JsonQuoted(data::ReadableText(key)) + ":";
      Value(item, *type.fields[1].type);
    });
    out_ += '}';
    in_.Leave();
  }

  AvroDecoder& in_;
  std::string& out_;
  std::string& refused_;
  Leaf leaf_;
};

}  // namespace

void AppendJson(AvroDecoder& in, const AvroSchema& schema, std::string& out) {
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ',';
    first = false;
  };
  switch (schema.kind) {
    case AvroKind::kLink: return AppendJson(in, *schema.link, out);
    case AvroKind::kUnion: {
      const AvroSchema* branch = data::TakeAvroBranch(in, schema);
      if (branch == nullptr) return;
      const bool tagged = branch->kind != AvroKind::kNull && IsTagged(schema);
      if (tagged) out += "{" + JsonQuoted(BranchName(*branch)) + ":";
      AppendJson(in, *branch, out);
      if (tagged) out += '}';
      return;
    }
    case AvroKind::kRecord:
      if (!in.Enter()) return;
      out += '{';
      for (const AvroField& field : schema.fields) {
        comma();
        out += JsonQuoted(field.name) + ":";
        AppendJson(in, *field.schema, out);
      }
      out += '}';
      return in.Leave();
    case AvroKind::kArray:
    case AvroKind::kMap: {
      if (!in.Enter()) return;
      const bool keys = schema.kind == AvroKind::kMap;
      const AvroSchema& item = *schema.branches[0];
      out += keys ? '{' : '[';
      data::EachAvroItem(in, item.least_bytes() + (keys ? 1 : 0), [&] {
        comma();
        if (keys) out += JsonQuoted(data::ReadableText(in.Bytes())) + ":";
        AppendJson(in, item, out);
      });
      out += keys ? '}' : ']';
      return in.Leave();
    }
    default: {
      Leaf leaf;
      ReadLeaf(in, schema, leaf);
      out += component::LeafJson(leaf);
    }
  }
}

void AppendJsonAs(AvroDecoder& in, const AvroSchema& schema, const data::Type& type, std::string& out,
                  std::string& refused) {
  TypedWriter(in, out, refused).Value(schema, type);
}

}  // namespace leat::components::avro
