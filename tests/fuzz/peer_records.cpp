// What strangers say about where peers are, and the file of peers: one encoding or a refusal.
#include "ledger/base/ensure.hpp"
#include "node/peers/peer_manager.hpp"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ledger::ByteView bytes{data, size};
    const ledger::TimeMs now{1'790'000'000'000};
    ledger::SeededRandom random{1};
    node::PeerManager peers{{}, {}, {}, random};
    if (const auto records = node::decode_records(bytes)) {
        ledger::ensure(records->size() <= node::RecordLimits::records, "records are bounded");
        ledger::ensure(std::ranges::equal(node::encode_records(*records), bytes),
                       "records have one encoding");
        const auto added = peers.learn(*records, {}, {}, now);
        ledger::ensure(added == peers.book().new_count() && added <= records->size(),
                       "only what was said is known");
    }
    if (peers.load(bytes, now))
        ledger::ensure(peers.book().new_count() + peers.book().tried_count() <= size,
                       "a file holds no more than it has bytes");
    return 0;
}
