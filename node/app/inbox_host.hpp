#pragma once

#include "node/app/blob_host.hpp"
#include "node/app/config.hpp"
#include "node/inbox/inbox_routes.hpp"

namespace node {

/// Where devices bring what they have sealed, on a running node.
class InboxHost {
public:
    /// The referred-to must outlive this.
    struct Parts {
        const market::Network& network;
        const ledger::BlockStore& store;
        PaymentJournal& journal;
        BlobHost& blobs;
        const OperatorGate& gate;
        const Clock& clock;
    };
    InboxHost(const InboxConfig& config, const Parts& parts);
    /// Reads what waits, and takes part in what batches are wanted; before any route is asked.
    ledger::Result<void> open();
    /// They say so where there is no dataset to keep an inbox for.
    void add_routes(Router& router, Metrics& metrics);

private:
    const bool enabled_;
    Parts parts_;
    Inbox inbox_;
    CallerLimits callers_{4'096};
    InboxCounts counts_;
};

}  // namespace node
