#pragma once

#include "ledger/consensus/core.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/store/log.hpp"
#include "node/core/consensus_log.hpp"
#include "node/core/ledger_application.hpp"
#include "node/gossip/transaction_gossip.hpp"
#include "node/peers/peer_scores.hpp"
#include "node/transport/channels.hpp"
#include "node/transport/token_bucket.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

namespace node {

/// A block that has just become final: durable, and visible in the store.
struct FinalBlock {
    Head head;
    std::vector<ledger::TxId> tx_ids;
    std::vector<market::Receipt> receipts;
};

/// Where a replica's messages go. Must not call back.
class PeerPort {
public:
    virtual ~PeerPort() = default;
    virtual void send(std::span<const ledger::PublicKey> to, MessageKind, ledger::ByteView) = 0;
    virtual void record(const ledger::PublicKey& peer, Deed deed) = 0;
    /// It did what no honest peer does, and signed or framed it itself.
    virtual void misbehaved(const ledger::PublicKey& peer, const std::string& what) = 0;
};

/// What a step has led to, beside what went through the port.
struct StepResult {
    std::vector<FinalBlock> blocks;
    /// Left the pool since the last step, those that `blocks` hold among them.
    std::vector<Departure> departures;
    std::vector<ledger::consensus::Evidence> evidence;  ///< new: to put on the ledger
    std::optional<std::uint64_t> wake_at;  ///< steady_ms at which to step again without inputs
    bool again = false;                    ///< there is more to do at once
    bool has_new_epoch = false;
};

/// Where consensus stands, for people and metrics.
struct ConsensusStatus {
    std::uint64_t epoch{};
    ledger::consensus::View view{};
    ledger::consensus::View floor{};
    ledger::ValidatorSet validators;
    std::optional<ledger::consensus::Index> index;  ///< ours in the set
    std::string silenced;                           ///< why our key does not vote
    std::string refused;                            ///< Core::refused
    bool is_settling = false;
    std::size_t peers = 0;
    ledger::consensus::EventCounts events{};
};

struct ReplicaLimits {
    MempoolLimits mempool;
    GossipLimits gossip;
    /// Bytes of blocks that one peer can make us read and send.
    Rate served{64u << 20, 16u << 20};
    std::size_t pushed_transactions = 64;
    std::size_t pushed_bytes = std::size_t{256} << 10;
};

/// A node without threads, clock and sockets: the consensus core, the chain, the mempool and the
/// gossip, driven by frames, transactions and time. A whole network of them runs on one thread
/// from a seed. The disk is the log's and the store's; `step` syncs the log, once, before
/// anything leaves.
/// Threads: one. Everything given must outlive it.
class Replica {
public:
    struct Parts {
        const market::Network& network;
        ledger::BlockStore& store;
        Chain& chain;
        ledger::Log& log;
        ledger::Random& random;
        const ledger::consensus::Signer* signer;  ///< null for a follower
        const ledger::consensus::Verifier& verifier;
        PeerPort& peers;
        std::optional<ledger::consensus::TrustedAnchor> trusted = {};
    };

    /// `application` and `mempool` are those that the log was recovered with.
    Replica(const Parts&, Mempool&, LedgerApplication&, ledger::consensus::CoreTimes,
            ledger::consensus::Durable, ReplicaLimits, const ledger::consensus::Now&);

    void connected(const ledger::PublicKey&, bool we_dialled, const ledger::consensus::Now&);
    void disconnected(const ledger::PublicKey&, const ledger::consensus::Now&);

    /// A transaction from a peer whose signature has to be checked, elsewhere if one likes.
    struct Unchecked {
        ledger::PublicKey from;
        ledger::Bytes encoded;
    };
    /// Takes a frame. What is left to check is handed back.
    std::optional<Unchecked> received(const ledger::PublicKey& from, MessageKind,
                                      ledger::ByteView payload, const ledger::consensus::Now&);
    /// The answer to `Unchecked`.
    void checked(const ledger::PublicKey& from, const ledger::WireId&,
                 ledger::Result<market::CheckedTransaction>, const ledger::consensus::Now&);

    /// Puts a checked transaction into the pool and tells the peers. `from` is empty where it
    /// enters the network here. Throws StateFault when state cannot be read.
    ledger::Result<void, MempoolFault> add(market::CheckedTransaction,
                                           const ledger::PublicKey* from,
                                           const ledger::consensus::Now&);

    /// Runs the rules over what came (R0): decide, sync, then send and apply. On an error nothing
    /// more may be done with this replica; `Error::detail` is for the operator.
    Result<StepResult> step(const ledger::consensus::Now&);

    /// Frees old segments of the log and makes the store stand by itself.
    Result<void> checkpoint();

    const ledger::consensus::Core& core() const { return core_; }
    Mempool& mempool() { return mempool_; }
    ConsensusStatus status() const;
    /// The last step's blocks can still be followed by more without waiting for anybody.
    bool has_pending() const { return mempool_.has_pending(); }
    /// Why an old block could not be read for a peer; told once.
    std::optional<ledger::Error> take_damage() { return application_.take_damage(); }
    /// Peer keys of the validators now.
    std::set<ledger::PublicKey> validator_keys() const;

private:
    struct Peer {
        ledger::consensus::PeerId id;
        TokenBucket served;
    };

    void perform(const GossipActions&);
    void publish(const ledger::consensus::Send&, const ledger::consensus::Now&);
    Result<void> apply(ledger::consensus::Output&, StepResult&);
    void settle_pool(const ExecutedBlock&);
    std::vector<Departure> take_departures();
    void push_to(const ledger::PublicKey&);
    void set_leaders();

    Parts parts_;
    ReplicaLimits limits_;
    Mempool& mempool_;
    LedgerApplication& application_;
    ledger::consensus::Core core_;
    TransactionGossip gossip_;
    std::map<ledger::PublicKey, Peer> peers_;
    std::map<ledger::consensus::PeerId, ledger::PublicKey> keys_;
    std::uint64_t next_peer_ = 1;
    std::vector<ledger::consensus::Input> inbox_;
};

/// From the network's parameters and the operator's patience.
ledger::consensus::CoreTimes core_times(const ledger::Parameters&, std::size_t validators,
                                        std::uint64_t t0_ms, std::uint64_t t_max_ms,
                                        std::uint64_t skip_ms);

}  // namespace node
