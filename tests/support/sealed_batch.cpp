#include "tests/support/sealed_batch.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/sealing/sealer.hpp"
#include "ledger/transfer/batch_status.hpp"
#include "ledger/transfer/checks.hpp"

namespace ledger {

namespace {

Bytes part_of(const Bytes& all, std::uint64_t from, std::uint64_t length)
{
    const auto part = ByteView{all}.subspan(from, length);
    return {part.begin(), part.end()};
}

}  // namespace

Bytes SealedBatch::leaf_part(const transfer::ChunkRange& range) const
{
    constexpr auto entry = sealing::LeafTable::entry_bytes;
    return part_of(leaves, range.first * entry, range.count * entry);
}

Bytes SealedBatch::chunk_part(const transfer::ChunkRange& range) const
{
    return part_of(sealed, range.first * sealing::sealed_chunk_bytes,
                   transfer::range_bytes(summary(), range));
}

transfer::WebReply SealedBatch::answer(const transfer::WebCall& call) const
{
    const auto last = call.target.substr(call.target.rfind('/') + 1);
    const auto text = [](const std::string& body) {
        return transfer::WebReply{200, {body.begin(), body.end()}};
    };
    if (last == "manifest") return text(transfer::manifest_text(manifest));
    if (call.target.find("/table/") != std::string::npos)
        return {200, leaf_part(*transfer::parse_range(last))};
    if (call.target.find("/chunks/") != std::string::npos)
        return {200, chunk_part(*transfer::parse_range(last))};
    auto status = transfer::status_of(summary(), manifest.chunks);
    transfer::ChunkSet all{manifest.chunks};
    all.set_all();
    transfer::say_have(status, all, 0);
    return text(codec::to_json(status).dump());
}

SealedBatch seal_batch(std::uint64_t seed, std::uint64_t full_chunks, std::size_t rest)
{
    SeededRandom random{seed};
    const auto key = SecretKey::generate(random);
    SealedBatch batch;
    batch.manifest.dataset = random.next<Hash>();
    sealing::Sealer sealer{key, batch.manifest.dataset,
                           [&](ByteView sealed, const sealing::Leaf& leaf) -> Result<void> {
                               append(batch.sealed, sealed);
                               sealing::LeafTable::append(batch.leaves, leaf);
                               return {};
                           }};
    Bytes text(sealing::chunk_bytes, static_cast<std::uint8_t>(seed));
    for (std::uint64_t i = 0; i < full_chunks; ++i) {
        text[0] = static_cast<std::uint8_t>(i);
        static_cast<void>(sealer.write(text));
    }
    static_cast<void>(sealer.write(ByteView{text}.first(rest)));
    const auto summary = *sealer.finish();
    batch.manifest.point = summary.point;
    batch.manifest.root = summary.root;
    batch.manifest.chunks = summary.chunks;
    batch.manifest.bytes = summary.bytes;
    const auto master = X25519Key::generate(random);
    const auto to = x25519_public_key(master);
    batch.manifest.wraps.push_back({to, *sealing::wrap(key, batch.manifest.dataset, to, random)});
    return batch;
}

}  // namespace ledger
