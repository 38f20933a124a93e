#pragma once

#include "ledger/consensus/signing.hpp"
#include "ledger/store/block_store.hpp"
#include "market/network.hpp"

#include <functional>

namespace node {

struct VerifyReport {
    std::uint64_t blocks{};
    std::uint64_t transactions{};
    std::uint64_t state_entries{};
    ledger::BlockId tip;
    ledger::Hash state_root;
};

/// Executes every block from genesis again, in memory, and compares everything that is stored
/// with what comes out: headers, roots, receipts, certificates, the index of transactions, and at
/// the end every entry of the flat state and every invariant of the market. Then checks the sums
/// of the store's files. `corrupt` names the first thing that differs.
/// Memory: the whole state. `progress` is told the height now and then. `verifier` is for the
/// signatures of certificates, for networks that a simulation signs otherwise.
ledger::Result<VerifyReport> verify_chain(
    const market::Network&, const ledger::BlockStore&,
    const std::function<void(ledger::Height)>& progress,
    const ledger::consensus::Verifier& verifier = ledger::consensus::SchnorrVerifier{});

}  // namespace node
