#pragma once

#include "node/payment/ledger_port.hpp"

#include <memory>

namespace node {

/// Messages on their way to the ledger for the sake of a request. A request that is repeated while
/// its message is under way waits for the same one instead of sending another. Any thread.
class Settlements {
public:
    using Done = LedgerPort::Done;

    /// `ledger` must outlive this. Keeps at most `remembered` outcomes, the latest.
    explicit Settlements(LedgerPort& ledger, std::size_t remembered = 10'000);

    /// Sends `message`, or joins the one sent under `key` that is under way or was applied. `done`
    /// is called once: before this returns when the outcome is known already, else on the ledger's
    /// thread. On an error it is never called.
    ledger::Result<ledger::TxId> settle(const ledger::Hash& key, const market::Message& message,
                                        Done done);

private:
    struct Shared;
    LedgerPort& ledger_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace node
