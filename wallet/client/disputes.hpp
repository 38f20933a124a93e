#pragma once

#include "market/messages/model.hpp"
#include "market/state/records.hpp"
#include "wallet/client/channel_folder.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace wallet {

/// What a payer can show the ledger against a pending claim.
struct DisputeCase {
    market::DisputeKind kind{};
    SignedReceipt receipt;
    ledger::Amount over;  ///< what the claim, or the call, takes too much
};

/// Every sheet that a version has, had or will have, by hash; empty where the ledger knows none.
using FindSheet = std::function<std::optional<market::PriceSheet>(
    const market::ModelId&, market::Version, const ledger::Hash& sheet)>;

/// The receipt among `receipts`, all of this channel, that shows the most against what is pending
/// there; empty when nothing is pending or nothing can be shown. What the ledger would say of each
/// is market.md 3. `find_sheet` is asked for the receipts that the claim covers, once for each
/// sheet; what it throws comes through.
std::optional<DisputeCase> find_case(const market::Channel& channel,
                                     const std::vector<SignedReceipt>& receipts,
                                     const FindSheet& find_sheet);

/// How much of a pending claim is above all that these receipts say was charged: more than nothing
/// where no receipt has the claim's ceiling, so that nothing can be shown.
ledger::Amount above_receipts(const market::Channel& channel,
                              const std::vector<SignedReceipt>& receipts);

}  // namespace wallet
