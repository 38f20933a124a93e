#pragma once

#include "ledger/store/block_store.hpp"
#include "node/env/clock.hpp"

#include <mutex>
#include <set>

namespace node {

/// Hashes of cards that models and versions on the ledger name. Reads the whole registry again
/// when it is asked about a hash it does not know and there are new blocks, but at most once in
/// `rescan`: so often at most can strangers make us do that. Any thread.
class RegisteredCards {
public:
    /// The referred-to must outlive this.
    RegisteredCards(const ledger::BlockStore& store, const Clock& clock,
                    std::chrono::milliseconds rescan = std::chrono::seconds{1})
        : store_{store}, clock_{clock}, rescan_{rescan}
    {
    }

    /// `unavailable` when it has to be asked again a moment later.
    ledger::Result<bool> contains(const ledger::Hash&);

private:
    ledger::Result<void> read();

    const ledger::BlockStore& store_;
    const Clock& clock_;
    std::chrono::milliseconds rescan_;
    std::mutex mutex_;
    std::set<ledger::Hash> hashes_;
    std::optional<ledger::Height> read_at_;
    Clock::Steady read_when_{};
};

}  // namespace node
