#include "data/shown_value.h"

#include "data/int128.h"
#include "data/value.h"

namespace leat::data {

std::string BinaryText(std::string_view bytes) { return ToText(std::string(bytes), *Primitive(TypeId::kBinary)); }

std::string SecondsText(int64_t count, int64_t unit) {
  int digits = 0;
  for (int64_t rest = unit; rest > 1; rest /= 10) ++digits;
  std::string text = DecimalText(FromInt64(count), digits);
  if (digits == 0) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace leat::data
