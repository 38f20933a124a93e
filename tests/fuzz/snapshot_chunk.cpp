// Snapshots from strangers. The first byte chooses what is read: each message of peers, a manifest
// or a chunk has one encoding within its bounds. A chunk of a known snapshot is also spoiled by
// pairs of a place and a change: only what its state root commits to is taken.
#include "ledger/base/ensure.hpp"
#include "node/sync/snapshot_messages.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/snapshot_world.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace ledger;

struct Known {
    SnapshotWorld world{{.entries = 120}};
    SimDisk disk;
    SnapshotFolder folder{disk, "snapshots/5"};
    SnapshotManifest manifest = world.write(folder);
    std::vector<Bytes> chunks;

    Known()
    {
        for (std::size_t i = 0; i < manifest.content.ends.size(); ++i)
            chunks.push_back(*folder.chunk(i));
    }
};

void read_manifest(const Known& known, ByteView bytes)
{
    const auto manifest = decode_manifest(bytes);
    if (!manifest) return;
    ensure(encode_manifest(*manifest) == Bytes(bytes.begin(), bytes.end()),
           "a manifest has one encoding");
    consensus::CertificateChecker checker{known.world.verifier};
    if (check_manifest(*manifest, *known.world.epoch, checker))
        ensure(manifest->content.block == known.manifest.content.block &&
                   manifest->content.state_root == known.manifest.content.state_root,
               "only the final block is shown");
}

void spoil_chunk(const Known& known, std::size_t index, ByteView changes)
{
    const auto& honest = known.chunks[index];
    auto bytes = honest;
    for (std::size_t i = 0; i + 2 < changes.size(); i += 3)
        bytes[(changes[i] * std::size_t{256} + changes[i + 1]) % bytes.size()] ^= changes[i + 2];
    const auto checked = check_chunk(known.manifest.content, index, bytes);
    ensure(checked.has_value() == (bytes == honest), "the one chunk is taken and no other");
}

template <class Decode>
void read(Decode decode, ByteView bytes)
{
    if (const auto message = decode(bytes))
        ensure(node::encode(*message) == Bytes(bytes.begin(), bytes.end()),
               "a message has one encoding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Known known;
    if (size < 2) return 0;
    const auto index = data[1] % known.chunks.size();
    const ByteView bytes{data + 2, size - 2};
    switch (data[0] % 7) {
        case 0:
            read(node::decode_get_snapshot, bytes);
            break;
        case 1:
            read(node::decode_snapshot_reply, bytes);
            break;
        case 2:
            read(node::decode_get_snapshot_chunk, bytes);
            break;
        case 3:
            read(node::decode_chunk_reply, bytes);
            break;
        case 4:
            read_manifest(known, bytes);
            break;
        case 5:
            spoil_chunk(known, index, bytes);
            break;
        default:
            if (check_chunk(known.manifest.content, index, bytes))
                ensure(Bytes(bytes.begin(), bytes.end()) == known.chunks[index],
                       "no other chunk is taken");
            break;
    }
    return 0;
}
