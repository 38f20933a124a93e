#include "wallet/client/known_network.hpp"

#include "ledger/chain/block.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/state_tree.hpp"
#include "market/execute.hpp"

namespace wallet {

ledger::Result<ledger::Header> genesis_block(const ledger::Genesis& genesis)
{
    const ledger::MemoryTreeNodes nothing;
    ledger::StateTree tree{nothing};
    const auto root = tree.apply({0}, market::genesis_state(genesis));
    if (!root) return root.error();
    ledger::Header header;
    header.chain_id = genesis.chain_id;
    header.time_ms = genesis.time_ms;
    header.tx_root = ledger::root_of({});
    header.body_bytes = ledger::encode_body({}).size();
    header.state_root = *root;
    header.receipts_root = ledger::root_of({});
    header.history_root = ledger::HistoryTree{}.root();
    header.valset_hash = ledger::valset_hash(genesis.validators.set);
    header.just_hash = ledger::document_hash(genesis);
    return header;
}

Outcome<SharedNetwork> network_of(std::string_view genesis_json)
{
    auto genesis = ledger::parse_genesis(genesis_json);
    if (!genesis) return failure_of(genesis.error());
    const auto block_0 = genesis_block(*genesis);
    if (!block_0) return failure_of(block_0.error());
    return std::make_shared<const market::Network>(std::move(*genesis), ledger::block_id(*block_0));
}

}  // namespace wallet
