#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "node/core/replica.hpp"
#include "node/core/work_pool.hpp"
#include "node/env/clock.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace node {

/// What happened to a transaction that is in a final block.
struct FinalTransaction {
    ledger::Height height;
    std::uint32_t index{};
    market::Receipt receipt;
};

/// Why a transaction was not taken.
struct SubmitError {
    enum class Kind { malformed, refused, busy, halted } kind{};
    MempoolFault fault{};  ///< when refused
    std::string detail;
};
using Submitted = ledger::Result<ledger::TxId, SubmitError>;

/// Why a wait ended without a final transaction.
struct WaitError {
    ledger::Error error;
    /// It has left the pool, for this. Another node may still hold it, unless its nonce is used
    /// or its time is over.
    std::optional<MempoolFault> departed = {};
};
using Waited = ledger::Result<FinalTransaction, WaitError>;

struct LedgerServiceLimits {
    ReplicaLimits replica;
    ledger::LogLimits log = {};
    unsigned work_threads = 0;  ///< beside the ledger's own
    std::size_t queued_tasks = 100'000;
    std::size_t waiting = 100'000;  ///< callers that wait for a transaction
    std::chrono::milliseconds checkpoint_every{1000};
    /// Under load later than that: a checkpoint begins no sooner than this many times as long as
    /// the last one took, but after this time at the latest. A longer log to replay, for work
    /// that would be done over and over on the same tree nodes.
    unsigned checkpoint_rest = 10;
    std::chrono::milliseconds checkpoint_latest{10'000};
};

/// The thread that owns a replica: takes transactions and what peers say, and answers once what
/// follows from it is synced to the log. An idle chain makes no blocks. When disk or state fail it
/// stops taking work, says why, and stays up to be read.
///
/// Every public function may be called from any thread; callbacks run on the service's own
/// thread, must not block and must not call back into `stop`.
class LedgerService {
public:
    struct Parts {
        const market::Network& network;
        Chain& chain;
        ledger::BlockStore& store;
        ledger::Disk& disk;
        std::string log_folder;
        Clock& clock;
        ledger::Random& random;
        /// Null for a follower.
        std::optional<ledger::SecretKey> consensus_key;
        PeerPort* peers = nullptr;                               ///< null: a node without peers
        std::optional<ledger::consensus::CoreTimes> times = {};  ///< else as the network says
        /// A ledger that does not lead through it takes no work, and grows by no such chain.
        std::optional<ledger::consensus::TrustedAnchor> trusted = {};
    };

    /// Brings the chain to the end of its log. `denied` when a network's only validator must not
    /// vote any more: nothing could go on.
    static Result<std::unique_ptr<LedgerService>> open(Parts, LedgerServiceLimits = {});
    ~LedgerService();

    /// What the operator should know of how the log was found; empty when all was well.
    const std::string& trouble() const { return trouble_; }
    void start();
    /// Finishes the block under way, writes a checkpoint, joins the thread. Waiters are told
    /// `unavailable`.
    void stop();

    /// Checks form and signature on the calling thread, the rest on the service's.
    void submit(ledger::Bytes encoded, std::function<void(Submitted)> answer);
    /// The same for what the caller has checked.
    void submit_checked(market::CheckedTransaction, std::function<void(Submitted)> answer);

    /// Calls back when the transaction is final, at once when it is already, or when it leaves
    /// the pool otherwise; `unavailable` when the service stops or halts first, `full` when too
    /// many wait. One that is not here yet is waited for. A wait is ended by `cancel`.
    std::uint64_t wait_final(const ledger::TxId&, std::function<void(Waited)> answer);
    void cancel(std::uint64_t wait);

    /// Told every final block, in order; subscribe before `start`.
    void on_block(std::function<void(const FinalBlock&)> listener)
    {
        listeners_.push_back(std::move(listener));
    }
    /// Told what convicts a validator, once; subscribe before `start`.
    void on_evidence(std::function<void(const ledger::consensus::Evidence&)> listener)
    {
        evidence_listener_ = std::move(listener);
    }
    /// Told the validators' peer keys and the epoch at the start and when they change.
    void on_epoch(std::function<void(std::uint64_t, std::set<ledger::PublicKey>)> listener)
    {
        epoch_listener_ = std::move(listener);
    }
    /// Told what is wrong with this node and does not stop it.
    void on_damage(std::function<void(const ledger::Error&)> listener)
    {
        damage_listener_ = std::move(listener);
    }

    /// Given what Chain::freeze_every has put by, once its block is final; subscribe before
    /// `start`.
    void on_frozen(std::function<void(Frozen)> listener) { frozen_listener_ = std::move(listener); }

    /// What peers do. Frames of one peer are taken in order; `lease` is let go of when a frame has
    /// been looked at.
    void peer_connected(const ledger::PublicKey&, bool we_dialled);
    void peer_gone(const ledger::PublicKey&);
    void peer_frame(const ledger::PublicKey&, MessageKind, ledger::Bytes payload,
                    std::shared_ptr<void> lease);

    /// Where consensus stands, as of the last step.
    void consensus(std::function<void(Result<ConsensusStatus>)> answer);
    /// The numbers of it that metrics show; at most a second old while there is work.
    struct Progress {
        std::uint64_t epoch{};
        ledger::consensus::View view{};
        ledger::consensus::View floor{};
        ledger::consensus::EventCounts events{};
        std::string refused;  ///< the last chain that was not the trusted one's
    };
    Progress progress() const;

    /// Proof of a state key at the head it is answered for.
    struct Proved {
        Head head;
        ledger::StateProof proof;
    };
    void prove(ledger::Bytes state_key, std::function<void(Result<Proved>)> answer);

    /// Next nonce of a lane with what waits here counted in; `unavailable` when the service stops
    /// or has too much to do.
    void next_nonce(const ledger::Address&, ledger::Lane,
                    std::function<void(Result<ledger::Nonce>)> answer);

    /// A transaction that waits here for a block; `not_found` when it does not.
    void find_waiting(const ledger::TxId&,
                      std::function<void(Result<market::CheckedTransaction>)> answer);

    std::shared_ptr<const Head> head() const;
    /// Takes no more work, for a reason found elsewhere; the first one told stays. Any thread.
    void halt(const ledger::Error&);
    /// Empty while all is well, else why no work is taken.
    std::string halted() const;
    std::size_t mempool_size() const { return mempool_size_.load(std::memory_order_relaxed); }

    /// Reads a final transaction from the store.
    Result<FinalTransaction> find_final(const ledger::TxId&) const;

private:
    using Task = std::function<void()>;

    LedgerService(Parts, LedgerServiceLimits);
    Result<void> recover();

    bool post(Task, bool is_urgent = false);
    void run();
    void step();
    bool checkpoint_due() const;
    void write_checkpoint();
    void add(market::CheckedTransaction, const std::function<void(Submitted)>& answer);
    void check(Replica::Unchecked);
    void announce(const FinalBlock&);
    void tell_epoch();
    void tell(const ledger::TxId&, const Waited&);
    void dismiss(const ledger::Error& why);
    ledger::consensus::Now now() const;

    Parts parts_;
    LedgerServiceLimits limits_;
    std::unique_ptr<ledger::consensus::SchnorrSigner> signer_;
    ledger::consensus::SchnorrVerifier verifier_;
    WorkPool workers_;
    Mempool mempool_;
    LedgerApplication application_;
    std::unique_ptr<ledger::Log> log_;
    std::unique_ptr<Replica> replica_;
    std::string trouble_;
    std::vector<std::function<void(const FinalBlock&)>> listeners_;
    std::function<void(const ledger::consensus::Evidence&)> evidence_listener_;
    std::function<void(std::uint64_t, std::set<ledger::PublicKey>)> epoch_listener_;
    std::function<void(const ledger::Error&)> damage_listener_;

    struct Waiter {
        ledger::TxId id;
        std::function<void(Waited)> answer;
    };
    std::unordered_map<std::uint64_t, Waiter> waiters_;
    std::multimap<ledger::TxId, std::uint64_t> waiting_for_;
    std::atomic<std::uint64_t> next_wait_ = 1;
    std::atomic<std::size_t> mempool_size_ = 0;
    std::optional<std::uint64_t> step_at_ = 0;  ///< steady_ms

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> tasks_;
    bool stopping_ = false;
    std::string halted_;
    std::shared_ptr<const Head> head_;
    Progress progress_;
    Clock::Steady progress_at_{};
    Clock::Steady checkpointed_{};  ///< when the last one was done
    Clock::Steady::duration checkpoint_took_{};
    bool uncheckpointed_ = false;
    std::thread thread_;
    std::function<void(Frozen)> frozen_listener_;
};

}  // namespace node
