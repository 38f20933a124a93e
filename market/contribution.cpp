#include "market/contribution.hpp"

#include "ledger/sealing/contribution.hpp"

namespace market {

Hash contribution_digest(const Network& network, const DataContribute& message)
{
    ledger::sealing::Contribution said;
    said.network = ledger::retag<Hash>(network.genesis_id);
    said.dataset = ledger::retag<Hash>(message.dataset);
    said.batch = message.batch;
    said.summary = {message.point, message.root, message.chunks, message.bytes};
    said.shares = message.shares;
    said.schema = message.schema_hash;
    said.meta = message.meta_hash;
    for (const auto& wrap : message.wraps)
        said.wraps.emplace_back(wrap.bytes.begin(), wrap.bytes.end());
    return ledger::sealing::contribution_digest(said);
}

}  // namespace market
