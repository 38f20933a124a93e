#include "edge/queue/batch_records.hpp"

#include "edge/queue/wire.hpp"
#include "ledger/sealing/batch_key.hpp"

namespace edge {

using ledger::Bytes;
using ledger::ByteView;
using ledger::sealing::wrap_bytes;

Bytes encode_begin(const BatchBegin& begin)
{
    Bytes body;
    ledger::append(body, begin.network.view());
    ledger::append(body, begin.dataset.view());
    ledger::append(body, begin.point.view());
    ledger::append(body, begin.schema.view());
    ledger::append(body, begin.meta.view());
    append_integer(body, static_cast<std::uint8_t>(begin.shares), 1);
    append_integer(body, begin.begun_at, 8);
    append_integer(body, begin.wraps.size(), 1);
    for (const auto& wrap : begin.wraps) {
        ledger::append(body, wrap.to.view());
        ledger::append(body, wrap.key);
    }
    return body;
}

std::optional<BatchBegin> decode_begin(ByteView body)
{
    Fields fields{body};
    BatchBegin begin;
    begin.network = fields.id<ledger::Hash>();
    begin.dataset = fields.id<ledger::Hash>();
    begin.point = fields.id<ledger::PublicKey>();
    begin.schema = fields.id<ledger::Hash>();
    begin.meta = fields.id<ledger::Hash>();
    const auto rule = fields.integer(1);
    begin.begun_at = fields.integer(8);
    const auto wraps = fields.integer(1);
    if (!fields.whole() || rule < 1 || rule > 2 || wraps < 1 || wraps > most_masters) return {};
    begin.shares = static_cast<SharesRule>(rule);
    for (std::uint64_t i = 0; i < wraps; ++i) {
        const auto to = fields.id<ledger::X25519PublicKey>();
        const auto key = fields.take(wrap_bytes);
        begin.wraps.push_back({to, {key.begin(), key.end()}});
    }
    if (!fields.done() || !ledger::parse_public_key(begin.point.view())) return {};
    return begin;
}

Bytes encode_piece(const BatchPiece& piece, ByteView sealed)
{
    const auto length =
        32 + piece.key_hashes.size() * ledger::Hash::size + piece.ids.size() * ItemId::size;
    Bytes body;
    body.reserve(piece_length_bytes + length + sealed.size());
    append_integer(body, length, 4);
    append_integer(body, piece.from, 8);
    append_integer(body, piece.items, 8);
    append_integer(body, piece.shares, 8);
    append_integer(body, piece.key_hashes.size(), 4);
    for (const auto& hash : piece.key_hashes) ledger::append(body, hash.view());
    append_integer(body, piece.ids.size(), 4);
    for (const auto& id : piece.ids) ledger::append(body, id.view());
    ledger::append(body, sealed);
    return body;
}

std::optional<std::size_t> piece_length(ByteView first)
{
    Fields fields{first};
    const auto length = fields.integer(4);
    if (!fields.whole() || length > most_piece_bytes) return {};
    return static_cast<std::size_t>(length);
}

std::optional<BatchPiece> decode_piece(ByteView before_sealed)
{
    Fields fields{before_sealed};
    BatchPiece piece;
    piece.from = fields.integer(8);
    piece.items = fields.integer(8);
    piece.shares = fields.integer(8);
    const auto hashes = fields.integer(4);
    if (hashes > fields.left() / ledger::Hash::size) return {};
    for (std::uint64_t i = 0; i < hashes; ++i)
        piece.key_hashes.push_back(fields.id<ledger::Hash>());
    const auto ids = fields.integer(4);
    if (ids > most_batch_items || ids > fields.left() / ItemId::size) return {};
    for (std::uint64_t i = 0; i < ids; ++i) piece.ids.push_back(fields.id<ItemId>());
    if (!fields.done()) return {};
    return piece;
}

Bytes encode_close(const BatchClose& close)
{
    Bytes body;
    ledger::append(body, close.root.view());
    ledger::append(body, close.signature.view());
    return body;
}

std::optional<BatchClose> decode_close(ByteView body)
{
    Fields fields{body};
    BatchClose close;
    close.root = fields.id<ledger::Hash>();
    close.signature = fields.id<ledger::Signature>();
    if (!fields.done()) return {};
    return close;
}

}  // namespace edge
