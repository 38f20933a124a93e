#include "tests/support/snapshot_world.hpp"

#include "ledger/base/ensure.hpp"
#include "tests/support/store_blocks.hpp"

#include <random>

namespace ledger {

SnapshotWorld::SnapshotWorld(const Options& options)
{
    ValidatorSet set;
    for (std::uint8_t n = 0; n < 4; ++n) {
        keys_.push_back(
            *SecretKey::from_bytes(Bytes(32, static_cast<std::uint8_t>(options.first_key + n))));
        set.push_back({consensus_key(keys_.back()), public_key(keys_.back()), {}, {}, 1'000});
    }
    std::mt19937 random{options.seed};
    nodes = std::make_unique<StoreNodes>(*store);
    StateTree tree{*nodes};
    HistoryTree history;
    Header header;
    header.chain_id = {7};
    for (std::uint64_t height = 0; height <= options.height; ++height) {
        StateDiff diff;
        // Block 0 is the same whatever the options, so that worlds are of one network.
        for (std::size_t i = height - 1; height > 0 && i < options.entries; i += options.height) {
            const auto name = "entry " + std::to_string(i * 7919 + options.seed);
            diff[bytes_of(name)] = Bytes(random() % 900, static_cast<std::uint8_t>(random()));
        }
        header.state_root = *tree.apply({height}, diff);
        header.height = {height};
        header.view = height;
        header.history_root = history.root();
        history_before = history;
        const auto id = block_id(header);
        if (height == 0) epoch = std::make_shared<const consensus::Epoch>(ChainId{7}, 0, id, set);
        const StoredBlock block{{height},
                                id,
                                encode_header(header),
                                encode_body({}),
                                bytes_of("none"),
                                encode_certificate(sign(header))};
        if (height == 0) genesis = block;
        auto nodes_made = history.append(id);
        ensure(store->append({block, {}, diff, height, std::move(nodes_made)}).has_value(),
               "memory takes a block");
        header.parent_id = id;
        header.parent_view = header.view;
    }
    ensure(store->checkpoint(*tree.take_changes(), options.height).has_value(),
           "memory takes a checkpoint");
    finality.path.push_back(*decode_header(store->block({options.height})->header));
    for (std::size_t i = 0; i < options.descendants; ++i) {
        header.height = {options.height + i + 1};
        header.view = options.height + 3 * (i + 1);
        finality.path.push_back(header);
        header.parent_id = block_id(header);
        header.parent_view = header.view;
    }
    finality.finalized = sign(finality.path.back());
}

Certificate SnapshotWorld::sign(const Header& header) const
{
    Certificate certificate;
    certificate.kind = VoteKind::finalize;
    certificate.epoch = header.epoch;
    certificate.view = header.view;
    certificate.id = block_id(header);
    certificate.bitmap = {0b1110'0000};
    const auto digest =
        vote_digest(epoch->subject(VoteKind::finalize, header.view, certificate.id));
    for (std::size_t n = 0; n < 3; ++n)
        certificate.signatures.push_back(schnorr_sign(keys_[n], digest, {}));
    return certificate;
}

SnapshotManifest SnapshotWorld::write(SnapshotFolder& folder, std::size_t memory_bytes) const
{
    SnapshotWriteOptions options;
    options.chunk_bytes = chunk_bytes;
    options.memory_bytes = memory_bytes;
    auto manifest = write_snapshot(folder, source(), options);
    ensure(manifest.has_value(), "a snapshot of a whole store is written");
    return *manifest;
}

std::string listing(const StateView& view)
{
    std::string seen;
    view.scan({}, [&](ByteView key, ByteView value) {
        seen += std::string{as_text(key)} + "=" + std::string{as_text(value)} + "\n";
        return true;
    });
    return seen;
}

}  // namespace ledger
