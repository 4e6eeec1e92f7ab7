#pragma once

#include <string>
#include <vector>

#include "config/field.h"

namespace leat::config {

/// A FieldSpec with what most fields have; anything else is set on it. `fallback`: as typed in YAML, "" for none.
FieldSpec MakeField(const std::string& name, FieldType type, const std::string& description,
                    const std::string& fallback = "", const std::string& example = "");
FieldSpec TextField(const std::string& name, const std::string& description, const std::string& fallback = "",
                    const std::string& example = "");
/// One of `allowed`.
FieldSpec WordField(const std::string& name, const std::string& description, const std::string& fallback,
                    std::vector<std::string> allowed);
/// A whole number within bounds.
FieldSpec WholeField(const std::string& name, const std::string& description, const std::string& fallback,
                     double minimum, double maximum);
/// Never shown.
FieldSpec SecretField(const std::string& name, const std::string& description, const std::string& example = "");

}  // namespace leat::config
