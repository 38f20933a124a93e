#pragma once

#include "market/ids.hpp"
#include "wallet/cli/session.hpp"

namespace wallet::cli {

/// An id in hex, OWNER/NAME, or NAME for one's own.
market::DatasetId dataset_of(const Session&, const std::string& text);

}  // namespace wallet::cli
