#include "node/blobs/store/batch_records.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/base/ensure.hpp"
#include "ledger/crypto/crc32c.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>

namespace node {
namespace {

using namespace ledger;

constexpr std::string_view manifest_magic = "MRBATCH1";
constexpr std::string_view mark_magic{"MRMARK1\0", 8};
constexpr std::size_t sum_at = sector_bytes - 4;
constexpr std::size_t page_bytes = page_chunks / 8;

Error corrupt(std::string what)
{
    return {ErrorKind::corrupt, std::move(what)};
}

/// The names of a mark, in the order in which they have to be.
Result<std::vector<std::string>> read_holders(ByteView from)
{
    std::vector<std::string> holders(from[0]);
    if (holders.size() > most_holders) return corrupt("a mark with too many holders");
    std::size_t at = 1;
    for (auto& name : holders) {
        const std::size_t length = from[at++];
        if (length > holder_bytes || at + length >= from.size()) return corrupt("a long holder");
        name = as_text(from.subspan(at, length));
        at += length;
        if (!is_holder(name)) return corrupt("a holder without a name");
    }
    if (!std::is_sorted(holders.begin(), holders.end()) ||
        std::adjacent_find(holders.begin(), holders.end()) != holders.end())
        return corrupt("holders in disorder");
    return holders;
}

}  // namespace

Bytes whole_sector(Bytes bytes)
{
    ensure(bytes.size() <= sum_at, "a record fits its sector");
    bytes.resize(sum_at);
    append_big_endian(bytes, crc32c(bytes));
    return bytes;
}

bool sum_holds(ByteView sector)
{
    return sector.size() == sector_bytes &&
           crc32c(sector.first(sum_at)) == boost::endian::load_big_u32(sector.data() + sum_at);
}

bool is_holder(std::string_view name)
{
    return !name.empty() && name.size() <= holder_bytes &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
           });
}

Bytes encode_manifest(const BatchManifest& manifest)
{
    const auto text = transfer::manifest_text(manifest);
    Bytes bytes{manifest_magic.begin(), manifest_magic.end()};
    append_big_endian(bytes, static_cast<std::uint32_t>(text.size()));
    append(bytes, as_bytes(text));
    append_big_endian(bytes, crc32c(bytes));
    return bytes;
}

Result<BatchManifest> decode_manifest(ByteView bytes)
{
    if (bytes.size() < 16 || bytes.size() > manifest_record_bytes ||
        as_text(bytes.first(8)) != manifest_magic)
        return corrupt("this is no stored manifest");
    const auto length = boost::endian::load_big_u32(bytes.data() + 8);
    if (length != bytes.size() - 16) return corrupt("a manifest of another length");
    const auto summed = bytes.first(bytes.size() - 4);
    if (crc32c(summed) != boost::endian::load_big_u32(summed.data() + summed.size()))
        return corrupt("a manifest whose sum is wrong");
    auto manifest = transfer::parse_manifest(as_text(summed.subspan(12)));
    if (!manifest) return corrupt(manifest.error().detail);
    return manifest;
}

Bytes encode_mark(const BatchMark& mark)
{
    ensure(mark.holders.size() <= most_holders, "holders are counted before they are written");
    Bytes bytes{mark_magic.begin(), mark_magic.end()};
    append_big_endian(bytes, mark.number);
    append_big_endian(bytes, mark.used_ms);
    bytes.push_back(static_cast<std::uint8_t>(mark.holders.size()));
    for (const auto& name : mark.holders) {
        ensure(is_holder(name), "holders are checked before they are written");
        bytes.push_back(static_cast<std::uint8_t>(name.size()));
        append(bytes, as_bytes(name));
    }
    return whole_sector(std::move(bytes));
}

Result<BatchMark> decode_mark(ByteView sector)
{
    if (!sum_holds(sector) || as_text(sector.first(8)) != mark_magic)
        return corrupt("this is no mark of a batch");
    auto holders = read_holders(sector.subspan(24, sum_at - 24));
    if (!holders) return holders.error();
    return BatchMark{boost::endian::load_big_u64(sector.data() + 8),
                     boost::endian::load_big_u64(sector.data() + 16), std::move(*holders)};
}

Bytes encode_page(const ChunkSet& have, std::uint64_t page)
{
    const auto bits = have.bits();
    const auto from = std::min<std::size_t>(page * page_bytes, bits.size());
    const auto part = bits.subspan(from, std::min(page_bytes, bits.size() - from));
    return whole_sector({part.begin(), part.end()});
}

Result<void> decode_page(ByteView sector, std::uint64_t page, ChunkSet& have)
{
    if (!sum_holds(sector)) return corrupt("a page of chunks whose sum is wrong");
    const auto first = page * page_chunks;
    const auto left = have.chunks() - std::min(first, have.chunks());
    const auto is_set = [&](std::uint64_t i) { return (sector[i / 8] >> (i % 8) & 1) != 0; };
    for (auto i = std::min(left, page_chunks); i < sum_at * 8; ++i)
        if (is_set(i)) return corrupt("a page with chunks that the batch has not got");
    for (std::uint64_t i = 0; i < std::min(left, page_chunks); ++i)
        if (is_set(i)) have.set(first + i);
    return {};
}

}  // namespace node
