#pragma once

#include "ledger/crypto/random.hpp"
#include "market/network.hpp"
#include "node/payment/host_identity.hpp"
#include "node/payment/ledger_port.hpp"
#include "node/payment/x402_wire.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace node {

struct OfferTerms {
    std::uint64_t withdraw_delay_s = 900;
    std::uint64_t max_timeout_s = 60;
    ledger::Amount min_deposit;  ///< of a deposit that the node relays; at least 20 x its fee
    std::chrono::seconds validity{300};  ///< how long an offer, and so an old price, is honoured
    bool sign_offers = true;
    bool require_payment_id = false;
    /// Who settles permits: the account that LedgerPort::submit signs with. Zero: no scheme upto.
    ledger::Address facilitator;
};

/// A version with its prices: the sheet that holds and, if it changed, the one before.
struct PricedVersion {
    market::Version ver;
    std::vector<DatedSheet> sheets;  ///< newest first, at least one
    /// Calls get another one now: only a payment for one call that was offered before is taken for
    /// it. Such versions stand last.
    bool left = false;
};

/// What a request asks to be paid for.
struct PaidResource {
    std::string url;   ///< short: it travels in headers
    std::string path;  ///< as sent; says in which form errors are answered
    market::ModelId model;
    bool by_alias = false;
    /// The alias's targets, or the one version, and behind them versions that may still be paid
    /// for; the exact scheme is offered for the first. Never empty.
    std::vector<PricedVersion> versions;
    /// No offer of it lasts longer; empty: as long as the terms say.
    std::optional<ledger::TimeMs> until = {};
    /// Whether vouchers and links pay for it: not for a price that the ledger does not know, as the
    /// receipt of a voucher would show it for an over-charge.
    bool on_channels = true;
    /// Whether it was asked for in a way that runs nothing: a refund is all it can be paid with.
    bool refunds_only = false;
};

/// An entry that was offered and that the caller took.
struct Taken {
    x402::Scheme scheme = x402::Scheme::batch;
    ledger::Amount amount;
    ledger::Address pay_to;
    market::Version paid_ver;             ///< what `pay_to` stands for; 0 for the model's line
    std::optional<market::Version> only;  ///< the version that must run; empty: any target
    bool present = false;                 ///< the amount is one of the present prices
    bool previous = false;                ///< ... of the prices before
};

/// Makes what a 402 offers, and recognises it when it comes back, without remembering any.
/// The voucher scheme of an alias is paid to the model's line, so that a channel outlives versions;
/// everything else is paid to a version. Pure; any thread.
class Offers {
public:
    /// The referred-to must outlive this.
    Offers(const market::Network& network, const HostIdentity& host, const OfferTerms& terms);

    /// The entries of `accepts`, each with an amount drawn from [ceiling, ceiling + ceiling/64 +
    /// 15] so that the vouchers of two calls rarely have the same ceiling. That of the scheme
    /// hash-chain, which needs none of this, is the ceiling and stands last.
    nlohmann::json make(const PaidResource& resource, ledger::Random& random) const;

    /// PAYMENT-REQUIRED's extensions for these entries; signs them when the terms say so.
    nlohmann::json extensions(const nlohmann::json& accepts, const PaidResource& resource,
                              ledger::TimeMs wall) const;

    /// Body of POST /v1/quote: what a 402 says, without a request that could be paid.
    nlohmann::json quote(const PaidResource& resource, ledger::TimeMs wall,
                         ledger::Random& random) const;

    /// Empty when `accepted` is nothing that is, or was within `validity`, offered for `resource`:
    /// all fields equal, the amount in range. `block_time` decides which price holds.
    /// A short `accepted` of the scheme hash-chain is completed by `receiver`, its channel's.
    std::optional<Taken> match(const x402::Accepted& accepted, ledger::Amount amount,
                               const PaidResource& resource, ledger::TimeMs block_time,
                               const std::optional<ledger::Address>& receiver = {}) const;

    /// Drops sheets whose offers have all run out.
    void forget_old_prices(PaidResource& resource, ledger::TimeMs block_time) const;

    /// "eip155:" and the chain id.
    const std::string& network_name() const { return network_name_; }
    const OfferTerms& terms() const { return terms_; }

private:
    bool is_entry(const x402::Accepted&, const Taken&) const;
    std::uint64_t valid_until_s(const PaidResource&, ledger::TimeMs wall) const;
    nlohmann::json entry(x402::Scheme, const ledger::Address& pay_to, ledger::Amount amount) const;

    const market::Network& network_;
    const HostIdentity& host_;
    OfferTerms terms_;
    std::string network_name_;
};

/// The highest amount that stands for `ceiling`: ceiling + ceiling/64 + 15.
ledger::Amount highest_amount(ledger::Amount ceiling);

}  // namespace node
