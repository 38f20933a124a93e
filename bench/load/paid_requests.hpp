#pragma once

#include "bench/load/served_network.hpp"

#include <string>
#include <vector>

namespace bench {

/// Vouchers of one channel, each a price above the last. With `extension` the caller sends the
/// offer's extensions back, and gets a receipt of x402's own beside the usage receipt.
std::vector<std::string> paid_requests(ServedNetwork& served, const std::string& model,
                                       std::size_t lane, std::size_t calls, bool extension);

/// Links of as many chains as the calls need, one for each call.
std::vector<std::string> chain_requests(ServedNetwork& served, const std::string& model,
                                        std::size_t lane, std::size_t calls);

}  // namespace bench
