#include "node/core/verify_checks.hpp"

namespace node {

using namespace ledger;

Error corrupt_block(Height height, const std::string& what)
{
    return {ErrorKind::corrupt, "block " + std::to_string(height.value) + ": " + what};
}

const char* wrong_by_itself(const market::Network& network, const Header& header,
                            const BlockBody& body, const Head& parent)
{
    if (header.chain_id != network.genesis.chain_id) return "another chain";
    if (header.parent_id != parent.id || header.height.value != parent.header.height.value + 1)
        return "does not follow the block before";
    if (header.time_ms <= parent.header.time_ms) return "time does not advance";
    if (header.tx_root != root_of(body) || header.tx_count != body.size() ||
        header.body_bytes != encode_body(body).size())
        return "the body is not the header's";
    return nullptr;
}

Result<void> check_index(const BlockStore& store, Height height, const std::vector<TxId>& ids)
{
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
        const auto found = store.find_tx(ids[i]);
        if (!found) return corrupt_block(height, "a transaction is not in the index");
        if (*found != TxLocation{height, i})
            return corrupt_block(height, "the index places a transaction elsewhere");
    }
    return {};
}

}  // namespace node
