#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/beacon.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/lasting.hpp"

#include <algorithm>

namespace market {

Verdict check_leaf(const Batch& batch, std::uint64_t index, const ChunkLeaf& leaf,
                   const std::vector<Hash>& path)
{
    if (path.size() > DataLimits::path) return Rejection::too_many_entries;
    const auto hash = ledger::sealing::leaf_hash(index, {leaf.key_hash, leaf.chunk_hash});
    if (!ledger::merkle_verify(batch.root, hash, index, batch.chunks, path))
        return Rejection::leaf_not_of_the_batch;
    return {};
}

Verdict apply(State& state, const Context& context, const DataPreview& message)
{
    if (!state.has<DatasetRecord>(message.dataset)) return Rejection::unknown_dataset;
    if (state.get<Dataset>(message.dataset).owner != context.sender)
        return Rejection::not_the_owner;
    const BatchKey batch_key{message.dataset, message.batch};
    const auto batch = state.find<Batch>(batch_key);
    if (!batch) return Rejection::unknown_batch;
    const auto drawn = drawn_chunks(state, batch_key, *batch);
    if (drawn.empty()) return Rejection::draw_not_known;
    if (!std::binary_search(drawn.begin(), drawn.end(), message.index))
        return Rejection::chunk_not_drawn;
    const PreviewKey key{batch_key, message.index};
    if (state.has<Preview>(key)) return Rejection::already_shown;
    if (const auto good = check_leaf(*batch, message.index, message.leaf, message.path); !good)
        return good;
    if (ledger::sha256(message.key.view()) != message.leaf.key_hash)
        return Rejection::key_not_of_the_leaf;

    const Preview preview{message.key, message.leaf.chunk_hash, context.now_ms()};
    if (const auto put = put_lasting(state, context, key, preview); !put) return put;
    context.emit(EventKind::shown, context.sender, {}, ledger::retag<Hash>(message.dataset));
    return {};
}

}  // namespace market
