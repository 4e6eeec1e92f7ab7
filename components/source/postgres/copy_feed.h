#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "component/budget.h"
#include "components/source/postgres/connection.h"
#include "components/source/postgres/ranges.h"

namespace leat::components::postgres {

/// What the streams of one read share.
struct Reading {
  std::string select;     ///< "SELECT a, b FROM t"
  std::string condition;  ///< of the whole read, or ""
  std::string begin;      ///< of a transaction for each statement; "": they run in the connection's own
  std::unique_ptr<Ranges> ranges;
  std::string what;                     ///< is read, for errors
  std::chrono::milliseconds longest{};  ///< after it the server ends a statement; 0: never
  bool whole = false;                   ///< one statement that cannot be cut
  bool eager = false;                   ///< statements do not wait for whoever takes their rows
  component::Budget* budget = nullptr;
  CancelToken* cancel = nullptr;

  std::string CopyText(const std::string& piece) const;
};

/// The bytes of the COPYs of one connection, one after the other.
class CopyFeed {
 public:
  virtual ~CopyFeed() = default;
  /// A piece, valid until the next call; nullopt: nothing is left. `begins`: it is the first of a COPY.
  virtual Result<std::optional<std::string_view>> Next(bool& begins) = 0;
};

/// Asks the server for what its caller is ready for: a statement lasts as long as its rows are taken.
std::unique_ptr<CopyFeed> MakeDirectFeed(std::shared_ptr<const Reading> reading,
                                         std::shared_ptr<Connection> connection);

/// Reads ahead in a thread of its own, each statement as quickly as the server gives it: it never waits for whoever takes
/// the rows. Those of a statement that may be ended are kept until it is whole, so that none comes twice when they are read again. At most about
/// 80 MB are kept.
std::unique_ptr<CopyFeed> MakeEagerFeed(std::shared_ptr<const Reading> reading, std::shared_ptr<Connection> connection);

}  // namespace leat::components::postgres
