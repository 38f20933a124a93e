#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace ledger::sealing {

inline constexpr std::size_t chunk_bytes = 32 * 1024;  ///< of plaintext; the last may have fewer
inline constexpr std::size_t tag_bytes = 16;
inline constexpr std::size_t sealed_chunk_bytes = chunk_bytes + tag_bytes;

/// Which chunk it is. The ciphertext is bound to all of it, so that chunks cannot be reordered,
/// moved to another dataset, or left out at the end.
struct ChunkPlace {
    Hash dataset;
    std::uint64_t index{};
    bool is_last = false;
    friend bool operator==(const ChunkPlace&, const ChunkPlace&) = default;
};

/// What a batch commits to of one chunk: it tells nothing of key or text, and no other key opens
/// the ciphertext to something else (an AEAD alone does not promise that).
struct Leaf {
    Hash key_hash;    ///< SHA-256 of the chunk's key
    Hash chunk_hash;  ///< SHA-256 of the sealed chunk, tag included
    friend bool operator==(const Leaf&, const Leaf&) = default;
};

/// SHA-256(0x00 || u64 index || key hash || chunk hash): a leaf of RFC 6962's tree.
Hash leaf_hash(std::uint64_t index, const Leaf& leaf);

struct SealedChunk {
    Bytes sealed;
    Leaf leaf;
};

/// ChaCha20-Poly1305 (RFC 8439) under a key used once, so that the nonce may be zero, with
/// dataset || u64 index || u8 last as associated data. At most `chunk_bytes` of text.
SealedChunk seal_chunk(const SecretBytes& key, const ChunkPlace& place, ByteView plain);

/// Why a sealed chunk is not what its leaf promised, in the order in which it is looked at. The
/// last one is the seller's fault and can be shown to anybody by showing the key.
enum class ChunkFault {
    other_key,    ///< the key is not the one committed to
    other_bytes,  ///< the ciphertext is not the one committed to
    does_not_open,
};

/// The text, or why there is none. For any bytes of a stranger.
Result<Bytes, ChunkFault> open_chunk(ByteView key, const ChunkPlace& place, const Leaf& leaf,
                                     ByteView sealed);

/// In words.
std::string_view describe(ChunkFault fault);

}  // namespace ledger::sealing
