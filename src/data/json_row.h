#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace leat::data {

/// The value of one member of an object in a line.
struct JsonCell {
  enum class Kind : uint8_t { kAbsent, kNull, kString, kBare, kNested };
  const char* text = nullptr;
  uint32_t size = 0;
  Kind kind = Kind::kAbsent;

  /// A string without quotes and escapes; anything else as it stands: numbers with all their digits.
  std::string_view view() const { return {text, size}; }
  bool has_value() const { return kind > Kind::kNull; }
};

/// Finds the members of JSON objects, one a line, in one pass over each line. What is JSON here is what the SQL engine's reader
/// takes: RFC 8259, and beside it NaN and Infinity, in any case and with a sign, and a comma before a closing bracket. Not
/// thread-safe.
class JsonRowScanner {
 public:
  static constexpr size_t kSlack = 16;          ///< bytes behind a line that must be readable
  static constexpr size_t kMostMembers = 4096;  ///< names that are kept: some files have values as names

  /// `names`: of the members to find, each once. `others`: further names that lines may have; absent: any.
  explicit JsonRowScanner(const std::vector<std::string>& names,
                          std::optional<std::set<std::string, std::less<>>> others = std::nullopt,
                          size_t most_members = kMostMembers);
  JsonRowScanner(JsonRowScanner&&) = default;

  /// Fills one cell a name. Of members that come twice the first counts. False: the line is no object, or not all of it is
  /// JSON. `line[size]` is \n or \0, and kSlack bytes from there on are readable.
  bool Scan(const char* line, size_t size, JsonCell* cells);
  /// Members with a value of the line that Scan took last which are neither to be found nor among the others.
  const std::vector<std::string>& strangers() const { return strangers_; }
  /// All names that were seen so far, up to `most_members`.
  std::vector<std::string> seen() const;
  /// Frees what cells point to beside the lines.
  void Forget() { unescaped_.clear(); }

 private:
  struct Member {
    std::string start;  ///< `"name":` as it stood when it was first seen, with kSlack zeros behind it
    size_t size = 0;    ///< without these
    int column = -1;    ///< -1: not to be found
    bool strange = false;
    std::string name;  ///< without escapes
  };
  int FindMember(std::string_view raw, bool escaped);

  void Notice(int member, std::string_view raw);

  std::unordered_map<std::string, int> columns_;
  std::optional<std::set<std::string, std::less<>>> others_;
  size_t most_members_;
  std::vector<Member> members_;                 ///< in the order in which they were first seen
  std::unordered_map<std::string, size_t> at_;  ///< member by what stands between its quotes
  size_t width_ = 0;
  std::deque<std::string> unescaped_;
  std::vector<std::string> strangers_;
};

}  // namespace leat::data
