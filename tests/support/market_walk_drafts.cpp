#include "tests/support/market_walk.hpp"

#include "market/hash_chain.hpp"
#include "market/price_history.hpp"
#include "market/rules/host_rules.hpp"
#include "market/signing.hpp"

#include <algorithm>

namespace market {

std::uint64_t MarketWalk::amount()
{
    const auto kind = pick_(8);
    if (kind == 0) return pick_(4);
    if (kind == 1) return pick_(100'000'000);
    return 1 + pick_(5'000);
}

Address MarketWalk::somewhere()
{
    if (chance(3)) return some_channel().config.receiver;
    return people_[anyone()].address;
}

MarketWalk::Terms& MarketWalk::some_pending_channel()
{
    const auto first = pick_(open_.size());
    for (std::size_t i = 0; i < open_.size(); ++i) {
        auto& terms = channels_[open_[(first + i) % open_.size()]];
        const auto channel = view().find<Channel>(terms.id);
        if (channel && channel->pending) return terms;
    }
    return channels_[open_[first]];
}

MarketWalk::Draft MarketWalk::transfer()
{
    return {anyone(), Transfer{somewhere(), Amount::micros(amount())}};
}

MarketWalk::Draft MarketWalk::transfer_with_auth()
{
    const auto from = anyone();
    TransferWithAuth made;
    made.from = people_[from].address;
    made.to = somewhere();
    made.value = Amount::micros(amount());
    const auto now_s = now_.value / 1000;
    made.valid_after = now_s - 1 + pick_(2) * pick_(2);
    made.valid_before = now_s + pick_(60);
    const auto nonce = chance(20) ? pick_(250) : ++serial_;  // some are used twice
    made.nonce.bytes[0] = static_cast<std::uint8_t>(nonce >> 8);
    made.nonce.bytes[1] = static_cast<std::uint8_t>(nonce);
    made.signature =
        sign(chance(20) ? anyone() : from, transfer_authorization_digest(network_, made));
    return {anyone(), made};
}

/// Honest ones, and ones that name another sender, come to more than they permit, or come again.
MarketWalk::Draft MarketWalk::permit_settle()
{
    const auto facilitator = host + pick_(hosts);
    if (!permits_.empty() && chance(10)) {
        auto again = permits_[pick_(permits_.size())];
        again.actual = Amount::micros(1 + pick_(again.permitted.amount.micros() + 1));
        return {facilitator, again};
    }
    const auto from = anyone();
    PermitSettle made;
    made.permitted = {network_.genesis.asset.address, Amount::micros(amount())};
    made.from = people_[from].address;
    made.spender = chance(40) ? made.from : upto_spender;
    made.nonce.bytes[0] = static_cast<std::uint8_t>(++serial_ >> 8);
    made.nonce.bytes[1] = static_cast<std::uint8_t>(serial_);
    const auto now_s = now_.value / 1000;
    made.deadline = now_s + pick_(60);
    made.witness = {somewhere(), people_[facilitator].address, now_s - pick_(2) + pick_(20) / 19};
    made.signature = sign(chance(20) ? anyone() : from, permit_digest(network_, made));
    made.actual = Amount::micros(pick_(made.permitted.amount.micros() + 2));
    permits_.push_back(made);
    return {chance(20) ? anyone() : facilitator, made};
}

MarketWalk::Draft MarketWalk::deposit()
{
    const auto slot = pick_(open_.size());
    renew(slot);
    auto& terms = channels_[open_[slot]];
    ChannelDeposit made;
    made.config = terms.config;
    made.amount = Amount::micros(amount());
    made.valid_after = now_.value / 1000 - 1;
    made.valid_before = now_.value / 1000 + 1 + pick_(60);
    made.salt.bytes[0] = static_cast<std::uint8_t>(++serial_ >> 8);
    made.salt.bytes[1] = static_cast<std::uint8_t>(serial_);
    made.signature = sign(chance(20) ? anyone() : terms.by, deposit_digest(network_, made));
    return {chance(3) ? anyone() : terms.by, made};
}

ClaimRow MarketWalk::claim_row(Terms& terms)
{
    const auto channel = view().get<Channel>(terms.id);
    const auto claimed = channel.total_claimed.micros();
    // Ceilings come in steps, so that a voucher is signed once and used for many claims.
    const auto room = channel.balance.micros() - claimed;
    auto ceiling = claimed + room / 4 * (1 + pick_(4)) + pick_(30) / 29;
    if (chance(4)) ceiling = channel.balance.micros();
    const auto total = chance(10) ? amount() : claimed + 1 + pick_(ceiling - claimed + 1);
    const bool forged = chance(20);
    const auto voucher = voucher_digest(network_, terms.id, Amount::micros(ceiling));
    ClaimRow row{terms.config,
                 Amount::micros(ceiling),
                 sign(forged ? terms.to : terms.by, voucher),
                 Amount::micros(total),
                 {}};
    if (!forged) terms.highest_voucher = std::max(terms.highest_voucher, ceiling);
    row.uses = some_uses(terms, claimed, total);
    return row;
}

std::vector<VersionUse> MarketWalk::some_uses(const Terms& terms, std::uint64_t claimed,
                                              std::uint64_t total)
{
    const auto split = view().get<Split>(terms.config.receiver);
    if (split.ver != model_line || total <= claimed) return {};
    const auto versions = view().get<Model>(split.model).versions;
    const auto delta = total - claimed;
    const auto first = static_cast<std::uint32_t>(1 + pick_(versions));
    const auto part = chance(2) ? delta : 1 + pick_(delta);
    std::vector<VersionUse> uses{{{first}, Amount::micros(part)}};
    if (part < delta) uses.push_back({{first % versions + 1}, Amount::micros(delta - part)});
    return uses;
}

MarketWalk::Draft MarketWalk::claim()
{
    auto& first = some_channel();
    ChannelClaim made;
    std::vector<ClaimEntry> entries;
    const auto rows = 1 + pick_(3);
    for (const auto index : open_) {
        auto& terms = channels_[index];
        if (made.rows.size() == rows) break;
        if (&terms != &first && (terms.to != first.to || !chance(4))) continue;
        const auto channel = view().find<Channel>(terms.id);
        if ((!channel || channel->pending || channel->escrow().is_zero()) && !chance(20)) continue;
        made.rows.push_back(claim_row(terms));
        entries.push_back({terms.id,
                           {made.rows.back().max_claimable.micros()},
                           {made.rows.back().total_claimed.micros()}});
    }
    made.claim_signature =
        sign(chance(20) ? anyone() : key_of_host(first.to), claim_batch_digest(network_, entries));
    return {chance(10) ? anyone() : first.to, made};
}

void MarketWalk::begin_chain(Terms& terms, std::uint64_t claimed)
{
    terms.chain.base = Amount::micros(chance(8) ? amount() : claimed + pick_(8) / 7);
    terms.chain.unit = Amount::micros(1 + pick_(60));
    terms.chain.length = static_cast<std::uint32_t>(1 + pick_(24));
    ++serial_;
    Hash seed;
    for (std::size_t i = 0; i < 8; ++i) seed.bytes[i] = static_cast<std::uint8_t>(serial_ >> 8 * i);
    terms.links = make_links(terms.id, seed, terms.chain.length);
    terms.chain.root = terms.links[0];
}

ChainClaimRow MarketWalk::chain_row(Terms& terms)
{
    const auto channel = view().get<Channel>(terms.id);
    const auto claimed = channel.total_claimed.micros();
    const bool used_up =
        terms.links.empty() || worth(terms.chain, terms.chain.length)->micros() <= claimed;
    if (used_up || chance(8)) begin_chain(terms, claimed);
    const auto unit = terms.chain.unit.micros();
    const auto base = terms.chain.base.micros();
    const auto done = claimed > base ? (claimed - base) / unit : 0;
    auto index = static_cast<std::uint32_t>(1 + (chance(10) ? 0 : done) + pick_(6));
    if (!chance(10)) index = std::min(index, terms.chain.length);
    ChainClaimRow row{terms.config, terms.chain, {}, index, {}, {}};
    if (index < terms.links.size()) row.link = terms.links[index];
    const auto forgery = pick_(60);  // above 2: none
    if (forgery == 0) row.link.bytes[0] ^= 1;
    if (forgery == 1) row.chain.unit = row.chain.unit + Amount::micros(1);
    row.voucher_signature = sign(forgery == 2 ? terms.to : terms.by,
                                 chain_voucher_digest(network_, terms.id, terms.chain));
    const auto total = *worth(row.chain, index);
    if (forgery > 2 && index <= terms.chain.length)
        terms.highest_voucher = std::max(terms.highest_voucher, total.micros());
    row.uses = some_uses(terms, claimed, total.micros());
    return row;
}

MarketWalk::Draft MarketWalk::chain_claim()
{
    auto& first = some_channel();
    ChannelChainClaim made;
    const auto rows = 1 + pick_(3) / 2;
    for (const auto index : open_) {
        auto& terms = channels_[index];
        if (made.rows.size() == rows) break;
        if (&terms != &first && (terms.to != first.to || !chance(4))) continue;
        const auto channel = view().find<Channel>(terms.id);
        if ((!channel || channel->pending || channel->escrow().is_zero()) && !chance(20)) continue;
        made.rows.push_back(chain_row(terms));
    }
    return {chance(15) ? anyone() : chance(2) ? first.to : key_of_host(first.to), made};
}

MarketWalk::Draft MarketWalk::dispute()
{
    auto& terms = some_pending_channel();
    const auto channel = view().get<Channel>(terms.id);
    const auto split = view().get<Split>(terms.config.receiver);
    const auto pending = channel.pending.value_or(PendingClaim{});
    ChannelDispute made;
    made.kind = chance(2) ? DisputeKind::claim : DisputeKind::charge;
    auto& receipt = made.receipt;
    receipt.channel_id = terms.id;
    receipt.seq = 1;
    receipt.model = split.model;
    receipt.ver = split.ver == model_line ? Version{1} : split.ver;
    receipt.sheet =
        sheet_hash(view().get<VersionRecord>({receipt.model, receipt.ver}).version.price_sheet);
    receipt.max_claimable = pending.voucher_max;
    const auto total = pending.total.micros();
    receipt.charged_cumulative = Amount::micros(
        chance(4) ? pick_(total + 2) : total - std::min<std::uint64_t>(total, pick_(60)));
    if (made.kind == DisputeKind::charge) receipt.charged_cumulative = pending.total;
    receipt.charged = Amount::micros(pick_(receipt.charged_cumulative.micros() + 1));
    const bool forged = chance(5);
    made.receipt_signature =
        sign(forged ? terms.by : key_of_host(terms.to), receipt_digest(network_, receipt));
    made.voucher_signature =
        sign(terms.by, voucher_digest(network_, terms.id, receipt.max_claimable));
    terms.highest_voucher = std::max(terms.highest_voucher, receipt.max_claimable.micros());
    return {chance(20) ? anyone() : terms.by, made};
}

MarketWalk::Draft MarketWalk::finalize()
{
    ChannelFinalize made;
    for (auto left = 1 + pick_(3) / 2; left > 0; --left)
        made.channels.push_back(some_pending_channel().id);
    return {anyone(), made};
}

MarketWalk::Draft MarketWalk::refund()
{
    auto& terms = some_channel();
    const auto nonce = view().get<Channel>(terms.id).refund_nonce + pick_(8) / 7;
    const auto micros = Amount::micros(amount());
    return {anyone(), ChannelRefund{terms.config, micros, nonce,
                                    sign(key_of_host(terms.to),
                                         refund_digest(network_, terms.id, nonce, micros))}};
}

MarketWalk::Draft MarketWalk::withdraw()
{
    auto& terms = some_channel();
    const auto sender = chance(20) ? anyone() : terms.by;
    if (view().get<Channel>(terms.id).withdraw && !chance(5))
        return {sender, ChannelWithdrawFinal{terms.config}};
    return {sender, ChannelWithdrawInit{terms.config, Amount::micros(amount())}};
}

MarketWalk::Draft MarketWalk::host_change()
{
    const auto who = host + pick_(hosts);
    const auto& address = people_[who].address;
    const auto leaving = view().get<Host>(address).unbond_end_ms != 0;
    if (leaving) return {who, HostUnbondFinal{}};
    if (chance(40)) return {who, HostUnbond{}};
    if (chance(4))
        return {who, HostKey{chance(2) ? KeyChange::add : KeyChange::retire,
                             people_[key_of_host(who) - (chance(2) ? 0 : 1)].address}};
    return {who, HostRegister{"https://h", Amount::micros(pick_(200'000)),
                              people_[key_of_host(who)].address}};
}

MarketWalk::Draft MarketWalk::model_change()
{
    const auto o = pick_(owners);
    const auto& model = models_[o];
    const auto versions = view().get<Model>(model).versions;
    const Version some{static_cast<std::uint32_t>(1 + pick_(versions))};
    switch (pick_(5)) {
        case 0: {
            if (versions >= 20) break;
            auto version = view().get<VersionRecord>({model, {1}}).version;
            version.ver = {versions + 1};
            version.parents.clear();
            const auto& parent = models_[pick_(owners)];
            if (parent != model)
                version.parents = {{parent,
                                    {view().get<Model>(parent).versions},
                                    {static_cast<std::uint32_t>(pick_(5'001))}}};
            return {owner + o, version};
        }
        case 1:
            return {owner + o, ModelAlias{model, "stable", {{some, 1}}, ""}};
        case 2:
            if (some.value > 2) return {owner + o, ModelYank{model, some, ""}};
            break;
        default:
            break;
    }
    return {owner + o, hosting(o, pick_(hosts), static_cast<std::uint32_t>(pick_(versions + 1)))};
}

MarketWalk::Draft MarketWalk::issue()
{
    CreditIssue made{{somewhere(), Amount::micros(amount()), {}}, {}};
    made.terms.ref.bytes[0] = static_cast<std::uint8_t>(1 + pick_(200));
    made.terms.ref.bytes[1] = static_cast<std::uint8_t>(height_.value);
    made.approvals = {sign(
        issuer + 1 + pick_(2),
        ledger::eip712::digest(network_.transactions, ledger::eip712::struct_hash(made.terms)))};
    return {issuer, made};
}

MarketWalk::Draft MarketWalk::draft()
{
    const auto kind = pick_(100);
    if (kind < 15) return transfer();
    if (kind < 20) return permit_settle();
    if (kind < 26) return transfer_with_auth();
    if (kind < 38) return deposit();
    if (kind < 49) return claim();
    if (kind < 55) return chain_claim();
    if (kind < 67) return finalize();
    if (kind < 71) return dispute();
    if (kind < 76) return refund();
    if (kind < 84) return withdraw();
    if (kind < 92) return host_change();
    if (kind < 96) return model_change();
    if (kind < 98) return {contributor, DataClaim{data_}};
    return issue();
}

}  // namespace market
