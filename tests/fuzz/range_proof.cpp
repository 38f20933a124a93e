// Proofs of ranges by strangers: a proof has one encoding, and under a known root nothing passes
// but what is there. Input: what both ends begin with, then a proof; or, where the third byte is
// even, pairs of a place and a change in the honest one, of which the first spoils the entries.
#include "ledger/state/range_proof.hpp"
#include "ledger/base/ensure.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/state/tree_builder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace ledger;

/// A small tree, all of it stored.
struct Known {
    MemoryTreeNodes nodes;
    Hash root;
    std::vector<RangeEntry> entries;

    Known()
    {
        StateTree tree{nodes};
        StateDiff diff;
        for (std::uint8_t n = 0; n < 48; ++n) {
            diff[Bytes{n}] = Bytes{n, n};
            entries.push_back({sha256(Bytes{n}), sha256(Bytes{n, n})});
        }
        std::ranges::sort(entries);
        root = *tree.apply(Height{1}, diff);
        nodes.apply(*tree.take_changes());
    }
};

Hash end(std::uint8_t begin, std::uint8_t rest)
{
    Hash hash;
    hash.bytes.fill(rest);
    hash.bytes[0] = begin;
    return hash;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Known known;
    if (size < 3 || data[0] > data[1]) return 0;
    const auto first = end(data[0], 0);
    const auto last = end(data[1], 0xff);
    const ByteView rest{data + 3, size - 3};

    std::vector<RangeEntry> there;
    for (const auto& entry : known.entries)
        if (first <= entry.key_hash && entry.key_hash <= last) there.push_back(entry);
    const auto honest = *prove_range(known.nodes, Height{1}, known.root, first, last);
    ensure(verify_range(known.root, first, last, there, honest), "what is there is shown");

    auto shown = there;
    auto bytes = Bytes(rest.begin(), rest.end());
    if (data[2] % 2 == 0) {
        bytes = encode(honest);
        for (std::size_t i = 2; i + 1 < rest.size(); i += 2)
            bytes[rest[i] * bytes.size() / 256] ^= rest[i + 1];
        if (rest.size() >= 2 && !shown.empty()) {
            auto& entry = shown[rest[0] % shown.size()];
            entry.key_hash.bytes[31] ^= static_cast<std::uint8_t>(rest[1] & 0x0f);
            entry.value_hash.bytes[0] ^= static_cast<std::uint8_t>(rest[1] >> 4);
            if (rest[1] == 0xff) shown.pop_back();
        }
    }
    const auto proof = decode_range_proof(bytes);
    if (!proof) return 0;
    ensure(encode(*proof) == bytes, "a proof has one encoding");
    if (verify_range(known.root, first, last, shown, *proof))
        ensure(shown == there && *proof == honest, "nothing else is shown, in no other way");
    return 0;
}
