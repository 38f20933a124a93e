#pragma once

#include "market/messages/model.hpp"
#include "wallet/cli/price_options.hpp"

#include <optional>

namespace wallet::cli {

/// What an owner says of the next version of a model, on the command line.
struct VersionWords {
    std::string semver, description, license, card_file, host;
    std::string alias = "latest";
    std::vector<std::string> parents;   ///< MODEL@VERSION=BPS
    std::vector<std::string> datasets;  ///< DATASET=WEIGHT
    std::optional<std::uint32_t> data_ppm, min_derivative_bps;
    std::uint32_t host_ppm = 100'000;
    PriceOptions price;

    /// Adds the options, none of them required, to a group of the help text.
    void add_to(CLI::App&, const std::string& group = "");
    /// Licence, price sheet, parents, datasets and shares, as far as they were said: without a
    /// price there are no parts in the sheet. Asks the node for names. Throws.
    market::ModelVersion terms(const Session&) const;
};

/// Labels with commas between.
std::vector<std::string> labels_of(const std::string& text);

}  // namespace wallet::cli
