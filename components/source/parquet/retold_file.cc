#include "components/source/parquet/retold_file.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "component/input_files.h"

namespace leat::components::parquet {
namespace {

constexpr std::string_view kMark = "PAR1";
constexpr size_t kTail = 8;  // length of the footer, mark
constexpr size_t kPiece = 1 << 20;

uint32_t ReadLength(std::string_view bytes) {
  uint32_t length = 0;
  for (size_t i = 0; i < 4; ++i) length |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return length;
}

std::string LengthBytes(size_t length) {
  std::string bytes;
  for (size_t i = 0; i < 4; ++i) bytes += static_cast<char>(length >> (8 * i) & 255);
  return bytes;
}

struct Footer {
  std::string bytes;
  size_t begin = 0;
};

bool ReadFooter(std::ifstream& in, Footer& footer) {
  in.seekg(0, std::ios::end);
  const auto size = static_cast<size_t>(std::max<std::streamoff>(0, in.tellg()));
  if (size < kTail) return false;
  std::string tail(kTail, '\0');
  in.seekg(static_cast<std::streamoff>(size - kTail));
  in.read(tail.data(), kTail);
  const size_t length = ReadLength(tail);
  if (!in || !tail.ends_with(kMark) || length > size - kTail) return false;
  footer.begin = size - kTail - length;
  footer.bytes.resize(length);
  in.seekg(static_cast<std::streamoff>(footer.begin));
  in.read(footer.bytes.data(), static_cast<std::streamsize>(length));
  return static_cast<bool>(in);
}

bool CopyBytes(std::ifstream& in, size_t count, std::ostream& out) {
  in.seekg(0);
  std::vector<char> piece(kPiece);
  while (count > 0) {
    const size_t now = std::min(count, piece.size());
    if (!in.read(piece.data(), static_cast<std::streamsize>(now))) return false;
    out.write(piece.data(), static_cast<std::streamsize>(now));
    count -= now;
  }
  return true;
}

}  // namespace

Result<std::string> WriteRetold(const component::InputFile& file, const Retelling& retelling, const std::string& folder,
                                const std::string& table) {
  std::ifstream in(file.path, std::ios::binary);
  Footer footer;
  const auto cannot_read = [&] {
    return MakeError("SRC-203", ErrorKind::kPermission, "cannot read {}: its end is no footer of parquet", file.origin);
  };
  if (!in || !ReadFooter(in, footer)) return cannot_read();
  const std::optional<std::string> told = RetellFooter(footer.bytes, retelling);
  if (!told) {
    return MakeError("SRC-431", ErrorKind::kUnsupported,
                     "table {}: {} has columns of nanoseconds, INT96 or more than 38 digits, and a footer that is not "
                     "understood: they cannot be read exactly",
                     table, file.origin)
        .WithHint("have it written with microseconds, or leave these columns out: `exclude:`");
  }
  return component::WriteSpoolFile(folder, "retold.parquet",
                                   "table " + table + ": cannot write a copy of " + file.origin,
                                   [&](std::ostream& out) -> Status {
                                     if (!CopyBytes(in, footer.begin, out)) return cannot_read();
                                     out << *told << LengthBytes(told->size()) << kMark;
                                     return Ok();
                                   });
}

}  // namespace leat::components::parquet
