#include "node/app/board_host.hpp"

namespace node {
namespace {

BoardLimits board_limits(const BoardConfig& config)
{
    BoardLimits limits;
    limits.bytes = config.bytes;
    return limits;
}

BoardRootLimits root_limits(const BoardConfig& config)
{
    BoardRootLimits limits;
    limits.bytes = config.batch_bytes;
    return limits;
}

}  // namespace

BoardHost::BoardHost(const BoardConfig& config, const BoardId& id, const Parts& parts)
    : enabled_{config.enabled},
      parts_{parts},
      boards_{id, board_limits(config)},
      roots_{parts.blobs.batches(), root_limits(config)},
      sweeper_{{boards_, roots_, parts.store, parts.clock}}
{
    parts.blobs.add_wanted(roots_);
}

void BoardHost::add_routes(Router& router, Metrics& metrics)
{
    if (!enabled_) return;
    add_board_routes(
        router, {parts_.network, parts_.store, boards_, roots_, parts_.blobs.background(), posting_,
                 reading_, counts_, parts_.clock});
    add_board_metrics(metrics, boards_, counts_);
}

}  // namespace node
