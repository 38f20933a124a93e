// Items that are read are written to the same bytes again, in pieces of whatever size they came,
// and have names that stay below a folder.
#include "ledger/base/ensure.hpp"
#include "ledger/sealing/items.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using ledger::append;
using ledger::Bytes;
using ledger::ByteView;
using ledger::Result;
using namespace ledger::sealing;

namespace {

Result<Bytes> written_again(ByteView stream, std::size_t piece)
{
    Bytes again = items_begin();
    ItemReader reader{{[&](const std::string& name, std::uint64_t size) {
                           append(again, item_header(name, size));
                           return Result<void>{};
                       },
                       [&](ByteView data) {
                           append(again, data);
                           return Result<void>{};
                       },
                       [] { return Result<void>{}; }}};
    while (!stream.empty()) {
        const auto now = stream.first(std::min(piece, stream.size()));
        stream = stream.subspan(now.size());
        if (const auto done = reader.read(now); !done) return done.error();
    }
    if (const auto done = reader.finish(); !done) return done.error();
    append(again, items_end());
    return again;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const ByteView stream{data + 1, size - 1};
    const auto in_pieces = written_again(stream, std::size_t{data[0]} + 1);
    const auto at_once = written_again(stream, size);
    ledger::ensure(in_pieces.has_value() == at_once.has_value(), "pieces make no difference");
    if (!at_once) return 0;
    ledger::ensure(*at_once == *in_pieces && std::ranges::equal(*at_once, stream),
                   "items are written as they were read");
    return 0;
}
