#include "base/nearest.h"
#include "io/s3/sign.h"
#include "project/column_mask.h"
#include "project/reader.h"

// `mask:` of the columns of source tables.
namespace leat::project {
namespace {

/// Differs with the mask and each of its arguments. A cryptographic hash: a secret is among them.
std::string MarkOf(const component::Spec& spec, const config::Values& values) {
  std::string text = "mask " + spec.name;
  for (const config::FieldSpec& field : spec.fields) {
    const std::string value = values.items.contains(field.name) ? values.Text(field.name) : "";
    text += fmt::format(" {}:{}:{}", field.name, value.size(), value);
  }
  return spec.name + " " + io::s3::Hex(io::s3::Sha256(text)).substr(0, 16);
}

class MaskReader {
 public:
  MaskReader(ReadState& state, const Asset& asset, const ColumnInfo& column)
      : state_(state), asset_(asset), column_(column) {}

  std::shared_ptr<const ColumnMask> Read(const config::Node& node) {
    config::Node arguments{
        .kind = config::Node::Kind::kMap, .scalar = "", .items = {}, .members = {}, .span = node.span};
    const config::Node* type = node.is_map() ? node.Find("type") : &node;
    if (type == nullptr || !type->is_scalar() || type->is_null()) {
      Report("PROJ-223", "a mask is a name, or a map with its `type`", "write  mask: fixed  or  mask: { type: fixed }",
             type == nullptr ? node.span : type->span);
      return nullptr;
    }
    const component::Spec* spec = component::FindSpec("mask", type->scalar);
    if (spec == nullptr) {
      const auto names = component::SpecNames("mask");
      std::string all;
      for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
      const std::string near = DidYouMean(type->scalar, names);
      Report("PROJ-223", fmt::format("unknown mask '{}'", type->scalar),
             (near.empty() ? "" : near + "\n") + "masks: " + all, type->span);
      return nullptr;
    }
    for (const config::Node::Member& member : node.members) {
      if (member.key != "type") arguments.members.push_back(member);
    }
    const size_t before = state_.findings.errors.size();
    const config::Values values =
        config::Validate(arguments, spec->fields,
                         fmt::format("mask {} of column '{}' of table '{}'", spec->name, column_.name, asset_.name),
                         state_.env, state_.findings);
    if (state_.findings.errors.size() > before) return nullptr;
    auto made = spec->make_mask(values);
    if (!made.ok()) {
      Error error = std::move(made).error().In(fmt::format("table '{}', column '{}'", asset_.name, column_.name));
      state_.findings.Add(error.where().known() ? std::move(error) : std::move(error).At(node.span));
      return nullptr;
    }
    auto mask = std::make_shared<ColumnMask>();
    mask->spec = spec;
    mask->instance = std::move(made).value();
    mask->mark = MarkOf(*spec, values);
    mask->where = node.span;
    return mask;
  }

 private:
  void Report(const char* code, const std::string& message, std::string hint, const SourceSpan& where) {
    state_.findings.Add(
        MakeError(code, ErrorKind::kConfig, "table '{}', column '{}': {}", asset_.name, column_.name, message)
            .WithHint(std::move(hint))
            .At(where));
  }

  ReadState& state_;
  const Asset& asset_;
  const ColumnInfo& column_;
};

}  // namespace

void ReadMasks(ReadState& state, Asset& asset, const config::Values& values) {
  const std::vector<config::Values> entries = values.Objects("columns");
  bool any = false;
  for (size_t i = 0; i < entries.size() && i < asset.columns.size(); ++i) {
    const config::Node* node = entries[i].items.contains("mask") ? entries[i].Raw("mask") : nullptr;
    if (node == nullptr) continue;
    any = true;
    asset.columns[i].mask = MaskReader(state, asset, asset.columns[i]).Read(*node);
  }
  if (any && asset.source->source.files && state.settings.archive) {
    state.findings.Warn(
        MakeError("PROJ-224", ErrorKind::kConfig,
                  "table '{}': its files are kept in the landing folder as they came, without masks", asset.name)
            .WithHint("`archive: false` in leat.yml keeps none; who may read the folder sees every value")
            .At(asset.where));
  }
}

}  // namespace leat::project
