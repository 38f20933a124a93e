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
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace node
