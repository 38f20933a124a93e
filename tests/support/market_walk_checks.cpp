#include "tests/support/market_walk.hpp"

#include "market/invariants.hpp"

#include <algorithm>

namespace market {
namespace {

template <class Record>
std::optional<Record> decoded(const std::optional<Bytes>& bytes)
{
    if (!bytes) return {};
    return *ledger::codec::decode<Record>(*bytes);
}

}  // namespace

void MarketWalk::check_receipt(const Draft& draft, const Receipt& receipt)
{
    if (receipt.status == Status::refused) {
        if (!receipt.events.empty()) wrong("a refused message leaves events");
        return;
    }
    ++counts_.applied;
    ++counts_.applied_by_name[std::string{name_of(draft.message)}];
    auto from = people_[draft.sender].address;
    if (const auto* auth = std::get_if<TransferWithAuth>(&draft.message)) from = auth->from;

    if (const auto* permit = std::get_if<PermitSettle>(&draft.message)) {
        from = permit->from;
        check_permit_settle(people_[draft.sender].address, *permit, receipt);
    }

    std::vector<Event> settlement;
    const auto close = [&] {
        if (!settlement.empty()) check_settlement(settlement, from);
        settlement.clear();
    };
    for (const auto& event : receipt.events) {
        const auto found = by_id_.find(event.subject);
        auto* terms = found == by_id_.end() ? nullptr : &channels_[found->second];
        switch (event.kind) {
            case EventKind::settled:
                close();
                [[fallthrough]];
            case EventKind::fee_burned:
            case EventKind::minted:
            case EventKind::earned:
                settlement.push_back(event);
                break;
            case EventKind::deposited:
                terms->in += event.amount.micros();
                break;
            case EventKind::claim_ended:
                close();
                from = terms->config.payer;
                [[fallthrough]];
            case EventKind::refunded:
            case EventKind::withdrawn:
                terms->out += event.amount.micros();
                break;
            case EventKind::slashed:
                ++counts_.slashes;
                break;
            default:
                break;
        }
    }
    close();
}

void MarketWalk::check_permit_settle(const Address& sender, const PermitSettle& permit,
                                     const Receipt& receipt)
{
    if (sender != permit.witness.facilitator) wrong("somebody else settles a permit");
    if (permit.actual.is_zero() || permit.actual > permit.permitted.amount)
        wrong("a permit moves what it does not permit");
    if (receipt.events.empty() || receipt.events[0].amount != permit.actual)
        wrong("a permit moves another amount than it says");
    if (!settled_permits_.insert({permit.from, permit.nonce}).second)
        wrong("a permit is settled twice");
}

void MarketWalk::check_settlement(const std::vector<Event>& events, const Address& from)
{
    ++counts_.settlements;
    if (events.size() < 2 || events[0].kind != EventKind::settled ||
        events[1].kind != EventKind::fee_burned)
        return wrong("a settlement does not say what it burned");
    const auto burned = events[0].amount;
    const auto fee = events[1].amount;
    if (fee != burned.share_up(network_.params().delta_bps)) wrong("the fee is not delta");
    Amount sum;
    for (std::size_t i = 2; i < events.size(); ++i) sum = sum + events[i].amount;
    if (sum != burned - fee) wrong("the parts are not what the fee leaves");
    if (sum > burned - burned.share_up(network_.params().eps_bps)) wrong("mints above the bound");

    // Whoever joins the payer loses together, the proposer included: he is paid fees alone.
    const auto members = pick_(1ull << all);
    Amount gained;
    for (std::size_t i = 2; i < events.size(); ++i)
        for (std::size_t person = 0; person < all; ++person)
            if (people_[person].address == events[i].account &&
                ((members >> person & 1) != 0 || events[i].account == from))
                gained = gained + events[i].amount;
    if (gained >= burned) wrong("a coalition gains");
}

void MarketWalk::check_diff(const ledger::StateDiff& diff)
{
    Amount before;
    Amount after;
    const auto money = [&](const auto& was, const auto& is, auto count) {
        if (was) before = before + count(*was);
        if (is) after = after + count(*is);
    };
    for (const auto& [key, value] : diff) {
        const auto old = memory_.get(key);
        switch (key[0]) {
            case Account::table:
                money(decoded<Account>(old), decoded<Account>(value),
                      [](const Account& a) { return a.balance + a.locked; });
                break;
            case Host::table:
                money(decoded<Host>(old), decoded<Host>(value),
                      [](const Host& h) { return h.bond; });
                break;
            case Dataset::table:
                if (network_.mints())
                    money(decoded<Dataset>(old), decoded<Dataset>(value),
                          [](const Dataset& d) { return d.pot; });
                break;
            case Supply::table: {
                const auto was = decoded<Supply>(old);
                const auto is = decoded<Supply>(value);
                before = before + is->minted + is->issued + was->burned;
                after = after + was->minted + was->issued + is->burned;
                if (is->burned - was->burned < is->minted - was->minted)
                    wrong("a block mints more than it burns");
                break;
            }
            case Channel::table: {
                const auto is = decoded<Channel>(value);
                if (!is) {
                    wrong("a channel is gone");
                    break;
                }
                money(decoded<Channel>(old), is, [](const Channel& c) { return c.escrow(); });
                const auto& terms =
                    channels_[by_id_.at(Hash::of(ledger::ByteView{key}.subspan(1)))];
                const auto total = is->pending ? is->pending->total : is->total_claimed;
                if (total < is->total_claimed || total > is->balance)
                    wrong("a channel claims more than it has");
                if (total.micros() > terms.highest_voucher)
                    wrong("a channel claims above its highest voucher");
                if (terms.in - terms.out != is->escrow().micros())
                    wrong("escrow left other than once");
                break;
            }
            case ChainMark::table: {
                const auto was = decoded<ChainMark>(old);
                const auto is = decoded<ChainMark>(value);
                if (!is || (was && was->root == is->root && is->index <= was->index))
                    wrong("a chain goes back");
                break;
            }
            default:
                break;
        }
    }
    if (before != after) wrong("money appears or is lost");
}

void MarketWalk::check_all()
{
    for (auto& what : broken_invariants(view(), network_)) wrong(std::move(what));
}

}  // namespace market
