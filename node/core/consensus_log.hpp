#pragma once

#include "ledger/consensus/records.hpp"
#include "ledger/consensus/signing.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/store/log.hpp"
#include "node/core/chain.hpp"
#include "node/core/ledger_application.hpp"

#include <memory>
#include <optional>
#include <string>

/// The log of the consensus core (consensus.md 5): how a node comes back from it, and how it is
/// kept short.
namespace node {

struct ConsensusLogParts {
    ledger::Disk& disk;
    std::string folder;
    ledger::BlockStore& store;
    Chain& chain;
    LedgerApplication& application;
    ledger::Random& random;
    /// The key this node votes with; empty for a follower.
    std::optional<ledger::ConsensusKey> key;
    ledger::LogLimits limits = {};
};

struct RecoveredLog {
    std::unique_ptr<ledger::Log> log;
    ledger::consensus::Durable durable;
    std::string trouble;  ///< for the operator; empty when all was well
};

/// Opens the log and brings the chain to its end: blocks that the store has not are executed
/// again and compared. A log that is missing or damaged is set aside beside its folder, a new one
/// begun, and the key is silenced for good; what the log has lost comes back from peers.
Result<RecoveredLog> open_consensus_log(const ConsensusLogParts&);

/// This key does not vote on this store any more, for a reason that operators are told. Durable at
/// the next checkpoint.
Result<void> silence(ledger::BlockStore&, const ledger::ConsensusKey&, const std::string& why);
/// The reason; empty while it may vote.
Result<std::string> silence_of(const ledger::BlockStore&, const ledger::ConsensusKey&);

/// Brings the chain to the end of a log that is well, for whoever only reads; `corrupt`, with
/// nothing changed, where it is not.
Result<std::unique_ptr<ledger::Log>> replay_log(const ConsensusLogParts&);

/// `millraced recover --accept-fork-risk`: for a single validator whose log is missing or damaged.
/// Sets the log aside and begins a new one that goes on behind the newest final block that is
/// left, with every view nullified that a lost vote may have been for. Lifts the silence.
/// `denied` with more than one validator, `invalid` when the log is well.
struct ForkRiskReport {
    ledger::Height height;  ///< of the newest block kept
    ledger::consensus::View nullified_to{};
};
Result<ForkRiskReport> accept_fork_risk(const ConsensusLogParts&, const ledger::consensus::Signer&,
                                        const ledger::consensus::Verifier&);

/// A checkpoint of everything: what the core holds is written to the log again when an old segment
/// can go then, the tree to the store, and old segments are freed.
Result<void> write_checkpoint(ledger::Log&, ledger::BlockStore&, Chain&,
                              const ledger::consensus::Durable&);

}  // namespace node
