#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"

#include <vector>

namespace ledger {

enum class BlockKind { normal, sealing, tail };
BOOST_DESCRIBE_ENUM(BlockKind, normal, sealing, tail)

/// Head of a block (consensus.md 2). Roots are RFC 6962 trees but for state_root, which is the
/// Jellyfish tree's root after executing this block.
struct Header {
    std::uint16_t version = 1;
    ChainId chain_id;
    std::uint64_t epoch{};
    std::uint64_t view{};
    Height height;
    BlockKind kind{};
    BlockId parent_id;
    std::uint64_t parent_view{};
    TimeMs time_ms;
    std::uint32_t proposer{};  ///< index in the validator set
    Hash tx_root;              ///< over the full encodings of the transactions
    std::uint32_t tx_count{};
    std::uint64_t body_bytes{};
    Hash state_root;
    Hash receipts_root;
    Hash history_root;  ///< over the ids of all blocks before this one
    Hash valset_hash;
    Hash next_valset_hash;  ///< zero unless sealing
    Hash just_hash;         ///< of the justification; in block 0 of the genesis document

    friend bool operator==(const Header&, const Header&) = default;
};
MILLRACE_DESCRIBE(Header, (version, chain_id, epoch, view, height, kind, parent_id, parent_view,
                           time_ms, proposer, tx_root, tx_count, body_bytes, state_root,
                           receipts_root, history_root, valset_hash, next_valset_hash, just_hash))

struct BlockLimits {
    static constexpr std::size_t body_bytes = 4 * 1024 * 1024;
    static constexpr std::uint32_t transactions = 20'000;
};

/// The transactions of a block, each in its full canonical encoding.
using BlockBody = std::vector<Bytes>;

/// Tagged SHA-256 of the canonical encoding.
BlockId block_id(const Header&);

/// RFC 6962 root over `items` as leaves.
Hash root_of(const std::vector<Bytes>& items);

Bytes encode_header(const Header&);
Result<Header> decode_header(ByteView);

/// u32 count, then each transaction with its u32 length.
Bytes encode_body(const BlockBody&);
/// Within BlockLimits; `invalid` or `full` otherwise.
Result<BlockBody> decode_body(ByteView);

}  // namespace ledger
