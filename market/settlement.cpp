#include "market/settlement.hpp"

#include "market/accumulator.hpp"
#include "market/period.hpp"
#include "market/state/data_records.hpp"
#include "market/state/money.hpp"

namespace market {
namespace {

Address account_of(const Beneficiary& beneficiary)
{
    return Address::of(beneficiary.id.view().subspan(12));
}

/// One settlement under way: hands out parts of what may be minted.
class Distribution {
public:
    Distribution(State& state, const Context& context) : state_{state}, context_{context} {}

    void to_account(const Address& account, Amount part)
    {
        if (part.is_zero()) return;
        if (context_.network.mints()) {
            credit(state_, account, part);
            context_.emit(EventKind::minted, account, part);
        } else {
            add_earned(state_, context_, account, part);
            context_.emit(EventKind::earned, account, part);
        }
    }

    void to_dataset(const DatasetId& id, Amount part)
    {
        if (part.is_zero()) return;
        auto dataset = state_.get<Dataset>(id);
        ledger::ensure(dataset.total_shares >= 1, "a dataset in a split table has shares");
        dataset.per_share = plus_per_share(dataset.per_share, part, dataset.total_shares);
        dataset.pot = dataset.pot + part;
        state_.put(id, dataset);
        const auto kind = context_.network.mints() ? EventKind::minted : EventKind::earned;
        context_.emit(kind, dataset.owner, part, ledger::retag<Hash>(id));
    }

    /// All of `whole`; what rounding leaves is the keeper's.
    void by_table(const SplitTable& shares, Amount whole, const Address& keeper)
    {
        auto left = whole;
        for (const auto& share : shares) {
            const auto part = whole.share_down(share.ppm);
            left = left - part;
            if (share.to.kind == BeneficiaryKind::account) {
                to_account(account_of(share.to), part);
            } else {
                to_dataset(ledger::retag<DatasetId>(share.to.id), part);
            }
        }
        to_account(keeper, left);
    }

private:
    State& state_;
    const Context& context_;
};

/// Burns `amount` and returns how much of it is minted again, or goes to statements.
Amount burn_for(State& state, const Context& context, const Address& payee, const Hash& subject,
                Amount amount)
{
    const auto fee = amount.share_up(context.params().delta_bps);
    const auto minted = amount - fee;
    burn(state, amount);
    if (context.network.mints()) mint(state, minted);
    context.emit(EventKind::settled, payee, amount, subject);
    context.emit(EventKind::fee_burned, payee, fee, subject);
    return minted;
}

void settle_version(State& state, const Context& context, const VersionKey& key,
                    const Address& host, Amount amount)
{
    if (amount.is_zero()) return;
    const auto minted = burn_for(state, context, host, ledger::retag<Hash>(key.model), amount);

    Distribution parts{state, context};
    const auto agreement = agreement_for(state, key.model, key.ver, host);
    const auto host_part = agreement ? minted.share_down(agreement->host_ppm) : Amount{};
    parts.to_account(host, host_part);
    const auto version = state.find<VersionRecord>(key);
    parts.by_table(version ? version->shares : SplitTable{}, minted - host_part,
                   state.get<Model>(key.model).owner);
}

}  // namespace

std::optional<Agreement> agreement_for(const View& view, const ModelId& model, Version ver,
                                       const Address& host)
{
    auto own = view.find<Agreement>({model, ver, host});
    if (own || ver == model_line) return own;
    return view.find<Agreement>({model, model_line, host});
}

void settle(State& state, const Context& context, const Split& to, Amount amount,
            const std::vector<VersionUse>& uses)
{
    if (!uses.empty()) {
        Amount sum;
        for (const auto& use : uses) {
            settle_version(state, context, {to.model, use.ver}, to.host, use.amount);
            sum = sum + use.amount;
        }
        ledger::ensure(sum == amount, "the uses of a claim sum to what it adds");
        return;
    }
    const auto ver = to.ver == model_line ? Version{state.get<Model>(to.model).versions} : to.ver;
    settle_version(state, context, {to.model, ver}, to.host, amount);
}

void settle_data(State& state, const Context& context, const DatasetId& id, Amount amount)
{
    const auto owner = state.get<Dataset>(id).owner;
    const auto minted = burn_for(state, context, owner, ledger::retag<Hash>(id), amount);
    const auto record = state.find<DatasetRecord>(id);
    ledger::ensure(record.has_value(), "a dataset that is sold is registered");
    Distribution{state, context}.by_table(record->shares, minted, owner);
}

void settle_work(State& state, const Context& context, const Address& to, Amount amount,
                 const Hash& subject)
{
    if (amount.is_zero()) return;
    const auto minted = burn_for(state, context, to, subject, amount);
    Distribution{state, context}.to_account(to, minted);
}

void pay(State& state, const Context& context, const Address& to, Amount amount)
{
    if (const auto split = state.find<Split>(to)) {
        settle(state, context, *split, amount);
    } else {
        credit(state, to, amount);
    }
}

void settle_balance(State& state, const Context& context, const Address& split_address)
{
    const auto split = state.find<Split>(split_address);
    ledger::ensure(split.has_value(), "only a split address settles its balance");
    auto account = state.get<Account>(split_address);
    if (account.balance.is_zero()) return;
    const auto amount = account.balance;
    account.balance = {};
    state.put(split_address, account);
    settle(state, context, *split, amount);
}

}  // namespace market
