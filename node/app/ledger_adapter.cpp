#include "node/app/ledger_adapter.hpp"

#include "market/execute.hpp"

#include <set>
#include <thread>

namespace node {

using namespace ledger;

namespace {

/// A snapshot that lives as long as its view. A store that cannot be read stops the process: the
/// node must not take money it cannot account for.
struct Reading {
    std::unique_ptr<StateView> snapshot;
    market::View view;

    explicit Reading(const BlockStore& store) : snapshot{take(store)}, view{*snapshot} {}

    static std::unique_ptr<StateView> take(const BlockStore& store)
    {
        auto snapshot = store.snapshot();
        if (!snapshot) throw StateFault{snapshot.error().detail};
        return std::move(*snapshot);
    }
};

}  // namespace

LedgerAdapter::LedgerAdapter(const market::Network& network, const BlockStore& store,
                             LedgerService& service, const SecretKey& account, const Clock& clock)
    : network_{network},
      store_{store},
      service_{service},
      account_{account},
      clock_{clock},
      address_{address_of(account)}
{
    service.on_block([this](const FinalBlock& block) { on_block(block); });
}

LedgerPort::Head LedgerAdapter::head() const
{
    const auto head = service_.head();
    // Block time stands still on an idle chain; the next block would carry the present.
    const TimeMs next{std::max(head->header.time_ms.value + 1, clock_.wall().value)};
    return {head->header.height, next, service_.halted().empty()};
}

std::optional<market::Channel> LedgerAdapter::channel(const market::ChannelId& id) const
{
    const auto newest = service_.head()->header.height;
    if (auto known = channels_.find(newest, id)) return std::move(*known);
    auto channel = Reading{store_}.view.find<market::Channel>(id);
    channels_.keep(newest, id, channel);
    return channel;
}

Amount LedgerAdapter::balance(const Address& account) const
{
    return Reading{store_}.view.get<market::Account>(account).balance;
}

std::optional<market::Split> LedgerAdapter::split(const Address& address) const
{
    return Reading{store_}.view.find<market::Split>(address);
}

std::optional<market::Host> LedgerAdapter::host(const Address& account) const
{
    return Reading{store_}.view.find<market::Host>(account);
}

std::optional<Hash> LedgerAdapter::spent_by(const Address& account, const Hash& nonce) const
{
    const auto spent = Reading{store_}.view.find<market::SpentNonce>({account, nonce});
    return spent ? std::optional{spent->digest} : std::nullopt;
}

std::optional<Hash> LedgerAdapter::permit_spent_by(const Address& account, const Hash& nonce) const
{
    const auto spent = Reading{store_}.view.find<market::SpentPermit>({account, nonce});
    return spent ? std::optional{spent->digest} : std::nullopt;
}

std::vector<DatedSheet> LedgerAdapter::sheets(const market::ModelId& model,
                                              market::Version ver) const
{
    const auto newest = head();
    if (auto known = sheets_.find(newest.height, {model, ver}); known && known->hold(newest.time))
        return std::move(known->sheets);
    auto read = sheets_in_force(Reading{store_}.view, {model, ver}, newest.time);
    sheets_.keep(newest.height, {model, ver}, read);
    return std::move(read.sheets);
}

Result<TxId> LedgerAdapter::submit(const market::Message& message, Done done)
{
    const auto valid_until = head().time.value / 1000 + validity_s;
    // Held to the end, so that no outcome is told before the caller knows the id.
    const std::lock_guard lock{mutex_};
    const auto nonce = free_nonce();
    const auto fee = market::least_fee(Reading{store_}.view, network_, message);
    auto envelope = market::make_transaction(address_, lane, nonce, fee, valid_until, message);
    const auto id = market::transaction_id(network_.transactions, envelope, message);
    envelope.signature = sign(account_, retag<Hash>(id));
    auto checked = market::decode_checked(network_, encode_transaction(envelope));
    if (!checked) return checked.error();

    const auto refused = std::make_shared<bool>(false);
    const auto here = std::this_thread::get_id();
    sent_.emplace(id, Sent{std::move(done), valid_until, nonce});
    service_.submit_checked(std::move(*checked), [this, id, here, refused](Submitted submitted) {
        if (submitted) return;
        if (std::this_thread::get_id() == here)
            *refused = true;
        else
            dropped(id);
    });
    if (*refused) {
        sent_.erase(id);
        return Error{ErrorKind::unavailable, "the ledger takes no work now"};
    }
    return id;
}

/// The lowest one that nothing under way uses: a message that got lost leaves its nonce to the
/// next, so that those behind it do not wait for ever.
Nonce LedgerAdapter::free_nonce() const
{
    auto nonce = market::next_nonce(Reading{store_}.view, address_, lane);
    std::set<Nonce> used;
    for (const auto& [id, sent] : sent_) used.insert(sent.nonce);
    while (used.contains(nonce)) ++nonce.value;
    return nonce;
}

void LedgerAdapter::take_late(std::uint64_t now_s, Settled::What what, Outcomes& outcomes)
{
    for (auto at = sent_.begin(); at != sent_.end();) {
        if (at->second.valid_until >= now_s) {
            ++at;
            continue;
        }
        outcomes.push_back({std::move(at->second.done), {what, {}}});
        at = sent_.erase(at);
    }
}

void LedgerAdapter::give_up_late()
{
    Outcomes outcomes;
    {
        const std::lock_guard lock{mutex_};
        // By the clock: a block that this node has not seen may hold it.
        take_late(head().time.value / 1000, Settled::What::dropped, outcomes);
    }
    for (auto& [done, outcome] : outcomes) done(outcome);
}

void LedgerAdapter::dropped(const TxId& id)
{
    Done done;
    {
        const std::lock_guard lock{mutex_};
        const auto found = sent_.find(id);
        if (found == sent_.end()) return;
        done = std::move(found->second.done);
        sent_.erase(found);
    }
    done({Settled::What::dropped, {}});
}

void LedgerAdapter::on_block(const FinalBlock& block)
{
    Outcomes settled;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& receipt : block.receipts) {
            const auto found = sent_.find(receipt.tx_id);
            if (found == sent_.end()) continue;
            const bool applied = receipt.status == market::Status::applied;
            settled.push_back(
                {std::move(found->second.done),
                 {applied ? Settled::What::applied : Settled::What::refused, receipt.rejection}});
            sent_.erase(found);
        }
        take_late(block.head.header.time_ms.value / 1000, Settled::What::lost, settled);
    }
    for (auto& [done, outcome] : settled) done(outcome);
}

}  // namespace node
