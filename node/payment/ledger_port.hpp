#pragma once

#include "ledger/base/result.hpp"
#include "market/message.hpp"
#include "market/rejection.hpp"
#include "market/state/records.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace node {

/// A price sheet and since when (block time) it holds.
struct DatedSheet {
    market::PriceSheet sheet;
    ledger::Hash hash;
    std::uint64_t from_ms{};
};

/// What became of a submitted message once the ledger cannot change its mind.
struct Settled {
    enum class What {
        applied,
        refused,  ///< a rule said no: nothing moved
        lost,     ///< not included before its time ran out
        dropped,  ///< this node has not taken it or has given it up: it may still be included
    };
    What what{};
    market::Rejection rejection{};
    friend bool operator==(const Settled&, const Settled&) = default;
};

/// The ledger as payments see it: this node's own finalized state, and the way into the mempool.
/// Any thread.
class LedgerPort {
public:
    struct Head {
        ledger::Height height;
        ledger::TimeMs time;
        /// Whether a third of the voting power was heard within 60 s and says the same height is
        /// final; payments are refused while it is false.
        bool current = false;
    };

    virtual ~LedgerPort() = default;

    virtual Head head() const = 0;
    virtual std::optional<market::Channel> channel(const market::ChannelId&) const = 0;
    /// What the account can spend.
    virtual ledger::Amount balance(const ledger::Address&) const = 0;
    virtual std::optional<market::Split> split(const ledger::Address&) const = 0;
    virtual std::optional<market::Host> host(const ledger::Address&) const = 0;
    /// Digest of the authorization that used the nonce, for as long as a call that it paid for is
    /// remembered; empty while it is unused.
    virtual std::optional<ledger::Hash> spent_by(const ledger::Address&,
                                                 const ledger::Hash& nonce) const = 0;
    /// The same for a permit; its nonces are others.
    virtual std::optional<ledger::Hash> permit_spent_by(const ledger::Address&,
                                                        const ledger::Hash& nonce) const = 0;
    /// The sheet that holds and the one before it, newest first; empty for an unknown version.
    virtual std::vector<DatedSheet> sheets(const market::ModelId&, market::Version) const = 0;

    using Done = std::function<void(Settled)>;
    /// Signs `message` with the node's account, pays its fee and sends it on its way. Never waits
    /// for the thread that calls `done`, which is called once, but not before this returns. On an
    /// error nothing was sent and `done` is never called.
    virtual ledger::Result<ledger::TxId> submit(const market::Message& message, Done done) = 0;
    /// Tells `dropped` of what should be included no longer although no block came to say so: call
    /// now and then.
    virtual void give_up_late() {}
};

}  // namespace node
