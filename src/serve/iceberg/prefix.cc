#include "serve/iceberg/prefix.h"

#include <charconv>

namespace leat::serve::iceberg {

namespace {

std::string Encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string encoded;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '.';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
  }
  return encoded;
}

std::string Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    int byte = 0;
    if (text[i] == '.' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

Error NoWarehouse(std::string_view asked, std::string_view name) {
  return MakeError("SERVE-301", ErrorKind::kNotFound, "there is no warehouse '{}' here", asked)
      .WithHint(fmt::format(
          "use '{0}', or '{0}@<ref>' with env/<name>, tag/<name>, run/<id>, commit/<n>, snapshot or a time", name));
}

}  // namespace

Result<std::string> PrefixOfWarehouse(lake::Catalog& catalog, std::string_view warehouse) {
  const std::string& own = catalog.options().warehouse_name;
  const size_t at = warehouse.find('@');
  const std::string_view name = warehouse.substr(0, at);
  if (!name.empty() && name != own) return NoWarehouse(warehouse, own);
  const std::string_view ref = at == std::string_view::npos ? std::string_view() : warehouse.substr(at + 1);
  LEAT_ASSIGN(const lake::View view, catalog.Resolve(ref));
  const std::string base = Encode(own);
  if (ref.empty() || ref == "main") return base;
  for (const std::string_view kind : {"run", "env", "tag"}) {
    if (ref.size() > kind.size() && ref.substr(0, kind.size()) == kind && ref[kind.size()] == '/') {
      return base + "~" + std::string(kind) + "~" + Encode(ref.substr(kind.size() + 1));
    }
  }
  return base + "~c~" + std::to_string(view.commit);
}

std::string WarehouseOfPrefix(std::string_view prefix) { return Decode(prefix.substr(0, prefix.find('~'))); }

Result<std::string> RefTextOfPrefix(std::string_view warehouse_name, std::string_view prefix) {
  const size_t first = prefix.find('~');
  if (WarehouseOfPrefix(prefix) != warehouse_name) return NoWarehouse(prefix, warehouse_name);
  if (first == std::string_view::npos) return std::string("main");
  const std::string_view rest = prefix.substr(first + 1);
  const size_t second = rest.find('~');
  const std::string_view kind = rest.substr(0, second);
  const std::string name = second == std::string_view::npos ? std::string() : Decode(rest.substr(second + 1));
  if (name.empty()) return NoWarehouse(prefix, warehouse_name);
  if (kind == "c") return "commit/" + name;
  if (kind == "run" || kind == "env" || kind == "tag") return std::string(kind) + "/" + name;
  return NoWarehouse(prefix, warehouse_name);
}

}  // namespace leat::serve::iceberg
