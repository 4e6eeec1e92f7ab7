#include <fmt/format.h>

int main() {
  fmt::print("leat {}\n", LEAT_VERSION);
  return 0;
}
