// A stream of items that is read into memory is written again with the same items, by name, and
// holds no more than its limits.
#include "ledger/base/ensure.hpp"
#include "samples/item_stream.hpp"

#include <algorithm>

namespace {

using ledger::ByteView;

auto items_from(ByteView stream, std::size_t piece)
{
    samples::Limits limits;
    limits.items = 64;
    limits.stream_bytes = 4096;
    return samples::read_item_stream(
        [&](std::span<std::uint8_t> to) -> ledger::Result<std::size_t> {
            const auto count = std::min({piece, to.size(), stream.size()});
            std::copy_n(stream.begin(), count, to.begin());
            stream = stream.subspan(count);
            return count;
        },
        limits);
}

ledger::Bytes written(const samples::Items& items)
{
    ledger::Bytes stream;
    const auto done = samples::write_item_stream(items, [&](ByteView piece) {
        ledger::append(stream, piece);
        return ledger::Result<void>{};
    });
    ledger::ensure(done.has_value(), "what was read can be written");
    return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const auto items = items_from({data + 1, size - 1}, std::size_t{data[0]} + 1);
    if (!items) return 0;
    ledger::ensure((*items)->size() <= 64, "no more items than the limit");
    const auto first = written(**items);
    ledger::ensure(first.size() < size, "a stream is not longer than it was");
    const auto again = items_from(first, first.size());
    ledger::ensure(again && written(**again) == first, "items are read as they were written");
    return 0;
}
