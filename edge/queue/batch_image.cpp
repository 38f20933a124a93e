#include "edge/queue/batch_image.hpp"

#include "ledger/sealing/leaf_table.hpp"

#include <algorithm>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using namespace ledger::sealing;

/// The end of the items and the last chunk's tag give way when a batch grows.
constexpr std::uint64_t replaced_bytes = 1 + tag_bytes;
constexpr std::size_t most_begin_bytes = 4096;

}  // namespace

Result<BatchImage> BatchImage::scan(const ledger::File& file, std::uint64_t number)
{
    auto records = RecordScan::of(file, number);
    if (!records) return records.error();
    BatchImage image;
    image.number_ = number;
    while (true) {
        const auto found = records->next();
        if (!found) return found.error();
        if (*found == RecordScan::Found::record) {
            const auto fits = image.take(file, records->place());
            if (!fits) return fits.error();
            if (!*fits) {
                image.end_ = End::damaged;
                break;
            }
            if (image.close_) {
                image.end_ = End::closed;
                break;
            }
            continue;
        }
        if (*found == RecordScan::Found::torn) image.end_ = End::torn;
        if (*found == RecordScan::Found::damaged) image.end_ = End::damaged;
        break;
    }
    if (image.records_ == 0 && image.end_ == End::damaged)
        return Error{ErrorKind::corrupt, "the beginning of the batch is damaged"};
    if (image.records_ == 0) {
        const auto size = file.size();
        if (!size) return size.error();
        // Nothing was added before the beginning was synced, and it is not longer than this.
        if (*size > most_begin_bytes)
            return Error{ErrorKind::corrupt, "the batch has no beginning"};
        return Error{ErrorKind::not_found, "the batch was never begun"};
    }
    return image;
}

Result<bool> BatchImage::take(const ledger::File& file, const RecordPlace& place)
{
    bool fits = false;
    if (place.type == RecordType::piece && records_ > 0) {
        const auto taken = take_piece(file, place);
        if (!taken) return taken.error();
        fits = *taken;
    } else if (place.length <= most_begin_bytes) {
        const auto body = file.read(place.body(), place.length);
        if (!body) return body.error();
        if (place.type == RecordType::begin && records_ == 0) {
            auto begin = decode_begin(*body);
            fits = begin.has_value();
            if (fits) begin_ = std::move(*begin);
        } else if (place.type == RecordType::close && !pieces_.empty()) {
            close_ = decode_close(*body);
            fits = close_.has_value();
        }
    }
    if (!fits) return false;
    last_record_ = place.offset;
    records_end_ = place.end();
    ++records_;
    return true;
}

Result<bool> BatchImage::take_piece(const ledger::File& file, const RecordPlace& place)
{
    const auto first = file.read(place.body(), piece_length_bytes);
    if (!first) return first.error();
    const auto length = piece_length(*first);
    if (!length || piece_length_bytes + *length > place.length) return false;
    const auto told = file.read(place.body() + piece_length_bytes, *length);
    if (!told) return told.error();
    const auto piece = decode_piece(*told);
    if (!piece) return false;

    const auto sealed = place.length - piece_length_bytes - *length;
    const auto from = sealed_bytes_ == 0 ? 0 : sealed_bytes_ - replaced_bytes;
    const auto end = piece->from + sealed;
    const auto chunks = (end + sealed_chunk_bytes - 1) / sealed_chunk_bytes;
    if (piece->from != from || sealed < replaced_bytes || !check_sizes(chunks, end) ||
        chunks != key_hashes_.size() + piece->key_hashes.size() || piece->items < items_ ||
        piece->shares < shares_ || ids_.size() + piece->ids.size() > piece->items)
        return false;

    pieces_.push_back({from, place.body() + piece_length_bytes + *length});
    sealed_bytes_ = end;
    items_ = piece->items;
    shares_ = piece->shares;
    key_hashes_.insert(key_hashes_.end(), piece->key_hashes.begin(), piece->key_hashes.end());
    ids_.insert(ids_.end(), piece->ids.begin(), piece->ids.end());
    return true;
}

Result<Bytes> BatchImage::read(const ledger::File& file, std::uint64_t offset,
                               std::size_t at_most) const
{
    Bytes bytes;
    const auto end = offset < sealed_bytes_
                         ? offset + std::min<std::uint64_t>(at_most, sealed_bytes_ - offset)
                         : offset;
    auto piece = std::ranges::upper_bound(pieces_, offset, {}, &Piece::from);
    while (offset < end) {
        // A piece ends where the next one begins, whatever closing stood there.
        const auto until = piece == pieces_.end() ? end : std::min(end, piece->from);
        const auto& from = *std::prev(piece);
        const auto wanted = static_cast<std::size_t>(until - offset);
        const auto part = file.read(from.offset + (offset - from.from), wanted);
        if (!part) return part.error();
        if (part->size() != wanted)
            return Error{ErrorKind::corrupt, "the batch's file became shorter"};
        ledger::append(bytes, *part);
        offset = until;
        if (piece != pieces_.end()) ++piece;
    }
    return bytes;
}

}  // namespace edge
