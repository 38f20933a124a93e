#include "tests/support/market_walk.hpp"

#include "market/invariants.hpp"
#include "market/price_history.hpp"
#include "market/rules/channel_rules.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/transfer_rules.hpp"
#include "market/signing.hpp"
#include "tests/support/market_world.hpp"

#include <algorithm>
#include <stdexcept>

namespace market {
namespace {

ledger::Genesis document(ledger::AssetKind kind, const std::vector<Address>& people)
{
    auto made = MarketWorld::genesis(kind);
    if (kind == ledger::AssetKind::coin) {
        made.params.min_fee = Amount::micros(10);
    } else {
        made.issuers = {2, {people.end() - 3, people.end()}};
    }
    made.params.w_disp_s = 60;
    made.params.w_unbond_s = 240;
    made.params.price_notice_s = 10;
    for (const auto& person : people)
        made.balances.push_back({person, Amount::micros(10'000'000'000)});
    return made;
}

}  // namespace

MarketWalk::MarketWalk(ledger::AssetKind kind, Pick pick)
    : pick_{std::move(pick)},
      people_{[] {
          std::vector<Person> made;
          for (std::size_t i = 0; i < all; ++i) {
              auto key = MarketWorld::key_of("person " + std::to_string(i));
              const auto address = ledger::address_of(key);
              made.push_back({std::move(key), address});
          }
          return made;
      }()},
      network_{[&] {
                   std::vector<Address> addresses;
                   for (const auto& person : people_) addresses.push_back(person.address);
                   return document(kind, addresses);
               }(),
               ledger::retag<ledger::BlockId>(MarketWorld::hash_of("walk"))},
      now_{MarketWorld::start_ms}
{
    memory_.apply(genesis_state(network_.genesis));
    set_up();
}

void MarketWalk::wrong(std::string what)
{
    broken_.push_back("block " + std::to_string(height_.value) + ": " + std::move(what));
}

Signature MarketWalk::sign(std::size_t person, const Hash& digest)
{
    const auto [at, fresh] = signatures_.try_emplace({person, digest});
    if (fresh) at->second = ledger::sign(people_[person].key, digest);
    return at->second;
}

void MarketWalk::must(std::size_t sender, const Message& message)
{
    ledger::Overlay overlay{memory_};
    std::vector<Event> events;
    const auto done = apply_message(overlay, network_, {height_, now_, {}}, people_[sender].address,
                                    {}, message, events);
    if (!done)
        throw std::runtime_error{std::string{name_of(message)} + ": " +
                                 std::string{ledger::codec::enum_name(done.error())}};
    memory_.apply(overlay.take());
}

ModelHost MarketWalk::hosting(std::size_t of, std::size_t by, std::uint32_t ver)
{
    ModelHost made;
    const auto& model = models_[of];
    const auto& address = people_[host + by].address;
    const auto before = view().get<Agreement>({model, {ver}, address});
    made.agreement = {model,
                      {ver},
                      address,
                      {static_cast<std::uint32_t>(pick_(1'000'001))},
                      chance(4) ? now_.value / 1000 + 1 + pick_(500) : 0,
                      before.serial};
    made.counter_signature = sign(
        host + by,
        ledger::eip712::digest(network_.transactions, ledger::eip712::struct_hash(made.agreement)));
    return made;
}

void MarketWalk::set_up()
{
    ledger::Overlay overlay{memory_};
    State state{overlay};
    data_ = dataset_id(people_[owner].address, "data");
    state.put(data_, Dataset{people_[owner].address, 7, {}, {}});
    state.put(ContributionKey{data_, people_[contributor].address}, Contribution{7, {}});
    if (!network_.mints())
        for (const auto& person : people_)
            state.put(person.address, Admitted{AccountClass::bulk, 1ull << 40, 0, 0});
    memory_.apply(overlay.take());

    for (std::size_t h = 0; h < hosts; ++h)
        must(host + h, HostRegister{"https://h", Amount::micros(100'000),
                                    people_[key_of_host(host + h)].address});
    for (std::size_t o = 0; o < owners; ++o) {
        models_.push_back(model_id(people_[owner + o].address, "m"));
        must(owner + o, ModelRegister{"m", {}});
        ModelVersion version;
        version.model = models_[o];
        version.ver = {1};
        version.format = "onnx";
        version.license = "MIT";
        version.price_sheet.asset = network_.genesis.asset.address;
        version.price_sheet.base = Amount::micros(100);
        version.price_sheet.min = Amount::micros(1);
        version.price_sheet.cap = Amount::micros(100);
        version.data_ppm = {o == 1 ? 300'000u : 0u};
        if (o == 1) version.datasets = {{data_, 1}};
        if (o != 0) version.parents = {{models_[o - 1], {1}, {1'500}}};
        must(owner + o, version);
        must(owner + o, ModelAlias{models_[o], "stable", {{{1}, 1}}, ""});
        for (std::size_t h = 0; h < hosts; ++h) {
            for (const std::uint32_t ver : {0u, 1u}) {
                auto open = hosting(o, h, ver);
                open.agreement.until = 0;
                open.counter_signature = sign(
                    host + h, ledger::eip712::digest(network_.transactions,
                                                     ledger::eip712::struct_hash(open.agreement)));
                must(owner + o, open);
                for (std::size_t p = 0; p < payers; ++p) {
                    Terms terms{{}, {}, payer + p, host + h};
                    terms.config.payer = people_[payer + p].address;
                    terms.config.receiver =
                        split_address(models_[o], {ver}, people_[host + h].address);
                    terms.config.receiver_authorizer = people_[key_of_host(host + h)].address;
                    terms.config.token = network_.genesis.asset.address;
                    terms.config.withdraw_delay = {900};
                    open_.push_back(channels_.size());
                    add_channel(terms);
                }
            }
        }
    }
}

void MarketWalk::add_channel(Terms terms)
{
    terms.config.salt.bytes[0] = static_cast<std::uint8_t>(channels_.size() >> 8);
    terms.config.salt.bytes[1] = static_cast<std::uint8_t>(channels_.size());
    terms.id = channel_id(network_, terms.config);
    by_id_[ledger::retag<Hash>(terms.id)] = channels_.size();
    channels_.push_back(terms);
}

/// A channel whose host went away and came back with a new record of its key only refunds;
/// its payer opens another.
void MarketWalk::renew(std::size_t slot)
{
    const auto& terms = channels_[open_[slot]];
    const auto channel = view().find<Channel>(terms.id);
    // One with a claim pending stays in use until that is settled: its host cannot leave before.
    if (!channel || channel->pending ||
        key_was_active(view(), people_[terms.to].address, terms.config.receiver_authorizer,
                       channel->opened_ms))
        return;
    open_[slot] = channels_.size();
    add_channel({terms.config, {}, terms.by, terms.to});
}

CheckedTransaction MarketWalk::wrap(const Draft& draft)
{
    const auto lane = static_cast<std::uint32_t>(pick_(2));
    const bool hashed = std::holds_alternative<ChannelChainClaim>(draft.message) && !chance(10);
    const Amount fee = Amount::micros(network_.mints() ? 10 + 10 * hashed + pick_(20) : 0);
    auto envelope = make_transaction(people_[draft.sender].address, {lane},
                                     {nonces_[{draft.sender, lane}]++}, fee, 0, draft.message);
    if (chance(64)) {
        // All the way from the bytes.
        const auto id = transaction_id(network_.transactions, envelope, draft.message);
        envelope.signature = sign(draft.sender, ledger::retag<Hash>(id));
        auto checked = check_transaction(network_, ledger::encode_transaction(envelope));
        if (checked && checked->message == draft.message) return std::move(*checked);
        wrong("a transaction does not survive its encoding");
    }
    TxId id;
    for (std::size_t i = 0; i < 8; ++i)
        id.bytes[i] = static_cast<std::uint8_t>(counts_.transactions >> 8 * i);
    const auto encoded = ledger::encode_transaction(envelope);
    return {envelope, draft.message, id, {}, encoded};
}

void MarketWalk::block(std::uint64_t most)
{
    ++height_.value;
    now_.value += chance(10) ? 1 + pick_(1'000'000) : 1 + pick_(20'000);
    BlockExecution execution{memory_, network_, {height_, now_, people_[proposer].address}};
    std::vector<Draft> drafts;
    for (auto left = 1 + pick_(most); left > 0; --left) {
        auto next = draft();
        const auto added = execution.add(wrap(next));
        ++counts_.transactions;
        if (added)
            drafts.push_back(std::move(next));
        else
            wrong("an envelope is refused: " +
                  std::string{ledger::codec::enum_name(added.error())});
    }
    const auto outcome = execution.finish();
    for (std::size_t i = 0; i < drafts.size(); ++i) check_receipt(drafts[i], outcome.receipts[i]);
    check_diff(outcome.diff);
    memory_.apply(outcome.diff);
}

}  // namespace market
