#include "components/source/orc/orc_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/json_quoted.h"
#include "component/text_cell.h"
#include "data/text_bytes.h"

namespace leat::components::orc {
namespace {

using data::OrcKind;
using data::OrcType;
using data::TypeId;

constexpr size_t kMostJson = size_t{1} << 30;

bool IsNull(const OrcValue& value) { return !value.nested && value.leaf.form == component::Leaf::Form::kNull; }

class TypedWriter {
 public:
  TypedWriter(std::string& out, std::string& refused) : out_(out), refused_(refused) {}

  void Value(const OrcValue& value, const OrcType& type, const data::Type& lake) {
    if (out_.size() > kMostJson) return Refuse("a value of more than 1 GB");
    if (IsNull(value)) {
      out_ += "null";
    } else if (!value.nested) {
      Scalar(value.leaf, lake);
    } else if (type.kind == OrcKind::kStruct && lake.id == TypeId::kStruct) {
      Struct(value, type, lake);
    } else if (type.kind == OrcKind::kList && lake.id == TypeId::kList) {
      for (size_t i = 0; i < value.count; ++i) {
        out_ += i == 0 ? '[' : ',';
        Value(value.parts[i], type.parts[0], *lake.fields[0].type);
      }
      out_ += value.count == 0 ? "[]" : "]";
    } else if (type.kind == OrcKind::kMap && lake.id == TypeId::kMap) {
      Map(value, type, lake);
    } else {
      std::string text;
      AppendJson(value, type, text);
      if (lake.id != TypeId::kString) Refuse(component::NotExactly(text, lake));
      out_ += JsonQuoted(text);
    }
  }

 private:
  void Refuse(std::string what) {
    if (refused_.empty()) refused_ = std::move(what);
  }

  void Scalar(const component::Leaf& leaf, const data::Type& lake) {
    const auto text = component::LeafTextAs(leaf, lake);
    if (!text) {
      Refuse(component::NotExactly(component::LeafText(leaf), lake));
      out_ += "null";
      return;
    }
    const bool raw = lake.id == TypeId::kBoolean || lake.id == TypeId::kInt || lake.id == TypeId::kLong;
    out_ += raw ? *text : JsonQuoted(*text);
  }

  void Struct(const OrcValue& value, const OrcType& type, const data::Type& lake) {
    out_ += '{';
    bool first = true;
    for (size_t i = 0; i < value.count; ++i) {
      const std::string& name = type.names[i];
      const auto member = std::find_if(lake.fields.begin(), lake.fields.end(),
                                       [&](const data::Field& one) { return one.name == name; });
      if (member == lake.fields.end()) {
        std::string dropped;
        AppendJson(value.parts[i], type.parts[i], dropped);
        if (dropped != "null")
          Refuse(fmt::format("the member {} is not one of {}: {}", name, data::TypeName(lake), dropped));
        continue;
      }
      if (!first) out_ += ',';
      first = false;
      out_ += JsonQuoted(name) + ":";
      Value(value.parts[i], type.parts[i], *member->type);
    }
    out_ += '}';
  }

  void Map(const OrcValue& value, const OrcType& type, const data::Type& lake) {
    std::set<std::string> keys;
    out_ += '{';
    for (size_t i = 0; i + 1 < value.count; i += 2) {
      const component::Leaf& key = value.parts[i].leaf;
      const auto text = IsNull(value.parts[i]) ? std::nullopt : component::LeafTextAs(key, *lake.fields[0].type);
      if (!text)
        Refuse(IsNull(value.parts[i])
                   ? "a key of a map is NULL"
                   : "a key of a map: " + component::NotExactly(component::LeafText(key), *lake.fields[0].type));
      else if (!keys.insert(*text).second)
        Refuse("the key '" + data::ReadableText(*text, 100) + "' comes twice in a map");
      out_ += (i == 0 ? "" : ",") + JsonQuoted(text.value_or("")) + ":";
      Value(value.parts[i + 1], type.parts[1], *lake.fields[1].type);
    }
    out_ += '}';
  }

  std::string& out_;
  std::string& refused_;
};

}  // namespace

void AppendJson(const OrcValue& value, const OrcType& type, std::string& out) {
  if (!value.nested) {
    out += component::LeafJson(value.leaf);
    return;
  }
  if (out.size() > kMostJson) return;
  const bool list = type.kind == OrcKind::kList;
  out += list ? '[' : '{';
  for (size_t i = 0; i < value.count; ++i) {
    const OrcValue& part = value.parts[i];
    const bool is_key = type.kind == OrcKind::kMap && i % 2 == 0;
    if (i > 0 && (type.kind != OrcKind::kMap || is_key)) out += ',';
    if (is_key) {
      std::string key = component::LeafText(part.leaf);
      if (part.nested) AppendJson(part, type.parts[0], key = "");
      out += JsonQuoted(data::ReadableText(key)) + ":";
      continue;
    }
    if (type.kind == OrcKind::kStruct) out += JsonQuoted(type.names[i]) + ":";
    if (type.kind == OrcKind::kUnion) out += "\"" + std::to_string(value.tag) + "\":";
    const size_t inside = type.kind == OrcKind::kStruct  ? i
                          : type.kind == OrcKind::kUnion ? value.tag
                          : type.kind == OrcKind::kMap   ? 1
                                                         : 0;
    AppendJson(part, type.parts[inside], out);
  }
  out += list ? ']' : '}';
}

void AppendJsonAs(const OrcValue& value, const OrcType& type, const data::Type& lake, std::string& out,
                  std::string& refused) {
  TypedWriter(out, refused).Value(value, type, lake);
}

}  // namespace leat::components::orc
