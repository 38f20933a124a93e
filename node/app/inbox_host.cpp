#include "node/app/inbox_host.hpp"

#include "ledger/base/hex.hpp"

namespace node {
namespace {

/// `check_config` has seen that they are ids.
std::set<market::DatasetId> datasets_of(const InboxConfig& config)
{
    std::set<market::DatasetId> all;
    for (const auto& text : config.datasets)
        if (const auto id = ledger::id_from_hex<market::DatasetId>(text)) all.insert(*id);
    return all;
}

}  // namespace

InboxHost::InboxHost(const InboxConfig& config, const Parts& parts)
    : enabled_{!config.datasets.empty()},
      parts_{parts},
      inbox_{parts.journal, datasets_of(config), {config.waiting, config.of_device}}
{
}

ledger::Result<void> InboxHost::open()
{
    if (!enabled_) return {};
    if (const auto done = inbox_.rebuild(); !done) return done;
    parts_.blobs.add_wanted(inbox_);
    return {};
}

void InboxHost::add_routes(Router& router, Metrics& metrics)
{
    add_inbox_routes(router, {parts_.network, parts_.store, inbox_, parts_.blobs.batches(),
                              parts_.gate, callers_, counts_, parts_.clock});
    add_inbox_metrics(metrics, inbox_, counts_);
}

}  // namespace node
