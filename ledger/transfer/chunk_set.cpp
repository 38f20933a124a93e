#include "ledger/transfer/chunk_set.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/sealing/leaf_table.hpp"

#include <algorithm>

namespace ledger::transfer {

std::string to_text(const ChunkRange& range)
{
    auto text = std::to_string(range.first);
    if (range.count > 1) text += "-" + std::to_string(range.end() - 1);
    return text;
}

Result<ChunkRange> parse_range(std::string_view text)
{
    const auto dash = text.find('-');
    const auto first = codec::parse_decimal(text.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : codec::parse_decimal(text.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= sealing::most_chunks)
        return invalid("a range of chunks is FIRST or FIRST-LAST");
    return ChunkRange{*first, *last - *first + 1};
}

bool ChunkSet::has_all(const ChunkRange& range) const
{
    for (auto i = range.first; i < range.end(); ++i)
        if (!has(i)) return false;
    return true;
}

void ChunkSet::set(std::uint64_t index)
{
    if (has(index)) return;
    bits_[index / 8] = static_cast<std::uint8_t>(bits_[index / 8] | 1U << (index % 8));
    ++count_;
}

void ChunkSet::set(const ChunkRange& range)
{
    for (auto i = range.first; i < range.end(); ++i) set(i);
}

void ChunkSet::clear(std::uint64_t index)
{
    if (!has(index)) return;
    bits_[index / 8] = static_cast<std::uint8_t>(bits_[index / 8] & ~(1U << (index % 8)));
    --count_;
}

ChunkRange ChunkSet::missing(std::uint64_t from, std::uint64_t most) const
{
    while (from < chunks_ && has(from)) from += from % 8 == 0 && bits_[from / 8] == 0xff ? 8 : 1;
    ChunkRange found{from, 0};
    while (found.count < most && found.end() < chunks_ && !has(found.end())) ++found.count;
    return found;
}

ChunkRange ChunkSet::first_without(const ChunkSet& without, std::uint64_t from,
                                   std::uint64_t most) const
{
    const auto fits = [&](std::uint64_t index) { return has(index) && !without.has(index); };
    while (from < chunks_ && !fits(from)) {
        const bool is_none = (bits_[from / 8] & ~without.bits_[from / 8]) == 0;
        from = is_none ? (from / 8 + 1) * 8 : from + 1;
    }
    ChunkRange found{std::min(from, chunks_), 0};
    while (found.count < most && found.end() < chunks_ && fits(found.end())) ++found.count;
    return found;
}

std::vector<ChunkRange> ChunkSet::ranges(std::size_t most, std::uint64_t from) const
{
    std::vector<ChunkRange> found;
    while (from < chunks_ && found.size() < most) {
        while (from < chunks_ && !has(from)) from += from % 8 == 0 && bits_[from / 8] == 0 ? 8 : 1;
        ChunkRange range{from, 0};
        while (range.end() < chunks_ && has(range.end())) ++range.count;
        if (range.count != 0) found.push_back(range);
        from = range.end();
    }
    return found;
}

}  // namespace ledger::transfer
