#include "node/payment/answer_shelf.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/random.hpp"

#include <algorithm>
#include <array>

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

Bytes row_of(std::uint64_t order)
{
    Bytes row;
    ledger::append_big_endian(row, order);
    return row;
}

JournalWrite erase(std::string_view table, std::uint64_t order)
{
    return {std::string{table}, row_of(order), {}};
}

std::uint64_t fresh_salt()
{
    std::array<std::uint8_t, 8> bytes;
    ledger::SystemRandom{}.fill(bytes);
    return ledger::read_big_endian<std::uint64_t>(bytes);
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
    : journal_{journal},
      limits_{limits},
      calls_(0, SaltedKey{fresh_salt()}),
      working_(0, SaltedKey{fresh_salt()})
{
}

std::size_t AnswerShelf::SaltedKey::operator()(const CallKey& key) const
{
    const auto mixed = (ledger::read_big_endian<std::uint64_t>(key.view()) ^ salt) * (salt | 1);
    return static_cast<std::size_t>(mixed ^ mixed >> 32);
}

Result<void> AnswerShelf::rebuild()
{
    const std::lock_guard lock{mutex_};
    std::optional<Error> wrong;
    const auto read = journal_.scan({payment_table::calls, {}}, [&](ByteView, ByteView value) {
        const auto record = ledger::codec::decode<CallRecord>(value);
        if (!record) {
            wrong = Error{ErrorKind::corrupt, record.error().detail};
            return false;
        }
        index(*record);
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

std::optional<std::uint64_t> AnswerShelf::order_of(const CallKey& key) const
{
    const std::lock_guard lock{mutex_};
    const auto found = calls_.find(key);
    if (found == calls_.end()) return {};
    return found->second.order;
}

Result<RememberedCall> AnswerShelf::load(const CallKey& key) const
{
    const auto order = order_of(key);
    if (!order) return Error{ErrorKind::not_found, "no such call"};
    const auto row = row_of(*order);
    const auto record_bytes = journal_.get(payment_table::calls, row);
    if (!record_bytes) return record_bytes.error();
    if (!*record_bytes) return Error{ErrorKind::not_found, "no such call"};
    auto record = ledger::codec::decode<CallRecord>(**record_bytes);
    if (!record) return Error{ErrorKind::corrupt, record.error().detail};

    RememberedCall call{std::move(*record), {}};
    const auto answer_bytes = journal_.get(payment_table::answers, row);
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
    forget(batch, key);
    record.key = key;
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
        batch.push_back(erase(payment_table::answers, entry.order));
    }

    batch.push_back(
        {std::string{payment_table::calls}, row_of(record.order), ledger::codec::encode(record)});
    if (record.has_answer)
        batch.push_back({std::string{payment_table::answers}, row_of(record.order),
                         ledger::codec::encode(answer)});
}

void AnswerShelf::admit(const CallRecord& record)
{
    const std::lock_guard lock{mutex_};
    index(record);
}

Result<void> AnswerShelf::settle(JournalBatch& batch, const CallKey& key,
                                 std::string payment_response) const
{
    auto call = load(key);
    if (!call) return call.error();
    call->record.settled = true;
    call->record.payment_response = std::move(payment_response);
    batch.push_back({std::string{payment_table::calls}, row_of(call->record.order),
                     ledger::codec::encode(call->record)});
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

void AnswerShelf::index(const CallRecord& record)
{
    auto& entry = calls_[record.key];
    // A journal may hold two rows of a key: one that was settled while it was forgotten comes back.
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
    by_order_.emplace_hint(by_order_.end(), record.order, record.key);
    if (record.has_answer)
        answers_by_order_.emplace_hint(answers_by_order_.end(), record.order, record.key);
    bytes_ += record.answer_bytes;
}

void AnswerShelf::forget(JournalBatch& batch, const CallKey& key)
{
    const auto found = calls_.find(key);
    if (found == calls_.end()) return;
    const auto order = found->second.order;
    bytes_ -= found->second.answer_bytes;
    by_order_.erase(order);
    answers_by_order_.erase(order);
    calls_.erase(found);
    batch.push_back(erase(payment_table::calls, order));
    batch.push_back(erase(payment_table::answers, order));
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
