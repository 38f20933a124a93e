#pragma once

#include "market/hash_chain.hpp"
#include "market/rules/channel_rules.hpp"
#include "market/signing.hpp"
#include "tests/support/market_world.hpp"

/// A market in which "paul" pays "hugo" for "alice"'s model: everything that channels need, and
/// builders of signed messages that the rules accept, for tests to change one thing of.
namespace market {

class ChannelWorld : public MarketWorld {
public:
    /// alice's "iris" has one version at 100 a call; hugo, bond 1,000, key "hugo-key", serves it
    /// for 300,000 ppm. alice, hugo and paul hold 1,000,000 each, before their deposits.
    explicit ChannelWorld(ledger::AssetKind kind = ledger::AssetKind::coin)
        : ChannelWorld{genesis(kind)}
    {
    }
    explicit ChannelWorld(ledger::Genesis);

    const ModelId& model() const { return model_; }
    Address split(std::uint32_t ver = 1, std::string_view host = "hugo") const;

    /// paul's channel to hugo; `salt` tells several apart.
    ChannelConfig config(std::uint8_t salt = 0, std::uint32_t ver = 1,
                         std::string_view payer = "paul") const;
    ChannelId id(const ChannelConfig& config) const { return channel_id(network(), config); }
    Channel channel(const ChannelConfig&) const;
    Host host(std::string_view name = "hugo") const;

    /// Valid for an hour, under an authorization of its own.
    ChannelDeposit deposit(const ChannelConfig&, std::uint64_t micros,
                           std::string_view payer = "paul");
    /// Signs what has been changed.
    void sign_deposit(ChannelDeposit&, std::string_view payer = "paul") const;
    /// Sends such a deposit; throws when it is refused.
    void open(const ChannelConfig&, std::uint64_t micros, std::string_view payer = "paul");

    ClaimRow row(const ChannelConfig&, std::uint64_t ceiling, std::uint64_t total,
                 std::vector<VersionUse> uses = {}, std::string_view payer = "paul") const;
    ChannelClaim claim(std::vector<ClaimRow>, std::string_view key = "hugo-key") const;
    ChannelClaim claim(const ChannelConfig&, std::uint64_t ceiling, std::uint64_t total) const;

    /// A chain of paul's and its links: link i is links[i], links[0] the root.
    struct Chain {
        ChainTerms terms;
        std::vector<Hash> links;
    };
    Chain chain(const ChannelConfig&, std::uint64_t base, std::uint64_t unit, std::uint32_t length,
                std::string_view seed = "seed") const;
    /// Signs the terms and shows link `index`.
    ChainClaimRow chain_row(const ChannelConfig&, const Chain&, std::uint32_t index,
                            std::vector<VersionUse> uses = {},
                            std::string_view payer = "paul") const;

    /// Receipt of the last call under a ceiling.
    UsageReceipt receipt(const ChannelConfig&, std::uint64_t ceiling,
                         std::uint64_t cumulative) const;
    ChannelDispute dispute(DisputeKind, const UsageReceipt&) const;
    ChannelRefund refund(const ChannelConfig&, std::uint64_t micros, std::uint64_t nonce) const;
    TransferWithAuth authorized(std::string_view from, const Address& to, std::uint64_t micros);
    /// Lets "hugo" settle up to `most`; `actual` of it is asked for.
    PermitSettle permit(std::string_view from, const Address& to, std::uint64_t most,
                        std::uint64_t actual);

private:
    ModelId model_;
    std::uint64_t authorizations_ = 0;
};

}  // namespace market
