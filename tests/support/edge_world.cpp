#include "tests/support/edge_world.hpp"

#include "edge/key/device_key.hpp"
#include "ledger/sealing/items.hpp"
#include "ledger/sealing/opener.hpp"

namespace edge {

using ledger::Bytes;
using ledger::ByteView;
using ledger::Result;
using namespace ledger::sealing;

namespace {

Result<Items> read_items(const Opener& opener, const std::vector<Bytes>& chunks)
{
    Items items;
    std::string now;
    ItemReader reader{{[&](const std::string& name, std::uint64_t) {
                           now = name;
                           return items.emplace(name, Bytes{}).second
                                      ? Result<void>{}
                                      : ledger::invalid(name + " is there twice");
                       },
                       [&](ByteView data) {
                           ledger::append(items.at(now), data);
                           return Result<void>{};
                       },
                       [] { return Result<void>{}; }}};
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const auto plain = opener.open(i, chunks[i]);
        if (!plain) return ledger::invalid(std::string{describe(plain.error())});
        if (const auto read = reader.read(*plain); !read) return read.error();
    }
    if (const auto whole = reader.finish(); !whole) return whole.error();
    return items;
}

}  // namespace

Result<Items> open_items(const StoredBatch& batch, const EdgeWorld& world)
{
    const auto& said = batch.contribution;
    if (ledger::recover_key(contribution_digest(said), batch.signature) !=
        ledger::public_key(world.device))
        return ledger::invalid("the signature is not the device's");
    std::vector<Bytes> chunks;
    Bytes table;
    const auto root = root_of(*batch.file, batch.image, [&](ByteView sealed, const Leaf& leaf) {
        chunks.emplace_back(sealed.begin(), sealed.end());
        LeafTable::append(table, leaf);
        return Result<void>{};
    });
    if (!root) return root.error();
    const auto leaves = LeafTable::check(table, said.summary);
    if (!leaves) return leaves.error();
    const auto key = unwrap(said.wraps.at(0), said.dataset, world.master);
    if (!key) return key.error();
    const auto opener = Opener::make(*key, said.dataset, said.summary, *leaves);
    if (!opener) return opener.error();
    return read_items(*opener, chunks);
}

Bytes some_bytes(std::uint64_t seed, std::size_t size)
{
    ledger::SeededRandom random{seed};
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
}

ItemId id_of(std::uint64_t number)
{
    ItemId id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    id.bytes[15] = 1;
    return id;
}

}  // namespace edge
