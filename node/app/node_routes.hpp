#pragma once

#include "node/core/ledger_service.hpp"
#include "node/http/event_hub.hpp"
#include "node/http/metrics.hpp"
#include "node/http/router.hpp"
#include "node/payment/channel_book.hpp"
#include "node/payment/payment_journal.hpp"

namespace node {

struct NodeRouteParts {
    LedgerService& ledger;
    Metrics& metrics;
    EventHub& events;
    const PaymentJournal& journal;
    const ChannelBook& book;
    Router& router;
};

/// /healthz, /metrics, /openapi.json, /v1/events and what the host knows of its channels.
void add_node_routes(Router&, const NodeRouteParts&);

/// Tells subscribers a final block and what happened in it.
void publish(EventHub&, const FinalBlock&);

/// Height, mempool and the like at /metrics.
void add_gauges(Metrics&, LedgerService&);

/// What channels have earned, at /metrics. The book must outlive the metrics' last scrape.
void add_payment_gauges(Metrics&, const ChannelBook&);

}  // namespace node
