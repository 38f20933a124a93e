#pragma once

#include "ledger/base/result.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace node {

/// A JSON document from a node, for the commands that ask a running one. `url` is
/// http://HOST[:PORT]; at most 4 MiB, depth 16. Errors: invalid (not such a URL, not JSON),
/// unavailable (nobody answers in time), not_found (status 404), io (another status than 200).
ledger::Result<nlohmann::json> get_json(const std::string& url, const std::string& path,
                                        std::chrono::milliseconds time);

}  // namespace node
