#pragma once

#include "ledger/base/hex.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/state/memory_state.hpp"
#include "market/context.hpp"
#include "market/message.hpp"
#include "market/state/money.hpp"

#include <string_view>

/// A market in memory for tests of rules: a network, people with keys, a state, block time that
/// moves when told. Deterministic: a name always has the same key.
namespace market {

/// Calls the rule of a message; outside of the class, where `apply` is no member.
template <class M>
Verdict apply_rule(State& state, const Context& context, const M& message)
{
    return apply(state, context, message);
}

class MarketWorld {
public:
    static constexpr std::uint64_t start_ms = 1'700'000'000'000;

    /// A coin network, or one of credit whose issuers are "issuer-1" to "issuer-3", two of whom
    /// must agree. Its parameters: byte_deposit 1, min_bond 1,000, min_slash 100, min_deposit 10,
    /// W_disp 600 s, W_unbond 2,400 s, price notice 3,600 s, delta 300 bps, eps 50 bps.
    explicit MarketWorld(ledger::AssetKind = ledger::AssetKind::coin);
    /// With another genesis, for instance other parameters.
    explicit MarketWorld(ledger::Genesis);
    static ledger::Genesis genesis(ledger::AssetKind = ledger::AssetKind::coin);

    static ledger::SecretKey key_of(std::string_view name);
    static Address address_of(std::string_view name);
    static Hash hash_of(std::string_view text);

    /// Signs `digest` with the key of `name`.
    static Signature sign(std::string_view name, const Hash& digest);
    /// Signs a described struct in the domain of transactions.
    template <class Struct>
    Signature sign_struct(std::string_view name, const Struct& value) const
    {
        return sign(name, ledger::eip712::digest(network_.transactions,
                                                 ledger::eip712::struct_hash(value)));
    }

    /// Runs the rule of `message` as sent by `sender`; its changes stay when it is applied and
    /// are dropped when it is refused. Returns Rejection::none or the reason.
    template <class M>
    Rejection apply(std::string_view sender, const M& message)
    {
        return apply_as(address_of(sender), message);
    }
    template <class M>
    Rejection apply_as(const Address& sender, const M& message)
    {
        return run(sender, [&](State& state, const Context& context) {
            return apply_rule(state, context, message);
        });
    }
    /// The same for anything that writes state under a context.
    Rejection run(const Address& sender,
                  const std::function<Verdict(State&, const Context&)>& rule);

    /// Gives money that was there since genesis: the supply grows with it.
    void fund(std::string_view name, std::uint64_t micros);
    void fund(const Address&, std::uint64_t micros);

    std::uint64_t balance(std::string_view name) const { return balance(address_of(name)); }
    std::uint64_t balance(const Address&) const;
    std::uint64_t locked(std::string_view name) const;

    void pass_ms(std::uint64_t ms) { now_.value += ms; }
    void pass_s(std::uint64_t seconds) { pass_ms(seconds * 1000); }
    /// Begins the next block, after one with an id made of `id`.
    void next_block(std::string_view id);
    std::uint64_t now_ms() const { return now_.value; }
    std::uint64_t now_s() const { return now_.value / 1000; }

    const Network& network() const { return network_; }
    const ledger::Parameters& params() const { return network_.params(); }
    const ledger::MemoryState& memory() const { return memory_; }
    View view() const { return View{memory_}; }
    /// A context at this moment, for helpers that only read.
    Context context(const Address& sender = {}) const;

    /// Writes a record past all rules.
    template <class Record>
    void put(const typename Record::Key& key, const Record& record)
    {
        ledger::Overlay overlay{memory_};
        State{overlay}.put(key, record);
        memory_.apply(overlay.take());
    }

    /// Id of the transaction that was applied last: every one has another.
    const TxId& last_tx() const { return tx_; }
    /// Events of the last message that was applied; none after a refusal.
    const std::vector<Event>& events() const { return events_; }
    bool emitted(EventKind) const;

    /// Balances, deposits, bonds, escrows and pots: in a coin network always equal to `supply`.
    std::uint64_t total_held() const;
    std::uint64_t supply() const;

private:
    Network network_;
    ledger::MemoryState memory_;
    TimeMs now_{start_ms};
    Height height_{1};
    TxId tx_;
    std::uint64_t runs_ = 0;
    mutable std::vector<Event> events_;
};

/// Builders of messages that the rules accept, for tests to change one thing of.
PriceSheet flat_price(const MarketWorld&, std::uint64_t micros);
ModelVersion model_version(const MarketWorld&, const ModelId&, std::uint32_t ver);
/// Registers "alice"'s model of this name with one version; alice must be funded.
ModelId make_model(MarketWorld&, std::string_view name = "iris");
/// Makes `name` a host with a bond of 1,000 and the key of `name` + "-key".
void make_host(MarketWorld&, std::string_view name = "hugo");
/// The agreement of owner and host over a version, sent by the owner.
ModelHost hosting(const MarketWorld&, const ModelId&, std::uint32_t ver, std::string_view owner,
                  std::string_view host, std::uint32_t host_ppm);

}  // namespace market
