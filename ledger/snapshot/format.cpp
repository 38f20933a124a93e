#include "ledger/snapshot/format.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/epoch_proof.hpp"
#include "ledger/crypto/hash.hpp"

#include <string>

namespace ledger {
namespace {

Error wrong(const std::string& what)
{
    return {ErrorKind::invalid, "snapshot: " + what};
}

Error bad_chunk(ErrorKind kind, std::size_t index, const std::string& what)
{
    return {kind, "snapshot chunk " + std::to_string(index) + ": " + what};
}

Result<void> check_ends(const std::vector<Hash>& ends)
{
    if (ends.empty() || ends.size() > SnapshotLimits::chunks) return wrong("number of chunks");
    for (std::size_t i = 1; i < ends.size(); ++i)
        if (!(ends[i - 1] < ends[i])) return wrong("the ends of its chunks do not ascend");
    if (ends.back() != last_key_hash()) return wrong("its chunks do not cover the state");
    return {};
}

}  // namespace

Hash snapshot_id(const SnapshotContent& content)
{
    return tagged_sha256("millrace/snapshot", codec::encode(content));
}

Bytes encode_manifest(const SnapshotManifest& manifest)
{
    return codec::encode(manifest);
}

Result<SnapshotManifest> decode_manifest(ByteView bytes)
{
    if (bytes.size() > SnapshotLimits::manifest_bytes)
        return Error{ErrorKind::full, "snapshot: the manifest is too long"};
    auto manifest = codec::decode<SnapshotManifest>(bytes);
    if (!manifest) return wrong(manifest.error().detail);
    if (manifest->content.version != 1) return wrong("of another version");
    if (manifest->finality.path.empty() ||
        manifest->finality.path.size() > SnapshotLimits::path_headers)
        return wrong("number of headers");
    if (const auto good = check_ends(manifest->content.ends); !good) return good.error();
    return manifest;
}

Result<void> check_manifest(const SnapshotManifest& manifest, const consensus::Epoch& epoch,
                            consensus::CertificateChecker& checker)
{
    const auto& [content, finality] = manifest;
    if (finality.path.empty() || finality.path.size() > SnapshotLimits::path_headers)
        return wrong("number of headers");
    if (const auto good = check_ends(content.ends); !good) return good;
    const auto& header = finality.path.front();
    if (header.kind == BlockKind::tail) return wrong("of a block that is not in the ledger");
    if (content.chain_id != header.chain_id) return wrong("of another chain");
    if (content.height != header.height || content.height.value == 0)
        return wrong("not of its header's height");
    if (content.block != block_id(header)) return wrong("not of its header's block");
    if (content.state_root != header.state_root) return wrong("not of its header's state");
    const auto history = HistoryTree::decode(content.history);
    if (!history) return wrong(history.error().detail);
    if (history->size() != header.height.value || history->root() != header.history_root)
        return wrong("not its header's history");
    const auto final =
        consensus::check_final_path(finality.path, finality.finalized, epoch, checker);
    if (!final) return wrong(final.error().detail);
    return {};
}

Hash next_key_hash(Hash key_hash)
{
    for (auto i = Hash::size; i-- > 0;) {
        if (++key_hash.bytes[i] != 0) break;
    }
    return key_hash;
}

Hash last_key_hash()
{
    Hash hash;
    hash.bytes.fill(0xff);
    return hash;
}

ChunkRange range_of_chunk(const SnapshotContent& content, std::size_t index)
{
    return {index == 0 ? Hash{} : next_key_hash(content.ends[index - 1]), content.ends[index]};
}

Result<CheckedChunk> check_chunk(const SnapshotContent& content, std::size_t index, ByteView bytes)
{
    if (index >= content.ends.size()) return bad_chunk(ErrorKind::invalid, index, "does not exist");
    if (bytes.size() > SnapshotLimits::chunk_bytes)
        return bad_chunk(ErrorKind::full, index, "is too long");
    auto chunk = codec::decode<SnapshotChunk>(bytes);
    if (!chunk) return bad_chunk(ErrorKind::invalid, index, chunk.error().detail);
    CheckedChunk checked;
    checked.hashes.reserve(chunk->entries.size());
    for (const auto& entry : chunk->entries)
        checked.hashes.push_back({sha256(entry.key), sha256(entry.value)});
    const auto range = range_of_chunk(content, index);
    if (!verify_range(content.state_root, range.first, range.last, checked.hashes, chunk->proof))
        return bad_chunk(ErrorKind::invalid, index, "is not what the state root says");
    checked.entries = std::move(chunk->entries);
    return checked;
}

}  // namespace ledger
