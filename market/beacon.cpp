#include "market/beacon.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace market {
namespace {

/// Draws evenly but for one part in 2^39: a batch has at most 2^25 chunks.
std::uint64_t draw(const ledger::BlockId& block, const BatchKey& batch, std::uint32_t number,
                   std::uint64_t chunks)
{
    ledger::codec::Writer writer;
    writer.put(block);
    writer.put(batch);
    writer.put(number);
    const auto hash = ledger::tagged_sha256("millrace/preview/v1", writer.take());
    std::uint64_t drawn = 0;
    for (std::size_t i = 0; i < 8; ++i) drawn = drawn << 8 | hash.bytes[i];
    return drawn % chunks;
}

}  // namespace

void note_beacon(State& state, const ledger::BlockId& parent)
{
    if (parent.is_zero()) return;
    const auto awaited = state.find<AwaitedBeacon>({});
    if (!awaited) return;
    state.put(awaited->height, Beacon{parent});
    state.erase<AwaitedBeacon>({});
}

std::vector<std::uint64_t> drawn_chunks(const View& view, const BatchKey& key, const Batch& batch)
{
    const auto beacon = view.find<Beacon>(batch.height);
    if (!beacon) return {};
    std::vector<std::uint64_t> chunks;
    for (std::uint32_t number = 0; number < PreviewLimits::draws; ++number)
        chunks.push_back(draw(beacon->block, key, number, batch.chunks));
    std::sort(chunks.begin(), chunks.end());
    chunks.erase(std::unique(chunks.begin(), chunks.end()), chunks.end());
    return chunks;
}

}  // namespace market
