#pragma once

#include <chrono>

#include "component/table_probe.h"
#include "components/source/mysql/connection.h"

namespace leat::components::mysql {

Result<component::ServerFacts> ReadServerFacts(Connection& connection);
/// Of performance_schema; nullopt where it is switched off or not readable.
Result<std::optional<component::WriteCounters>> ReadWriteCounters(Connection& connection, const std::string& database,
                                                                  const std::string& table);
/// The server gives up statements of this session that take longer.
Status LimitEach(Connection& connection, std::chrono::milliseconds longest);

}  // namespace leat::components::mysql
