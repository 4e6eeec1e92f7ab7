#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "component/budget.h"
#include "state/store.h"

namespace leat::run {

class ConnectionBudget;

/// What one step of a run cost its source: a row of leat.source_cost.
struct StepCost {
  std::string step;
  std::string connection;
  int connections = 0;  ///< most that were open at once
  int64_t statements = 0;
  int64_t calls = 0;
  std::chrono::microseconds longest{};  ///< statement
  std::chrono::microseconds busy{};     ///< time of all statements
  int64_t rows = 0;
  int64_t bytes = 0;
  std::chrono::microseconds waited{};  ///< for connections, hours, bytes and calls
};

/// Who uses a connection, and who wants to know while it waits.
struct BudgetUser {
  std::string run_id;  ///< "": no run (a plan)
  std::string step;
  std::function<void(const std::string& text)> waiting = {};  ///< "waits for …"; "" when it goes on
};

/// When a connection may be used next, for plans.
struct BudgetTurn {
  std::string text;                 ///< "4 of 4 connections of shop are taken by run 0192…"
  std::optional<TimeMicros> until;  ///< where that is known
};

/// The budgets of all connections, kept in the state store: whoever has the same state shares them. Thread-safe.
/// Connections are leases of processes: those of one that died are free again. Bytes are given out ahead, a quarter of a
/// second's at a time, so that what is read in any span is at most rate * span and that much for each process. In no span
/// of `per` are more than `calls` requests. A connection without a budget costs no transaction; its costs are counted.
class Budgets {
 public:
  explicit Budgets(state::Store& store);
  ~Budgets();
  Budgets(const Budgets&) = delete;
  Budgets& operator=(const Budgets&) = delete;

  /// The budget of `connection` as one step uses it; lives until TakeCosts of its run.
  component::Budget* For(const std::string& connection, const component::BudgetLimits& limits, BudgetUser user);
  /// Nullopt: at once. Never waits.
  Result<std::optional<BudgetTurn>> NextTurn(const std::string& connection, const component::BudgetLimits& limits);
  /// What the steps of a run cost, by step; forgets them.
  std::vector<StepCost> TakeCosts(const std::string& run_id);

 private:
  class StepBudget;

  std::shared_ptr<ConnectionBudget> SharedOf(const std::string& connection);

  state::Store& store_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ConnectionBudget>> shared_;
  std::vector<std::unique_ptr<StepBudget>> uses_;
};

/// Writes what the steps of a run cost; part of the transaction of the run's end.
Status WriteCosts(state::Transaction& tx, const std::string& run_id, const std::vector<StepCost>& costs);

}  // namespace leat::run
