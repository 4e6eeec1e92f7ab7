#include "run/store_events.h"

#include <nlohmann/json.hpp>

namespace leat::run {
namespace {

using nlohmann::json;

const json* Member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// "" where there is no such text.
std::string TextOf(const json* object, const char* name) {
  const json* found = object == nullptr ? nullptr : Member(*object, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Keys of S3's own messages are encoded as fields of forms are: '+' is a space.
std::string Decoded(const std::string& key) {
  std::string text;
  for (size_t i = 0; i < key.size(); ++i) {
    const bool coded = key[i] == '%' && i + 2 < key.size() && Digit(key[i + 1]) >= 0 && Digit(key[i + 2]) >= 0;
    if (coded) text += static_cast<char>(Digit(key[i + 1]) * 16 + Digit(key[i + 2]));
    else text += key[i] == '+' ? ' ' : key[i];
    if (coded) i += 2;
  }
  return text;
}

void Add(const json* bucket, const std::string& key, StoreEvents& events) {
  const std::string name = TextOf(bucket, "name");
  if (!name.empty() && !key.empty()) events.came.push_back("s3://" + name + "/" + key);
}

std::optional<StoreEvents> OfDocument(const json& document) {
  StoreEvents events;
  if (TextOf(&document, "Event") == "s3:TestEvent") return events;
  if (TextOf(&document, "source") == "aws.s3") {  // EventBridge
    const json* detail = Member(document, "detail");
    if (detail == nullptr) return std::nullopt;
    const json* object = Member(*detail, "object");
    if (TextOf(&document, "detail-type") == "Object Created")
      Add(Member(*detail, "bucket"), TextOf(object, "key"), events);
    return events;
  }
  const json* records = Member(document, "Records");
  if (records == nullptr || !records->is_array()) return std::nullopt;
  for (const json& record : *records) {
    const json* s3 = Member(record, "s3");
    if (s3 == nullptr) return std::nullopt;
    std::string name = TextOf(&record, "eventName");
    if (name.starts_with("s3:")) name = name.substr(3);
    if (!name.starts_with("ObjectCreated:")) continue;
    Add(Member(*s3, "bucket"), Decoded(TextOf(Member(*s3, "object"), "key")), events);
  }
  return events;
}

}  // namespace

std::optional<StoreEvents> ReadStoreEvents(std::string_view body) {
  json document = json::parse(body, nullptr, false);
  if (TextOf(&document, "Type") == "Notification")  // SNS
    document = json::parse(TextOf(&document, "Message"), nullptr, false);
  return OfDocument(document);
}

}  // namespace leat::run
