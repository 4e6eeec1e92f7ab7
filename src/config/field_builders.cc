#include "config/field_builders.h"

namespace leat::config {

FieldSpec MakeField(const std::string& name, FieldType type, const std::string& description,
                    const std::string& fallback, const std::string& example) {
  FieldSpec field;
  field.name = name;
  field.type = type;
  field.description = description;
  field.default_value = fallback;
  field.example = example;
  return field;
}

FieldSpec TextField(const std::string& name, const std::string& description, const std::string& fallback,
                    const std::string& example) {
  return MakeField(name, FieldType::kString, description, fallback, example);
}

FieldSpec WordField(const std::string& name, const std::string& description, const std::string& fallback,
                    std::vector<std::string> allowed) {
  FieldSpec field = MakeField(name, FieldType::kEnum, description, fallback);
  field.allowed = std::move(allowed);
  return field;
}

FieldSpec WholeField(const std::string& name, const std::string& description, const std::string& fallback,
                     double minimum, double maximum) {
  FieldSpec field = MakeField(name, FieldType::kInteger, description, fallback);
  field.minimum = minimum;
  field.maximum = maximum;
  return field;
}

FieldSpec SecretField(const std::string& name, const std::string& description, const std::string& example) {
  FieldSpec field = TextField(name, description, "", example);
  field.secret = true;
  return field;
}

}  // namespace leat::config
