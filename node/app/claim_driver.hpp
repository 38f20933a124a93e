#pragma once

#include "node/payment/claims.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace node {

/// Lets the claim keeper look at the ledger after each block and every second, and sends what it
/// orders. Owns its thread.
class ClaimDriver {
public:
    /// The referred-to must outlive this.
    ClaimDriver(ClaimKeeper& keeper, LedgerPort& ledger, const Clock& clock)
        : keeper_{keeper}, ledger_{ledger}, clock_{clock}
    {
    }
    ~ClaimDriver() { stop(); }

    void start();
    /// Claims all that was receipted, whatever the policy says, and waits until the ledger has
    /// taken what it takes now; false when `patience` has passed before. What a pending claim
    /// stands before waits for the next start.
    bool finish(std::chrono::milliseconds patience);
    /// Sends no more; what is under way is the ledger's. Joins the thread.
    void stop();
    /// Something happened: look now. Any thread.
    void wake();

private:
    struct Finished {
        ClaimKeeper::Order order;
        Settled settled;
    };
    void run();

    ClaimKeeper& keeper_;
    LedgerPort& ledger_;
    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Finished> finished_;
    bool woken_ = false;
    bool finishing_ = false;
    bool is_finished_ =
        false;  ///< a look since `finishing_` found nothing to send, all is answered
    bool stopping_ = false;
    std::size_t under_way_ = 0;  ///< sent and not settled
    std::thread thread_;
};

}  // namespace node
