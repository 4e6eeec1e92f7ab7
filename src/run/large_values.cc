#include "run/large_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/hex.h"
#include "base/lower.h"
#include "component/input_files.h"
#include "run/gates_split.h"

namespace leat::run {
namespace {

using Keep = project::LargeValues::Keep;

std::string SizeColumn(const std::string& name) { return name + "__bytes"; }
std::string HashColumn(const std::string& name) { return name + "__sha256"; }
std::string FileColumn(const std::string& name) { return name + "__file"; }

/// The first `bytes` bytes of a text without half a character: a character has up to four bytes.
std::string TextStart(const std::string& value, int64_t bytes) {
  std::string tries;
  for (int64_t end = bytes; end > bytes - 4; --end)
    tries += fmt::format("{}try(decode((encode({}))[1:{}]))", tries.empty() ? "" : ", ", value, end);
  return "coalesce(" + tries + ")";
}

data::Field FieldOf(const std::string& name, data::TypeId type, const std::string& doc) {
  data::Field field;
  field.name = name;
  field.type = data::Primitive(type);
  field.doc = doc;
  return field;
}

}  // namespace

LargeColumns::~LargeColumns() {
  if (!function_.empty()) GiveFunctionName(function_);
}

Result<LargeColumns> LargeColumns::Of(const StepContext& context, const RegisteredTable& registered) {
  LargeColumns large;
  if (context.asset.mode == "delete") return large;  // keys alone are looked at
  for (size_t i = 0; i < registered.names.size(); ++i) {
    const component::SourceColumn& column = registered.table.columns[i];
    const project::ColumnInfo* info = FindColumnInfo(context.asset, column.name);
    if (info == nullptr || !info->large_values || registered.watched.contains(column.name)) continue;
    const data::TypeId type = column.type->id;
    if (type != data::TypeId::kString && type != data::TypeId::kBinary) {
      return MakeError("RUN-560", ErrorKind::kConfig, "{}: `large_values` of column '{}', which is {}",
                       context.asset.id, column.name, data::TypeName(*column.type))
          .WithHint("it is for texts and binary values: take it out")
          .At(context.asset.where);
    }
    const std::string& name = registered.names[i];
    std::vector<std::string> given = {SizeColumn(name), HashColumn(name)};
    if (info->large_values->keep == Keep::kFile) given.push_back(FileColumn(name));
    for (const std::string& one : given) {
      for (const std::string& taken : registered.names) {
        if (Lower(taken) != Lower(one)) continue;
        return MakeError("RUN-561", ErrorKind::kConfig,
                         "{}: the source has a column '{}', which `large_values` of '{}' needs", context.asset.id,
                         taken, column.name)
            .WithHint("leave one of the two out: `exclude: ['" + taken + "']`")
            .At(context.asset.where);
      }
      large.given_.insert(one);
    }
    large.columns_[i] = {*info->large_values, name, type == data::TypeId::kString};
  }
  large.files_ = context.lakehouse.files.get();
  large.landing_ = component::BelowProject(context.project.root, io::LocalPath(context.project.settings.landing));
  large.below_ = context.asset.source_name + "/" + context.asset.table.name + "/values";
  return large;
}

std::vector<data::Field> LargeColumns::fields() const {
  std::vector<data::Field> fields;
  for (const auto& [i, column] : columns_) {
    fields.push_back(
        FieldOf(SizeColumn(column.name), data::TypeId::kLong, "Bytes of " + column.name + " in the source"));
    fields.push_back(
        FieldOf(HashColumn(column.name), data::TypeId::kString, "SHA-256 of " + column.name + " in the source"));
    if (column.rule.keep == Keep::kFile)
      fields.push_back(FieldOf(FileColumn(column.name), data::TypeId::kString,
                               "Where " + column.name + " lies below the landing folder, when it is large"));
  }
  return fields;
}

Status LargeColumns::Open(sql::Connection& connection) {
  const bool writes = std::any_of(columns_.begin(), columns_.end(),
                                  [](const auto& column) { return column.second.rule.keep == Keep::kFile; });
  if (!writes) return Ok();
  if (function_.empty()) function_ = TakeFunctionName();
  return connection.RegisterRejecter(function_, [this](const sql::Connection::Rejected& value) {
    return WriteFile(value.reason, value.row, value.payload);
  });
}

std::string LargeColumns::Select(size_t i, const std::string& raw_name, const std::string& value) const {
  const auto at = columns_.find(i);
  if (at == columns_.end()) return value + " AS " + sql::QuoteName(raw_name) + ", ";
  const Column& column = at->second;
  const std::string size = (column.text ? "strlen(" : "octet_length(") + value + ")";
  const std::string large = fmt::format("{} > {}", size, column.rule.over);
  std::string kept = "NULL";
  if (column.rule.keep == Keep::kStart)
    kept = column.text ? TextStart(value, column.rule.over) : fmt::format("({})[1:{}]", value, column.rule.over);
  std::string sql = fmt::format("CASE WHEN {} THEN {} ELSE {} END AS {}, {} AS {}, sha256({}) AS {}, ", large, kept,
                                value, sql::QuoteName(raw_name), size, sql::QuoteName(SizeColumn(raw_name)), value,
                                sql::QuoteName(HashColumn(raw_name)));
  if (column.rule.keep == Keep::kFile) {
    sql += fmt::format(
        "CASE WHEN {} AND NOT {}(sha256({}), NULL, {}, hex({})) THEN {} || sha256({})[1:2] || '/' || sha256({}) END AS {}, ",
        large, function_, value, size, value, sql::QuoteLiteral(below_ + "/"), value, value,
        sql::QuoteName(FileColumn(raw_name)));
  }
  return sql;
}

Status LargeColumns::WriteFile(const std::string& sha256, int64_t size, const std::string& hex) {
  if (done_.contains(sha256)) return Ok();
  const std::optional<std::string> bytes = FromHex(hex);
  if (!bytes || static_cast<int64_t>(bytes->size()) != size) {
    return MakeError("RUN-562", ErrorKind::kInternal, "a large value of {} came with {} digits for {} bytes", below_,
                     hex.size(), size);
  }
  std::error_code ignored;
  std::filesystem::create_directories(landing_, ignored);
  std::filesystem::permissions(landing_, std::filesystem::perms::owner_all, ignored);
  const std::string uri = io::FileUri(landing_ + "/" + below_ + "/" + sha256.substr(0, 2) + "/" + sha256);
  const auto there = files_->Stat(uri);
  if (there.ok() && there->size_bytes == size) {
    LEAT_TRY(files_->Sync({uri}));
  } else {
    if (there.ok()) LEAT_TRY(files_->Remove(uri));  // of a run that ended while it wrote
    LEAT_TRY(files_->WriteNew(uri, *bytes));
  }
  done_.insert(sha256);
  return Ok();
}

}  // namespace leat::run
