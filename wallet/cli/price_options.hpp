#pragma once

#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

namespace wallet::cli {

/// A price sheet on the command line.
struct PriceOptions {
    std::string price, base, least, most;
    std::string unit = "call";
    std::uint64_t max_units = 0;
    std::vector<std::string> also;  ///< UNIT=TOKENS:MAX_UNITS

    void add_to(CLI::App&, const std::string& group = "");
    /// Throws when it makes no sense.
    market::PriceSheet sheet(const market::Network&) const;
};

}  // namespace wallet::cli
