#pragma once

#include "ledger/crypto/x25519.hpp"
#include "ledger/sealing/contribution.hpp"

#include <array>
#include <optional>
#include <vector>

/// The bodies of a batch's records. `decode_...` are empty for bytes that are none.
namespace edge {

inline constexpr std::size_t most_masters = 16;
inline constexpr std::size_t most_batch_items = 65'536;

/// By which an item is known when its source offers it again, so that it is taken once.
using ItemId = ledger::FixedBytes<struct ItemIdTag, 16>;

/// What a batch's shares count, as the dataset says.
enum class SharesRule : std::uint8_t { bytes = 1, rows = 2 };

struct MasterWrap {
    ledger::X25519PublicKey to;
    ledger::Bytes key;  ///< `ledger::sealing::wrap_bytes`
    friend bool operator==(const MasterWrap&, const MasterWrap&) = default;
};

struct BatchBegin {
    ledger::Hash network;
    ledger::Hash dataset;
    ledger::PublicKey point;  ///< of the batch's key
    ledger::Hash schema;
    ledger::Hash meta;
    SharesRule shares = SharesRule::bytes;
    std::uint64_t begun_at{};  ///< seconds since the Unix epoch, by the device's clock
    std::vector<MasterWrap> wraps;
    friend bool operator==(const BatchBegin&, const BatchBegin&) = default;
};
ledger::Bytes encode_begin(const BatchBegin& begin);
std::optional<BatchBegin> decode_begin(ledger::ByteView body);

/// What one sync added. In the record the sealed bytes follow it.
struct BatchPiece {
    std::uint64_t from{};                  ///< where in the sealed batch its bytes stand
    std::uint64_t items{};                 ///< of the batch, with it
    std::uint64_t shares{};                ///< the same
    std::vector<ledger::Hash> key_hashes;  ///< of the chunks that it begins
    std::vector<ItemId> ids;               ///< of its items that have one
    friend bool operator==(const BatchPiece&, const BatchPiece&) = default;
};
ledger::Bytes encode_piece(const BatchPiece& piece, ledger::ByteView sealed);
/// The length of what stands before the sealed bytes, from a body's first `piece_length_bytes`.
inline constexpr std::size_t piece_length_bytes = 4;
/// Longest such part.
inline constexpr std::size_t most_piece_bytes = std::size_t{2} << 20;
std::optional<std::size_t> piece_length(ledger::ByteView first);
std::optional<BatchPiece> decode_piece(ledger::ByteView before_sealed);

struct BatchClose {
    ledger::Hash root;
    ledger::Signature signature;  ///< of the device, over the contribution's digest
    friend bool operator==(const BatchClose&, const BatchClose&) = default;
};
inline constexpr std::size_t close_bytes = ledger::Hash::size + ledger::Signature::size;
ledger::Bytes encode_close(const BatchClose& close);
std::optional<BatchClose> decode_close(ledger::ByteView body);

}  // namespace edge
