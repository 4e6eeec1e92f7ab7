#include "components/source/postgres/copy_stream.h"

namespace leat::components::postgres {

Error CopyStream::NotACopy(const std::string& wrong) const {
  return MakeError("SRC-285", ErrorKind::kInternal, "{}: the server's answer is not understood: {}", what_, wrong)
      .WithHint("is it PostgreSQL itself that answers? Please report it");
}

Result<bool> CopyStream::Next(ArrowArray* array, ArrowSchema* schema) {
  while (!ended_ && !decoder_.full()) {
    if (piece_.empty()) {
      bool begins = false;
      LEAT_ASSIGN(const std::optional<std::string_view> piece, feed_->Next(begins));
      ended_ = !piece;
      if (copying_ && (ended_ || begins) && !decoder_.ended()) return NotACopy("a COPY without its end");
      if (ended_) break;
      if (begins) decoder_.StartCopy();
      copying_ = true;
      piece_ = *piece;
    }
    std::string wrong;
    if (!decoder_.Decode(piece_, wrong)) return NotACopy(wrong);
  }
  if (decoder_.rows() == 0 && told_columns_) return false;
  told_columns_ = true;
  rows_read_ += decoder_.rows();
  decoder_.Take(array, schema);
  return true;
}

}  // namespace leat::components::postgres
