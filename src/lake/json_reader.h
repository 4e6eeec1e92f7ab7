#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace leat::lake {

/// Reads members of one JSON object with errors that name the object and the member. The first error stays; the caller asks
/// for it once at the end. Only for .cc files (it includes the whole JSON library).
class JsonReader {
 public:
  /// `what` names the object in errors ("snapshot"); `code` and `kind` are those of the errors.
  JsonReader(const nlohmann::json& object, std::string what, std::string code, ErrorKind kind)
      : object_(object), what_(std::move(what)), code_(std::move(code)), kind_(kind) {
    if (!object.is_object()) Fail("an object was expected");
  }

  bool Has(const char* name) const { return Find(name) != nullptr; }
  /// Null when the member is missing or null.
  const nlohmann::json* Find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto it = object_.find(name);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }
  const nlohmann::json* Required(const char* name) {
    const nlohmann::json* member = Find(name);
    if (member == nullptr) Fail(fmt::format("the member \"{}\" is missing", name));
    return member;
  }

  int64_t Int(const char* name) { return AsInt(Required(name), name); }
  int64_t Int(const char* name, int64_t otherwise) { return Has(name) ? AsInt(Find(name), name) : otherwise; }
  int SmallInt(const char* name) { return AsSmallInt(Required(name), name); }
  int SmallInt(const char* name, int otherwise) { return Has(name) ? AsSmallInt(Find(name), name) : otherwise; }
  std::optional<int64_t> OptionalInt(const char* name) {
    return Has(name) ? std::optional(AsInt(Find(name), name)) : std::nullopt;
  }
  std::optional<int> OptionalSmallInt(const char* name) {
    return Has(name) ? std::optional(AsSmallInt(Find(name), name)) : std::nullopt;
  }
  std::string Text(const char* name) { return AsText(Required(name), name); }
  std::string Text(const char* name, const std::string& otherwise) {
    return Has(name) ? AsText(Find(name), name) : otherwise;
  }
  const nlohmann::json& Array(const char* name) {
    static const nlohmann::json kEmpty = nlohmann::json::array();
    const nlohmann::json* member = Required(name);
    if (member == nullptr) return kEmpty;
    if (!member->is_array()) {
      Fail(fmt::format("the member \"{}\" is not a list", name));
      return kEmpty;
    }
    return *member;
  }

  void Fail(std::string_view why) {
    if (status_.ok()) status_ = MakeError(code_, kind_, "{}: {}", what_, why);
  }
  void Check(Status status) {
    if (status_.ok() && !status.ok()) status_ = std::move(status).error().In(what_);
  }
  template <typename T>
  T Take(Result<T> result, T otherwise = {}) {
    if (result.ok()) return std::move(result).value();
    Check(std::move(result).error());
    return otherwise;
  }
  /// The first error, given away.
  Status Finish() { return std::move(status_); }
  bool ok() const { return status_.ok(); }

 private:
  int64_t AsInt(const nlohmann::json* member, const char* name) {
    if (member == nullptr) return 0;
    const bool fits = !member->is_number_unsigned() || std::in_range<int64_t>(member->get<uint64_t>());
    if (member->is_number_integer() && fits) return member->get<int64_t>();
    Fail(fmt::format("the member \"{}\" is not a whole number of 64 bits", name));
    return 0;
  }
  int AsSmallInt(const nlohmann::json* member, const char* name) {
    const int64_t number = AsInt(member, name);
    if (std::in_range<int>(number)) return static_cast<int>(number);
    Fail(fmt::format("the member \"{}\" is not a whole number of 32 bits", name));
    return 0;
  }
  std::string AsText(const nlohmann::json* member, const char* name) {
    if (member == nullptr) return {};
    if (member->is_string()) return member->get<std::string>();
    Fail(fmt::format("the member \"{}\" is not text", name));
    return {};
  }

  const nlohmann::json& object_;
  std::string what_;
  std::string code_;
  ErrorKind kind_;
  Status status_;
};

}  // namespace leat::lake
