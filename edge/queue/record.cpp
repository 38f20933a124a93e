#include "edge/queue/record.hpp"

#include "edge/queue/wire.hpp"
#include "ledger/base/ensure.hpp"
#include "ledger/crypto/sha256.hpp"

#include <algorithm>
#include <optional>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using ledger::Result;

constexpr std::string_view magic = "MLRQ";
constexpr std::size_t summed_head_bytes = record_head_bytes - record_sum_bytes;
constexpr std::size_t scan_block_bytes = 64 * 1024;

ledger::Sha256 summing(std::uint64_t file)
{
    static const ledger::TaggedHasher tagged{"millrace/edge-queue/v1"};
    auto hasher = tagged.start();
    Bytes number;
    append_integer(number, file, 8);
    hasher.update(number);
    return hasher;
}

void append_sum(Bytes& to, ledger::Sha256& hasher)
{
    const auto digest = hasher.finish();
    ledger::append(to, digest.view().first(record_sum_bytes));
}

bool is_sum(ByteView stored, ledger::Sha256& hasher)
{
    const auto digest = hasher.finish();
    return std::ranges::equal(stored, digest.view().first(record_sum_bytes));
}

struct Head {
    RecordType type;
    std::uint32_t seq;
    std::uint32_t length;
};

std::optional<Head> decode_head(ByteView bytes, std::uint64_t file)
{
    Fields fields{bytes};
    if (ledger::as_text(fields.take(magic.size())) != magic) return {};
    auto hasher = summing(file);
    hasher.update(bytes.first(summed_head_bytes));
    if (!is_sum(bytes.subspan(summed_head_bytes, record_sum_bytes), hasher)) return {};
    const auto type = static_cast<RecordType>(fields.integer(1));
    fields.take(3);
    const auto seq = static_cast<std::uint32_t>(fields.integer(4));
    const auto length = static_cast<std::uint32_t>(fields.integer(4));
    if (length > most_record_bytes) return {};
    return Head{type, seq, length};
}

}  // namespace

Bytes encode_record(std::uint64_t file, RecordType type, std::uint32_t seq, ByteView body)
{
    ledger::ensure(body.size() <= most_record_bytes, "a record's length was checked");
    Bytes record;
    record.reserve(record_frame_bytes + body.size());
    ledger::append(record, ledger::as_bytes(magic));
    record.push_back(static_cast<std::uint8_t>(type));
    record.insert(record.end(), 3, 0);
    append_integer(record, seq, 4);
    append_integer(record, body.size(), 4);
    auto head = summing(file);
    head.update(record);
    append_sum(record, head);
    ledger::append(record, body);
    auto whole = summing(file);
    whole.update(record);
    append_sum(record, whole);
    return record;
}

Result<RecordScan> RecordScan::of(const ledger::File& file, std::uint64_t number)
{
    const auto size = file.size();
    if (!size) return size.error();
    return RecordScan{file, number, *size};
}

Result<RecordScan::Found> RecordScan::next()
{
    if (offset_ == size_) return Found::end;
    const auto bytes = file_->read(offset_, record_head_bytes);
    if (!bytes) return bytes.error();
    if (bytes->size() == record_head_bytes) {
        const auto head = decode_head(*bytes, number_);
        if (head && head->seq == seq_) {
            const auto holds = body_holds(*bytes, head->length);
            if (!holds) return holds.error();
            if (*holds) {
                place_ = {head->type, offset_, head->length};
                offset_ = place_.end();
                ++seq_;
                return Found::record;
            }
        }
    }
    const auto later = is_later_record_behind(offset_);
    if (!later) return later.error();
    return *later ? Found::damaged : Found::torn;
}

Result<bool> RecordScan::body_holds(ByteView head, std::uint32_t length) const
{
    if (size_ - offset_ < record_frame_bytes + length) return false;
    auto hasher = summing(number_);
    hasher.update(head);
    auto at = offset_ + record_head_bytes;
    const auto end = at + length;
    while (at < end) {
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(scan_block_bytes, end - at));
        const auto block = file_->read(at, wanted);
        if (!block) return block.error();
        if (block->size() != wanted) return false;  // somebody made it shorter meanwhile
        hasher.update(*block);
        at += wanted;
    }
    const auto sum = file_->read(end, record_sum_bytes);
    if (!sum) return sum.error();
    return is_sum(*sum, hasher);
}

Result<bool> RecordScan::is_later_record_behind(std::uint64_t offset) const
{
    for (auto at = offset + 1; at + record_head_bytes <= size_;) {
        const auto block = file_->read(at, scan_block_bytes);
        if (!block) return block.error();
        if (block->size() < record_head_bytes) return false;
        const auto last = block->size() - record_head_bytes;
        for (std::size_t i = 0; i <= last; ++i) {
            if ((*block)[i] != 'M') continue;
            const auto head = decode_head(ByteView{*block}.subspan(i, record_head_bytes), number_);
            if (head && head->seq > seq_) return true;
        }
        at += last + 1;
    }
    return false;
}

}  // namespace edge
