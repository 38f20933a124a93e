#pragma once

#include "ledger/consensus/signing.hpp"
#include "ledger/store/block_store.hpp"
#include "market/network.hpp"

#include <functional>
#include <string>
#include <vector>

namespace node {

struct VerifyReport {
    ledger::Height from;  ///< the oldest block that was there to check, besides block 0
    std::uint64_t blocks{};
    std::uint64_t transactions{};
    std::uint64_t state_entries{};
    ledger::BlockId tip;
    ledger::Hash state_root;
    std::vector<std::string> not_checked;  ///< for the operator; empty: everything was
};

/// Executes every block from genesis again, in memory, and compares everything that is stored
/// with what comes out: headers, roots, receipts, certificates, the index of transactions, and at
/// the end every entry of the flat state and every invariant of the market. Then checks the sums
/// of the store's files. `corrupt` names the first thing that differs.
///
/// A store that was pruned or began from a snapshot lacks what its oldest blocks were executed on.
/// From its base on the same is checked but for execution: that the state at the tip is what the
/// final header there commits to takes its place. The report says what that leaves open.
/// Memory: the whole state, or 64 bytes for each of its entries. `progress` is told the height now
/// and then. `verifier` is for the signatures of certificates, for networks that a simulation signs
/// otherwise.
ledger::Result<VerifyReport> verify_chain(
    const market::Network&, const ledger::BlockStore&,
    const std::function<void(ledger::Height)>& progress,
    const ledger::consensus::Verifier& verifier = ledger::consensus::SchnorrVerifier{});

}  // namespace node
