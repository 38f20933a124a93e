// What stands on the disk of a stored batch is read whatever it is, and what is read is written to
// the same again.
#include "node/blobs/store/batch_records.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>

using ledger::ByteView;
using ledger::ensure;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const ByteView bytes{data + 1, size - 1};
    if (const auto manifest = node::decode_manifest(bytes))
        ensure(*node::decode_manifest(node::encode_manifest(*manifest)) == *manifest,
               "a manifest is the same again");
    if (const auto mark = node::decode_mark(bytes))
        ensure(*node::decode_mark(node::encode_mark(*mark)) == *mark, "a mark is the same again");
    node::ChunkSet have{data[0] * std::uint64_t{40} + 1};
    const std::uint64_t page = data[0] % 3;
    const bool is_read = node::decode_page(bytes, page, have).has_value();
    ensure(is_read || have.count() == 0, "a bad page says nothing");
    if (is_read && have.count() != 0)
        ensure(std::ranges::equal(node::encode_page(have, page), bytes),
               "a page is the same again");
    return 0;
}
