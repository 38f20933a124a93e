// Proofs of strangers: read as they are written; under a known root they show what is there and
// nothing else, and a proof changed in any bit shows nothing.
#include "ledger/state/state_proof.hpp"
#include "ledger/base/ensure.hpp"
#include "tests/support/naive_state.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace ledger;

struct Known {
    NaiveState state;
    Hash root;
    Known()
    {
        StateDiff diff;
        for (std::uint8_t n = 0; n < 16; ++n) diff[Bytes{n}] = Bytes{n, n};
        state.apply(diff);
        root = state.root();
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Known known;
    if (size < 1) return 0;
    const ByteView bytes{data + 1, size - 1};
    const auto proof = decode_state_proof(bytes);
    if (!proof) return 0;
    ensure(encode(*proof) == Bytes(bytes.begin(), bytes.end()), "a proof has one encoding");

    const Bytes key{data[0]};
    const Bytes value{data[0], data[0]};
    const Bytes wrong{data[0], 0xff};
    const bool there = data[0] < 16;
    const bool shown = verify(known.root, key, ByteView{value}, *proof);
    const bool absent = verify(known.root, key, std::nullopt, *proof);
    ensure(!shown || there, "nothing is shown that is not there");
    ensure(!absent || !there, "what is there is not shown as missing");
    ensure(!verify(known.root, key, ByteView{wrong}, *proof), "another value is not shown");
    if (!shown && !absent) return 0;

    auto changed = Bytes(bytes.begin(), bytes.end());
    const auto at = bytes[0] + bytes[bytes.size() - 1] * std::size_t{7};
    changed[at % changed.size()] ^= static_cast<std::uint8_t>(1u << at % 8);
    const auto other = decode_state_proof(changed);
    if (!other) return 0;
    ensure(!verify(known.root, key, ByteView{value}, *other) &&
               !verify(known.root, key, std::nullopt, *other),
           "a changed proof shows nothing");
    return 0;
}
