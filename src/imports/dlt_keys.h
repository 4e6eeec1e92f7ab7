#pragma once

#include <span>
#include <string>

#include "imports/report.h"

namespace leat::imports {

// What the keys of a dlt rest_api configuration mean here, as data. Those without a text are read by dlt.cc and dlt_client.cc.

std::span<const KeyMeaning> DltFileKeys();
std::span<const KeyMeaning> DltClientKeys();
std::span<const KeyMeaning> DltResourceKeys();
std::span<const KeyMeaning> DltEndpointKeys();
std::span<const KeyMeaning> DltIncrementalKeys();
/// Of a paginator or an authorisation of that type; empty: there is no such type.
std::span<const KeyMeaning> DltPaginatorKeys(const std::string& type);
std::span<const KeyMeaning> DltAuthKeys(const std::string& type);

}  // namespace leat::imports
