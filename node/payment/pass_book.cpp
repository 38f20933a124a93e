#include "node/payment/pass_book.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/kdf.hpp"
#include "node/payment/base64.hpp"
#include "node/payment/journal_scan.hpp"
#include "node/payment/payment_records.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr std::string_view purpose = "millrace/pass/v1";
constexpr std::size_t token_bytes = 256;
/// Passes whose time is over, dropped with each call that is counted.
constexpr int forgotten_at_once = 4;

Bytes key_of(const PassId& id)
{
    return {id.bytes.begin(), id.bytes.end()};
}

}  // namespace

PassBook::PassBook(const SecretKey& host_key, PaymentJournal& journal)
    : key_{hkdf_sha256(host_key.view(), {}, as_bytes(purpose), Hash::size)}, journal_{journal}
{
}

Result<void> PassBook::rebuild()
{
    const std::lock_guard lock{mutex_};
    return scan_records<PassRecord>(journal_, {payment_table::passes, {}, {}},
                                    [this](ByteView key, const PassRecord& record) {
                                        const auto id = PassId::of(key);
                                        uses_[id] = {record.used, 0, record.until_ms};
                                        by_end_.emplace(record.until_ms, id);
                                        return true;
                                    });
}

Bytes PassBook::code_of(ByteView encoded) const
{
    return hmac_sha256(key_.view(), encoded);
}

std::string PassBook::issue(const Pass& pass) const
{
    auto bytes = codec::encode(pass);
    append(bytes, code_of(bytes));
    return std::string{prefix} + to_base64(bytes);
}

std::optional<Pass> PassBook::read(std::string_view token) const
{
    if (!is_pass(token) || token.size() > token_bytes) return {};
    const auto bytes = from_base64(token.substr(prefix.size()));
    if (!bytes || bytes->size() <= Hash::size) return {};
    const auto encoded = ByteView{*bytes}.first(bytes->size() - Hash::size);
    if (!equal_in_constant_time(code_of(encoded), ByteView{*bytes}.last(Hash::size))) return {};
    auto pass = codec::decode<Pass>(encoded);
    if (!pass) return {};
    return *pass;
}

std::variant<PassBook::Hold, PassBook::Refusal> PassBook::hold(const Pass& pass,
                                                               const market::ModelId& model,
                                                               TimeMs now)
{
    if (pass.model != model) return Refusal::other_model;
    if (now.value >= pass.until_ms) return Refusal::ended;
    const std::lock_guard lock{mutex_};
    const auto at = uses_.find(pass.id);
    const auto taken = at == uses_.end() ? 0 : at->second.used + at->second.held;
    if (taken >= pass.calls) return Refusal::used_up;
    auto& use = uses_[pass.id];
    use.until_ms = pass.until_ms;
    ++use.held;
    by_end_.emplace(pass.until_ms, pass.id);
    return Hold{*this, pass};
}

PassBook::Hold::~Hold()
{
    if (book_) book_->give_back(pass_);
}

void PassBook::give_back(const Pass& pass)
{
    const std::lock_guard lock{mutex_};
    const auto at = uses_.find(pass.id);
    if (at == uses_.end()) return;
    auto& use = at->second;
    if (--use.held != 0 || use.used != 0) return;
    by_end_.erase({use.until_ms, pass.id});
    uses_.erase(at);
}

void PassBook::spend(Hold hold, TimeMs now, Done done)
{
    const auto pass = hold.pass_;
    hold.book_ = nullptr;
    const std::lock_guard in_order{writing_};
    JournalBatch batch;
    std::uint64_t left = 0;
    {
        const std::lock_guard lock{mutex_};
        auto& use = uses_.at(pass.id);
        --use.held;
        ++use.used;
        left = pass.calls - use.used;
        batch.push_back({std::string{payment_table::passes}, key_of(pass.id),
                         codec::encode(PassRecord{use.used, use.until_ms})});
        forget_ended(batch, now);
    }
    journal_.commit(std::move(batch), [this, pass, left, done = std::move(done)](auto written) {
        if (written) return done(left);
        not_counted(pass);
        done(written.error());
    });
}

void PassBook::not_counted(const Pass& pass)
{
    const std::lock_guard lock{mutex_};
    if (const auto at = uses_.find(pass.id); at != uses_.end()) --at->second.used;
}

// A pass is forgotten a while after its end, when none of its calls can be under way any more.
void PassBook::forget_ended(JournalBatch& batch, TimeMs now)
{
    constexpr std::uint64_t while_ms = 3'600'000;
    for (int i = 0; i < forgotten_at_once && !by_end_.empty(); ++i) {
        const auto [until_ms, id] = *by_end_.begin();
        const auto at = uses_.find(id);
        if (until_ms + while_ms > now.value || at->second.held != 0) return;
        batch.push_back({std::string{payment_table::passes}, key_of(id), {}});
        uses_.erase(at);
        by_end_.erase(by_end_.begin());
    }
}

std::uint64_t PassBook::left(const Pass& pass) const
{
    const std::lock_guard lock{mutex_};
    const auto at = uses_.find(pass.id);
    const auto used = at == uses_.end() ? 0 : at->second.used;
    return pass.calls - std::min(used, pass.calls);
}

std::size_t PassBook::counted() const
{
    const std::lock_guard lock{mutex_};
    return uses_.size();
}

}  // namespace node
