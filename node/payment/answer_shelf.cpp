#include "node/payment/answer_shelf.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

namespace node {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

void put_u64(ledger::Sha256& hasher, std::uint64_t value)
{
    std::array<std::uint8_t, 8> bytes;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    hasher.update(bytes);
}

Bytes key_bytes(const CallKey& key)
{
    return {key.bytes.begin(), key.bytes.end()};
}

JournalWrite erase(std::string_view table, const CallKey& key)
{
    return {std::string{table}, key_bytes(key), {}};
}

}  // namespace

CallKey voucher_call(const market::ChannelId& channel, market::Amount max_claimable,
                     market::Amount amount)
{
    ledger::Sha256 hasher;
    hasher.update(ledger::as_bytes("voucher"));
    hasher.update(channel.view());
    put_u64(hasher, max_claimable.micros());
    put_u64(hasher, amount.micros());
    return hasher.finish();
}

CallKey link_call(const market::ChannelId& channel, const ledger::Hash& link, market::Amount amount)
{
    ledger::Sha256 hasher;
    hasher.update(ledger::as_bytes("link"));
    hasher.update(channel.view());
    hasher.update(link.view());
    put_u64(hasher, amount.micros());
    return hasher.finish();
}

CallKey identified_call(const ledger::Address& payer, std::string_view payment_id)
{
    ledger::Sha256 hasher;
    hasher.update(ledger::as_bytes("payment-identifier"));
    hasher.update(payer.view());
    hasher.update(ledger::as_bytes(payment_id));
    return hasher.finish();
}

CallKey authorized_call(const ledger::Hash& digest)
{
    ledger::Sha256 hasher;
    hasher.update(ledger::as_bytes("exact"));
    hasher.update(digest.view());
    return hasher.finish();
}

ledger::Hash request_fingerprint(std::string_view path, const ledger::Hash& body_hash)
{
    ledger::Sha256 hasher;
    hasher.update(body_hash.view());
    hasher.update(ledger::as_bytes(path));
    return hasher.finish();
}

AnswerShelf::AnswerShelf(PaymentJournal& journal, const ShelfLimits& limits)
    : journal_{journal}, limits_{limits}
{
}

Result<void> AnswerShelf::rebuild()
{
    const std::lock_guard lock{mutex_};
    std::optional<Error> wrong;
    const auto read = journal_.scan({payment_table::calls, {}}, [&](ByteView key, ByteView value) {
        const auto record = ledger::codec::decode<CallRecord>(value);
        if (!record) {
            wrong = Error{ErrorKind::corrupt, record.error().detail};
            return false;
        }
        index(CallKey::of(key), *record);
        next_order_ = std::max(next_order_, record->order + 1);
        return true;
    });
    if (!read) return read.error();
    if (wrong) return *wrong;
    return {};
}

std::optional<AnswerShelf::Known> AnswerShelf::find(const CallKey& key, ledger::TimeMs wall) const
{
    const std::lock_guard lock{mutex_};
    const auto found = calls_.find(key);
    if (found == calls_.end() || found->second.until_ms <= wall.value) return {};
    return found->second.known;
}

Result<RememberedCall> AnswerShelf::load(const CallKey& key) const
{
    const auto record_bytes = journal_.get(payment_table::calls, key.view());
    if (!record_bytes) return record_bytes.error();
    if (!*record_bytes) return Error{ErrorKind::not_found, "no such call"};
    auto record = ledger::codec::decode<CallRecord>(**record_bytes);
    if (!record) return Error{ErrorKind::corrupt, record.error().detail};

    RememberedCall call{std::move(*record), {}};
    const auto answer_bytes = journal_.get(payment_table::answers, key.view());
    if (!answer_bytes) return answer_bytes.error();
    if (*answer_bytes) {
        auto answer = ledger::codec::decode<StoredAnswer>(**answer_bytes);
        if (!answer) return Error{ErrorKind::corrupt, answer.error().detail};
        call.answer = std::move(*answer);
    }
    return call;
}

bool AnswerShelf::begin(const CallKey& key)
{
    const std::lock_guard lock{mutex_};
    return working_.insert(key).second;
}

void AnswerShelf::end(const CallKey& key)
{
    const std::lock_guard lock{mutex_};
    working_.erase(key);
}

void AnswerShelf::store(JournalBatch& batch, const CallKey& key, CallRecord& record,
                        const StoredAnswer& answer, ledger::TimeMs wall)
{
    const std::lock_guard lock{mutex_};
    record.order = next_order_++;
    record.has_answer = has_room_for(answer.body.size());
    record.answer_bytes = record.has_answer ? answer.body.size() : 0;

    while (!by_order_.empty()) {
        const auto oldest = by_order_.begin()->second;
        if (calls_.size() < limits_.calls && calls_[oldest].until_ms > wall.value) break;
        forget(batch, oldest);
    }
    while (bytes_ + record.answer_bytes > limits_.total_bytes && !answers_by_order_.empty()) {
        const auto oldest = answers_by_order_.begin()->second;
        auto& entry = calls_[oldest];
        bytes_ -= entry.answer_bytes;
        entry.has_answer = false;
        entry.answer_bytes = 0;
        answers_by_order_.erase(answers_by_order_.begin());
        batch.push_back(erase(payment_table::answers, oldest));
    }

    batch.push_back(
        {std::string{payment_table::calls}, key_bytes(key), ledger::codec::encode(record)});
    if (record.has_answer)
        batch.push_back(
            {std::string{payment_table::answers}, key_bytes(key), ledger::codec::encode(answer)});
}

void AnswerShelf::admit(const CallKey& key, const CallRecord& record)
{
    const std::lock_guard lock{mutex_};
    index(key, record);
}

Result<void> AnswerShelf::settle(JournalBatch& batch, const CallKey& key,
                                 std::string payment_response) const
{
    auto call = load(key);
    if (!call) return call.error();
    call->record.settled = true;
    call->record.payment_response = std::move(payment_response);
    batch.push_back(
        {std::string{payment_table::calls}, key_bytes(key), ledger::codec::encode(call->record)});
    return {};
}

void AnswerShelf::mark_settled(const CallKey& key)
{
    const std::lock_guard lock{mutex_};
    if (const auto found = calls_.find(key); found != calls_.end())
        found->second.known.settled = true;
}

void AnswerShelf::drop(JournalBatch& batch, const CallKey& key)
{
    const std::lock_guard lock{mutex_};
    forget(batch, key);
}

std::size_t AnswerShelf::stored_bytes() const
{
    const std::lock_guard lock{mutex_};
    return bytes_;
}

void AnswerShelf::index(const CallKey& key, const CallRecord& record)
{
    auto& entry = calls_[key];
    if (entry.order != 0) {
        by_order_.erase(entry.order);
        answers_by_order_.erase(entry.order);
        bytes_ -= entry.answer_bytes;
    }
    entry = {{record.fingerprint, record.settled},
             record.order,
             record.until_ms,
             record.answer_bytes,
             record.has_answer};
    by_order_[record.order] = key;
    if (record.has_answer) answers_by_order_[record.order] = key;
    bytes_ += record.answer_bytes;
}

void AnswerShelf::forget(JournalBatch& batch, const CallKey& key)
{
    const auto found = calls_.find(key);
    if (found == calls_.end()) return;
    bytes_ -= found->second.answer_bytes;
    by_order_.erase(found->second.order);
    answers_by_order_.erase(found->second.order);
    calls_.erase(found);
    batch.push_back(erase(payment_table::calls, key));
    batch.push_back(erase(payment_table::answers, key));
}

StoredAnswer to_stored(const Response& response)
{
    StoredAnswer stored{response.status(), response.content_type(), {}, {}};
    for (const auto& [name, value] : response.headers()) stored.headers.push_back({name, value});
    ledger::append(stored.body, ledger::as_bytes(response.body().view()));
    return stored;
}

Response from_stored(const StoredAnswer& answer)
{
    Response response{answer.status, answer.content_type, answer.body};
    for (const auto& header : answer.headers) response.with(header.name, header.value);
    return response;
}

}  // namespace node
