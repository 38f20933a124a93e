#include "node/core/genesis_block.hpp"

#include "ledger/state/history.hpp"
#include "ledger/state/state_tree.hpp"
#include "market/execute.hpp"

namespace node {

ledger::Header genesis_header(const ledger::Genesis& genesis, const ledger::Hash& state_root)
{
    ledger::Header header;
    header.chain_id = genesis.chain_id;
    header.time_ms = genesis.time_ms;
    header.tx_root = ledger::root_of({});
    header.body_bytes = ledger::encode_body({}).size();
    header.state_root = state_root;
    header.receipts_root = ledger::root_of({});
    header.history_root = ledger::HistoryTree{}.root();
    header.valset_hash = ledger::valset_hash(genesis.validators.set);
    header.just_hash = ledger::document_hash(genesis);
    return header;
}

ledger::Result<ledger::BlockId> genesis_id(const ledger::Genesis& genesis)
{
    const ledger::MemoryTreeNodes nothing;
    ledger::StateTree tree{nothing};
    const auto root = tree.apply({0}, market::genesis_state(genesis));
    if (!root) return root.error();
    return ledger::block_id(genesis_header(genesis, *root));
}

}  // namespace node
