#include "tests/support/channel_world.hpp"

#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"

#include <stdexcept>

namespace market {
namespace {

void must(Rejection outcome)
{
    if (outcome != Rejection::none)
        throw std::runtime_error{std::string{ledger::codec::enum_name(outcome)}};
}

}  // namespace

ChannelWorld::ChannelWorld(ledger::Genesis document) : MarketWorld{std::move(document)}
{
    for (const auto* name : {"alice", "hugo", "paul"}) fund(name, 1'000'000);
    model_ = make_model(*this);
    make_host(*this);
    must(apply("alice", hosting(*this, model_, 1, "alice", "hugo", 300'000)));
}

Address ChannelWorld::split(std::uint32_t ver, std::string_view host) const
{
    return split_address(model_, {ver}, address_of(host));
}

ChannelConfig ChannelWorld::config(std::uint8_t salt, std::uint32_t ver,
                                   std::string_view payer) const
{
    ChannelConfig made;
    made.payer = address_of(payer);
    made.receiver = split(ver);
    made.receiver_authorizer = address_of("hugo-key");
    made.token = network().genesis.asset.address;
    made.withdraw_delay = {900};
    made.salt.bytes[31] = salt;
    return made;
}

Channel ChannelWorld::channel(const ChannelConfig& config) const
{
    return *view().find<Channel>(id(config));
}

Host ChannelWorld::host(std::string_view name) const
{
    return view().get<Host>(address_of(name));
}

ChannelDeposit ChannelWorld::deposit(const ChannelConfig& config, std::uint64_t micros,
                                     std::string_view payer)
{
    ChannelDeposit made;
    made.config = config;
    made.amount = Amount::micros(micros);
    made.valid_after = now_s() - 1;
    made.valid_before = now_s() + 3'600;
    made.salt = hash_of("authorization " + std::to_string(authorizations_++));
    sign_deposit(made, payer);
    return made;
}

void ChannelWorld::sign_deposit(ChannelDeposit& deposit, std::string_view payer) const
{
    deposit.signature = sign(payer, deposit_digest(network(), deposit));
}

void ChannelWorld::open(const ChannelConfig& config, std::uint64_t micros, std::string_view payer)
{
    must(apply(payer, deposit(config, micros, payer)));
}

ClaimRow ChannelWorld::row(const ChannelConfig& config, std::uint64_t ceiling, std::uint64_t total,
                           std::vector<VersionUse> uses, std::string_view payer) const
{
    const auto most = Amount::micros(ceiling);
    return {config, most, sign(payer, voucher_digest(network(), id(config), most)),
            Amount::micros(total), std::move(uses)};
}

ChannelClaim ChannelWorld::claim(std::vector<ClaimRow> rows, std::string_view key) const
{
    std::vector<ClaimEntry> entries;
    for (const auto& row : rows)
        entries.push_back(
            {id(row.config), {row.max_claimable.micros()}, {row.total_claimed.micros()}});
    return {std::move(rows), sign(key, claim_batch_digest(network(), entries))};
}

ChannelClaim ChannelWorld::claim(const ChannelConfig& config, std::uint64_t ceiling,
                                 std::uint64_t total) const
{
    return claim({row(config, ceiling, total)});
}

ChannelWorld::Chain ChannelWorld::chain(const ChannelConfig& config, std::uint64_t base,
                                        std::uint64_t unit, std::uint32_t length,
                                        std::string_view seed) const
{
    Chain made{{Amount::micros(base), Amount::micros(unit), length, {}},
               make_links(id(config), hash_of(seed), length)};
    made.terms.root = made.links[0];
    return made;
}

ChainClaimRow ChannelWorld::chain_row(const ChannelConfig& config, const Chain& chain,
                                      std::uint32_t index, std::vector<VersionUse> uses,
                                      std::string_view payer) const
{
    return {config,
            chain.terms,
            sign(payer, chain_voucher_digest(network(), id(config), chain.terms)),
            index,
            index < chain.links.size() ? chain.links[index] : Hash{},
            std::move(uses)};
}

UsageReceipt ChannelWorld::receipt(const ChannelConfig& config, std::uint64_t ceiling,
                                   std::uint64_t cumulative) const
{
    UsageReceipt made;
    made.channel_id = id(config);
    made.seq = 1;
    made.model = model_;
    made.ver = {1};
    made.max_claimable = Amount::micros(ceiling);
    made.charged = Amount::micros(cumulative);
    made.charged_cumulative = Amount::micros(cumulative);
    made.t = now_ms();
    return made;
}

ChannelDispute ChannelWorld::dispute(DisputeKind kind, const UsageReceipt& receipt) const
{
    return {kind, receipt, sign("hugo-key", receipt_digest(network(), receipt)),
            sign("paul", voucher_digest(network(), receipt.channel_id, receipt.max_claimable))};
}

ChannelRefund ChannelWorld::refund(const ChannelConfig& config, std::uint64_t micros,
                                   std::uint64_t nonce) const
{
    const auto amount = Amount::micros(micros);
    return {config, amount, nonce,
            sign("hugo-key", refund_digest(network(), id(config), nonce, amount))};
}

TransferWithAuth ChannelWorld::authorized(std::string_view from, const Address& to,
                                          std::uint64_t micros)
{
    TransferWithAuth made;
    made.from = address_of(from);
    made.to = to;
    made.value = Amount::micros(micros);
    made.valid_after = now_s() - 1;
    made.valid_before = now_s() + 3'600;
    made.nonce = hash_of("authorization " + std::to_string(authorizations_++));
    made.signature = sign(from, transfer_authorization_digest(network(), made));
    return made;
}

PermitSettle ChannelWorld::permit(std::string_view from, const Address& to, std::uint64_t most,
                                  std::uint64_t actual)
{
    PermitSettle made;
    made.permitted = {network().genesis.asset.address, Amount::micros(most)};
    made.from = address_of(from);
    made.spender = upto_spender;
    made.nonce = hash_of("permit " + std::to_string(authorizations_++));
    made.deadline = now_s() + 3'600;
    made.witness = {to, address_of("hugo"), 0};
    made.signature = sign(from, permit_digest(network(), made));
    made.actual = Amount::micros(actual);
    return made;
}

}  // namespace market
