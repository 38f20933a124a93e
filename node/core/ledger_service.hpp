#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/store/log.hpp"
#include "node/core/chain.hpp"
#include "node/env/clock.hpp"
#include "node/mempool/mempool.hpp"

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

/// A block that has just become final: durable, and visible in the store.
struct FinalBlock {
    Head head;
    std::vector<ledger::TxId> tx_ids;
    std::vector<market::Receipt> receipts;
};

/// Why a transaction was not taken.
struct SubmitError {
    enum class Kind { malformed, refused, busy, halted } kind{};
    MempoolFault fault{};  ///< when refused
    std::string detail;
};
using Submitted = ledger::Result<ledger::TxId, SubmitError>;

struct LedgerServiceLimits {
    MempoolLimits mempool;
    std::size_t queued_tasks = 100'000;
    std::size_t waiting = 100'000;  ///< callers that wait for a transaction
    std::chrono::milliseconds checkpoint_every{1000};
    /// Under load later than that: a checkpoint begins no sooner than this many times as long as
    /// the last one took, but after this time at the latest. A longer log to replay, for work
    /// that would be done over and over on the same tree nodes.
    unsigned checkpoint_rest = 10;
    std::chrono::milliseconds checkpoint_latest{10'000};
    std::chrono::milliseconds batch{0};  ///< how long a first transaction waits for more
};

/// The thread that owns the chain of a network with one validator: takes transactions, makes
/// blocks of what is executable, and answers once they are synced to the log. An idle chain
/// makes no blocks. When disk or state fail it stops taking work, says why, and stays up to be
/// read.
///
/// Every public function may be called from any thread; callbacks run on the service's own
/// thread, must not block and must not call back into `stop`.
class LedgerService {
public:
    struct Parts {
        const market::Network& network;
        Chain& chain;
        ledger::BlockStore& store;
        ledger::Log& log;
        Clock& clock;
        ledger::Random& random;
        std::uint32_t validator_index;  ///< of this node in the validator set
        ledger::SecretKey consensus_key;
    };

    LedgerService(Parts, LedgerServiceLimits);
    ~LedgerService();

    void start();
    /// Finishes the block under way, writes a checkpoint, joins the thread. Waiters are told
    /// `unavailable`.
    void stop();

    /// Checks form and signature on the calling thread, the rest on the service's.
    void submit(ledger::Bytes encoded, std::function<void(Submitted)> answer);
    /// The same for what the caller has checked.
    void submit_checked(market::CheckedTransaction, std::function<void(Submitted)> answer);

    /// Calls back when the transaction is final, at once when it is already; `unavailable` when
    /// the service stops or halts first, `full` when too many wait. A wait is ended by `cancel`.
    std::uint64_t wait_final(const ledger::TxId&,
                             std::function<void(Result<FinalTransaction>)> answer);
    void cancel(std::uint64_t wait);

    /// Told every final block, in order; subscribe before `start`.
    void on_block(std::function<void(const FinalBlock&)> listener);

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

    bool post(Task);
    void run();
    void make_block();
    bool checkpoint_due() const;
    void write_checkpoint();
    void add(market::CheckedTransaction, const std::function<void(Submitted)>& answer);
    void announce(FinalBlock);
    void dismiss(const ledger::Error& why);
    void sign(Candidate&);

    Parts parts_;
    LedgerServiceLimits limits_;
    Mempool mempool_;
    std::vector<std::function<void(const FinalBlock&)>> listeners_;

    struct Waiter {
        ledger::TxId id;
        std::function<void(Result<FinalTransaction>)> answer;
    };
    std::unordered_map<std::uint64_t, Waiter> waiters_;
    std::multimap<ledger::TxId, std::uint64_t> waiting_for_;
    std::atomic<std::uint64_t> next_wait_ = 1;
    std::atomic<std::size_t> mempool_size_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> tasks_;
    bool stopping_ = false;
    std::string halted_;
    std::shared_ptr<const Head> head_;
    Clock::Steady checkpointed_{};  ///< when the last one was done
    Clock::Steady::duration checkpoint_took_{};
    bool uncheckpointed_ = false;
    std::thread thread_;
};

/// Opens the log of a node and brings the chain to its end: blocks that the store has not are
/// executed again and compared.
Result<std::unique_ptr<ledger::Log>> open_log(ledger::Disk&, const std::string& folder, Chain&,
                                              const ledger::BlockStore&, ledger::Random&,
                                              const ledger::LogLimits& = {});

}  // namespace node
