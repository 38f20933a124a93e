#include "tests/support/market_world.hpp"

#include "market/beacon.hpp"
#include "market/lease_invariants.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "market/state/data_records.hpp"
#include "market/state/label_records.hpp"
#include "market/state/validator_records.hpp"

#include <algorithm>

namespace market {
namespace {

void must(Rejection outcome, const char* what)
{
    if (outcome != Rejection::none)
        throw std::runtime_error{std::string{what} + ": " +
                                 std::string{ledger::codec::enum_name(outcome)}};
}

}  // namespace

ledger::Genesis MarketWorld::genesis(ledger::AssetKind kind)
{
    ledger::Genesis made;
    made.format = "millrace/genesis/v1";
    made.name = "market-world";
    made.chain_id = {402'077};
    made.time_ms = {start_ms};
    made.asset = {kind, "Mill", "MILL", "1", 6, address_of("asset")};
    if (kind == ledger::AssetKind::credit)
        made.issuers = {2,
                        {address_of("issuer-1"), address_of("issuer-2"), address_of("issuer-3")}};
    auto& params = made.params;
    params.byte_deposit = Amount::micros(1);
    params.delta_bps = {300};
    params.eps_bps = {50};
    params.min_bond = Amount::micros(1'000);
    params.min_slash = Amount::micros(100);
    params.min_deposit = Amount::micros(10);
    params.w_disp_s = 600;
    params.w_unbond_s = 2'400;
    params.price_notice_s = 3'600;
    return made;
}

MarketWorld::MarketWorld(ledger::AssetKind kind) : MarketWorld{genesis(kind)} {}

MarketWorld::MarketWorld(ledger::Genesis document)
    : network_{std::move(document), ledger::retag<ledger::BlockId>(hash_of("genesis block"))}
{
}

Hash MarketWorld::hash_of(std::string_view text)
{
    return ledger::sha256(ledger::as_bytes(text));
}

ledger::SecretKey MarketWorld::key_of(std::string_view name)
{
    return *ledger::SecretKey::from_bytes(hash_of(name).view());
}

Address MarketWorld::address_of(std::string_view name)
{
    return ledger::address_of(key_of(name));
}

Signature MarketWorld::sign(std::string_view name, const Hash& digest)
{
    return ledger::sign(key_of(name), digest);
}

Context MarketWorld::context(const Address& sender) const
{
    return {network_, height_, now_, sender, tx_, events_};
}

void MarketWorld::next_block(std::string_view id)
{
    ++height_.value;
    ledger::Overlay overlay{memory_};
    State state{overlay};
    note_beacon(state, ledger::retag<ledger::BlockId>(hash_of(id)));
    memory_.apply(overlay.take());
}

Rejection MarketWorld::run(const Address& sender,
                           const std::function<Verdict(State&, const Context&)>& rule)
{
    events_.clear();
    tx_ = ledger::retag<TxId>(hash_of("transaction " + std::to_string(++runs_)));
    ledger::Overlay overlay{memory_};
    State state{overlay};
    const auto verdict = rule(state, context(sender));
    if (!verdict) {
        events_.clear();
        return verdict.error();
    }
    memory_.apply(overlay.take());
    return Rejection::none;
}

void MarketWorld::fund(std::string_view name, std::uint64_t micros)
{
    fund(address_of(name), micros);
}

void MarketWorld::fund(const Address& account, std::uint64_t micros)
{
    run(account, [&](State& state, const Context&) -> Verdict {
        credit(state, account, Amount::micros(micros));
        auto supply = state.get<Supply>({});
        supply.genesis = supply.genesis + Amount::micros(micros);
        state.put({}, supply);
        return {};
    });
}

std::uint64_t MarketWorld::balance(const Address& account) const
{
    return view().get<Account>(account).balance.micros();
}

std::uint64_t MarketWorld::locked(std::string_view name) const
{
    return view().get<Account>(address_of(name)).locked.micros();
}

bool MarketWorld::emitted(EventKind kind) const
{
    return std::any_of(events_.begin(), events_.end(),
                       [&](const Event& event) { return event.kind == kind; });
}

std::uint64_t MarketWorld::total_held() const
{
    Amount sum;
    view().scan<Account>({}, [&](const auto&, const auto& account) {
        sum = sum + account.balance + account.locked;
        return true;
    });
    view().scan<Host>({}, [&](const auto&, const auto& host) {
        sum = sum + host.bond;
        return true;
    });
    view().scan<ValidatorRecord>({}, [&](const auto&, const auto& validator) {
        sum = sum + validator.stake;
        return true;
    });
    view().scan<Channel>({}, [&](const auto&, const auto& channel) {
        sum = sum + channel.escrow();
        return true;
    });
    view().scan<Sale>({}, [&](const auto&, const auto& sale) {
        sum = sum + sale.escrow();
        return true;
    });
    view().scan<LabelSeats>({}, [&](const auto&, const auto& seats) {
        sum = sum + seats.escrow;
        return true;
    });
    view().scan<LabelWork>({}, [&](const auto&, const auto& work) {
        sum = sum + work.escrow + work.appeal + work.bond;
        return true;
    });
    view().scan<Offer>({}, [&](const auto&, const auto& offer) {
        sum = sum + offer.bonds;
        return true;
    });
    const auto leases = lease_holdings(view());
    sum = sum + leases.orders + leases.bids + leases.leases + leases.verifiers;
    if (network_.mints())
        view().scan<Dataset>({}, [&](const auto&, const auto& dataset) {
            sum = sum + dataset.pot;
            return true;
        });
    return sum.micros();
}

std::uint64_t MarketWorld::supply() const
{
    const auto supply = view().get<Supply>({});
    return (supply.genesis + supply.minted + supply.issued - supply.burned).micros();
}

PriceSheet flat_price(const MarketWorld& world, std::uint64_t micros)
{
    PriceSheet sheet;
    sheet.asset = world.network().genesis.asset.address;
    sheet.base = Amount::micros(micros);
    sheet.min = Amount::micros(1);
    sheet.cap = Amount::micros(micros < 1 ? 1 : micros);
    return sheet;
}

ModelVersion model_version(const MarketWorld& world, const ModelId& model, std::uint32_t ver)
{
    ModelVersion made;
    made.model = model;
    made.ver = {ver};
    const auto label = ledger::to_hex(model.view()) + "/" + std::to_string(ver);
    made.content_id = ledger::retag<ContentId>(MarketWorld::hash_of(label));
    made.format = "onnx";
    made.license = "Apache-2.0";
    made.price_sheet = flat_price(world, 100);
    return made;
}

ModelId make_model(MarketWorld& world, std::string_view name)
{
    must(world.apply("alice", ModelRegister{std::string{name}, {}}), "ModelRegister");
    const auto id = model_id(MarketWorld::address_of("alice"), name);
    must(world.apply("alice", model_version(world, id, 1)), "ModelVersion");
    return id;
}

void make_host(MarketWorld& world, std::string_view name)
{
    const auto key = MarketWorld::address_of(std::string{name} + "-key");
    must(world.apply(name, HostRegister{"https://host.example", Amount::micros(1'000), key}),
         "HostRegister");
}

ModelHost hosting(const MarketWorld& world, const ModelId& model, std::uint32_t ver,
                  std::string_view owner, std::string_view host, std::uint32_t host_ppm)
{
    ModelHost made;
    const auto address = MarketWorld::address_of(host);
    const auto serial = world.view().get<Agreement>({model, {ver}, address}).serial;
    made.agreement = {model, {ver}, address, {host_ppm}, 0, serial};
    if (owner != host) made.counter_signature = world.sign_struct(host, made.agreement);
    return made;
}

}  // namespace market
