#pragma once

#include "market/messages/sale.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <functional>
#include <optional>

namespace wallet {

/// Opens every chunk of a batch with the key that was sold and finds the first that shows the
/// seller's fault, as a dispute that wants only its sale and the batch's place in the offer. Empty:
/// all of it opens. `invalid` when a chunk here is not the one that its leaf commits to: then the
/// copy is damaged, and nobody's fault is shown. `progress` is told the bytes read.
ledger::Result<std::optional<market::DataDispute>> find_fault(
    BatchFolder& batch, const ledger::SecretKey& key, const ledger::SecretKey& blind,
    const std::function<void(std::uint64_t)>& progress);

}  // namespace wallet
