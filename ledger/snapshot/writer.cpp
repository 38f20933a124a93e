#include "ledger/snapshot/writer.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/state/tree_path.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace ledger {
namespace {

/// Keys are counted, and read in groups, by the first 16 bits of their hashes.
constexpr std::size_t buckets = 65'536;

std::size_t bucket_of(const Hash& key_hash)
{
    return std::size_t{key_hash.bytes[0]} << 8 | key_hash.bytes[1];
}

/// Two lengths of four bytes before key and value.
std::size_t encoded_size(ByteView key, ByteView value)
{
    return 8 + key.size() + value.size();
}

struct Sorted {
    RangeEntry hashes;
    SnapshotEntry entry;
};

class Writer {
public:
    Writer(SnapshotFolder& folder, const SnapshotSource& source,
           const SnapshotWriteOptions& options)
        : folder_{folder},
          source_{source},
          options_{options},
          header_{source.finality.path.front()},
          room_{options.chunk_bytes - RangeProof::max_bytes - 4}
    {
    }

    Result<SnapshotManifest> run()
    {
        content_.chain_id = header_.chain_id;
        content_.height = header_.height;
        content_.block = block_id(header_);
        content_.state_root = header_.state_root;
        content_.history = source_.history.encode();
        if (const auto done = folder_.make(); !done) return done.error();
        if (const auto done = folder_.clear(); !done) return done.error();
        if (const auto done = count(); !done) return done.error();
        for (std::size_t first = 0; first < buckets;) {
            const auto end = end_of_group(first);
            if (const auto done = write_group(first, end); !done) return done.error();
            first = end;
        }
        if (const auto done = close_chunk(last_key_hash()); !done) return done.error();
        if (!source_.seals.empty()) {
            if (const auto done = folder_.put_seals(source_.seals); !done) return done.error();
        }
        SnapshotManifest manifest{std::move(content_), source_.finality};
        const auto readable = decode_manifest(encode_manifest(manifest));
        if (!readable) return readable.error();
        if (const auto done = folder_.put_manifest(manifest); !done) return done.error();
        return manifest;
    }

private:
    /// Visits every entry of the state; the visit returns false to end with `stopped_`.
    template <class Visit>
    Result<void> scan(const Visit& visit)
    {
        std::uint64_t seen = 0;
        bool asked_to_stop = false;
        try {
            source_.state.scan({}, [&](ByteView key, ByteView value) {
                if (++seen % 4'096 == 0 && options_.go_on && !options_.go_on())
                    asked_to_stop = true;
                if (!asked_to_stop) visit(key, value);
                return !asked_to_stop;
            });
        } catch (const StateFault& fault) {
            return Error{ErrorKind::corrupt, fault.what()};
        }
        if (asked_to_stop) return Error{ErrorKind::unavailable, "the snapshot was given up"};
        return {};
    }

    Result<void> count()
    {
        sizes_.assign(buckets, 0);
        std::size_t largest = 0;
        const auto done = scan([&](ByteView key, ByteView value) {
            const auto bytes = encoded_size(key, value);
            largest = std::max(largest, bytes);
            sizes_[bucket_of(sha256(key))] += bytes;
            ++content_.entries;
            content_.bytes += key.size() + value.size();
        });
        if (!done) return done;
        if (largest > room_)
            return Error{ErrorKind::full, "an entry of the state does not fit a snapshot's chunk"};
        return {};
    }

    std::size_t end_of_group(std::size_t first) const
    {
        auto end = first + 1;
        auto bytes = sizes_[first];
        while (end < buckets && bytes + sizes_[end] <= options_.memory_bytes)
            bytes += sizes_[end++];
        return end;
    }

    Result<void> write_group(std::size_t first, std::size_t end)
    {
        std::vector<Sorted> group;
        const auto done = scan([&](ByteView key, ByteView value) {
            const auto key_hash = sha256(key);
            const auto bucket = bucket_of(key_hash);
            if (bucket < first || bucket >= end) return;
            group.push_back({{key_hash, sha256(value)},
                             {Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end())}});
        });
        if (!done) return done;
        std::ranges::sort(group, {}, [](const Sorted& each) { return each.hashes.key_hash; });
        for (auto& each : group) {
            const auto bytes = encoded_size(each.entry.key, each.entry.value);
            if (used_ + bytes > room_) {
                const auto last = hashes_.back().key_hash;
                if (const auto closed = close_chunk(last); !closed) return closed;
            }
            used_ += bytes;
            hashes_.push_back(each.hashes);
            entries_.push_back(std::move(each.entry));
        }
        return {};
    }

    Result<void> close_chunk(const Hash& last)
    {
        const auto index = content_.ends.size();
        if (index == SnapshotLimits::chunks)
            return Error{ErrorKind::full, "the state is too large for a snapshot"};
        content_.ends.push_back(last);
        const auto range = range_of_chunk(content_, index);
        auto proof =
            prove_range(source_.nodes, header_.height, header_.state_root, range.first, range.last);
        if (!proof) return proof.error();
        if (!verify_range(header_.state_root, range.first, range.last, hashes_, *proof))
            return Error{ErrorKind::corrupt,
                         "the stored state is not what the state root of block " +
                             std::to_string(header_.height.value) + " says"};
        const SnapshotChunk chunk{std::move(entries_), std::move(*proof)};
        const auto bytes = codec::encode(chunk);
        ensure(bytes.size() <= options_.chunk_bytes, "a chunk keeps its bound");
        entries_.clear();
        hashes_.clear();
        used_ = 0;
        return folder_.put_chunk(index, bytes);
    }

    SnapshotFolder& folder_;
    const SnapshotSource& source_;
    const SnapshotWriteOptions& options_;
    const Header& header_;
    std::size_t room_;  ///< bytes of entries in one chunk
    SnapshotContent content_;
    std::vector<std::uint64_t> sizes_;
    std::vector<SnapshotEntry> entries_;  ///< of the chunk that is being filled
    std::vector<RangeEntry> hashes_;      ///< of the same
    std::size_t used_ = 0;
};

}  // namespace

Result<HistoryTree> history_before(const BlockStore& store, Height height)
{
    Bytes encoded;
    append_big_endian(encoded, height.value);
    for (std::uint64_t first = 0; first < height.value;) {
        const auto leaves = std::bit_floor(height.value - first);
        const auto level = static_cast<std::uint8_t>(std::countr_zero(leaves));
        const auto node = store.history_node(level, first >> level);
        if (!node) return node.error();
        if (!*node) return Error{ErrorKind::not_found, "the history before this block is not kept"};
        append(encoded, (*node)->view());
        first += leaves;
    }
    return HistoryTree::decode(encoded);
}

Result<SnapshotManifest> write_snapshot(SnapshotFolder& folder, const SnapshotSource& source,
                                        const SnapshotWriteOptions& options)
{
    ensure(!source.finality.path.empty(), "a snapshot is of a block");
    ensure(options.chunk_bytes <= SnapshotLimits::chunk_bytes &&
               options.chunk_bytes >= 2 * RangeProof::max_bytes,
           "chunks have room for entries and keep their bound");
    return Writer{folder, source, options}.run();
}

}  // namespace ledger
