#include "ledger/sealing/chunk.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/base/ensure.hpp"
#include "ledger/crypto/aead.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/sha256.hpp"

#include <array>

namespace ledger::sealing {
namespace {

constexpr std::array<std::uint8_t, aead_nonce_bytes> zero_nonce{};

Bytes associated(const ChunkPlace& place)
{
    Bytes bytes{place.dataset.bytes.begin(), place.dataset.bytes.end()};
    append_big_endian(bytes, place.index);
    bytes.push_back(place.is_last ? 1 : 0);
    return bytes;
}

}  // namespace

Hash leaf_hash(std::uint64_t index, const Leaf& leaf)
{
    Bytes data;
    data.reserve(8 + 2 * Hash::size);
    append_big_endian(data, index);
    append(data, leaf.key_hash.view());
    append(data, leaf.chunk_hash.view());
    return merkle_leaf(data);
}

SealedChunk seal_chunk(const SecretBytes& key, const ChunkPlace& place, ByteView plain)
{
    ensure(plain.size() <= chunk_bytes, "a chunk has at most 32 KiB of text");
    auto sealed = seal(Aead::chacha20_poly1305, key.view(), zero_nonce, associated(place), plain);
    const Leaf leaf{sha256(key.view()), sha256(sealed)};
    return {std::move(sealed), leaf};
}

Result<Bytes, ChunkFault> open_chunk(ByteView key, const ChunkPlace& place, const Leaf& leaf,
                                     ByteView sealed)
{
    if (key.size() != aead_key_bytes || sha256(key) != leaf.key_hash) return ChunkFault::other_key;
    if (sha256(sealed) != leaf.chunk_hash) return ChunkFault::other_bytes;
    if (sealed.size() > sealed_chunk_bytes) return ChunkFault::does_not_open;
    auto plain = open(Aead::chacha20_poly1305, key, zero_nonce, associated(place), sealed);
    if (!plain) return ChunkFault::does_not_open;
    return std::move(*plain);
}

std::string_view describe(ChunkFault fault)
{
    switch (fault) {
        case ChunkFault::other_key:
            return "the key is not the one that the batch commits to";
        case ChunkFault::other_bytes:
            return "the bytes are not those that the batch commits to";
        case ChunkFault::does_not_open:
            break;
    }
    return "the chunk does not open with the key that the batch commits to";
}

}  // namespace ledger::sealing
