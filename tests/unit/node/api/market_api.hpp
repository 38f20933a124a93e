#pragma once

#include "market/signing.hpp"
#include "market/state/records.hpp"
#include "tests/unit/node/api/api_fixture.hpp"

namespace node {

/// A model of person 1 with two versions and an alias, hosted by person 5, with a channel of
/// person 2 on its line.
class MarketApiTest : public ApiTest {
public:
    using ApiTest::ApiTest;

    static ledger::Hash hash_of(std::string_view text)
    {
        return ledger::sha256(ledger::as_bytes(text));
    }
    market::ModelVersion version(std::uint32_t ver) const
    {
        market::ModelVersion made;
        made.model = model;
        made.ver = {ver};
        made.content_id =
            ledger::retag<market::ContentId>(hash_of("content" + std::to_string(ver)));
        made.card_hash = hash_of("card" + std::to_string(ver));
        made.format = "onnx";
        made.license = "MIT";
        auto& sheet = made.price_sheet;
        sheet.asset = network.genesis.asset.address;
        sheet.base = ledger::Amount::micros(100);
        sheet.parts = {{market::Unit::row, 3, 1, 300}};
        sheet.min = ledger::Amount::micros(1);
        sheet.cap = ledger::Amount::micros(1'000);
        return made;
    }
    void make_model(std::uint32_t versions = 2)
    {
        send(1, market::ModelRegister{"digits", hash_of("card")});
        for (std::uint32_t ver = 1; ver <= versions; ++ver) send(1, version(ver));
        send(1, market::ModelAlias{model, "stable", {{{1}, 1}}, "first"});
    }
    void make_host()
    {
        send(5, market::HostRegister{"http://127.0.0.1:8700", ledger::Amount::micros(1'000'000),
                                     test_account(5)});
        market::ModelHost hosting;
        hosting.agreement = {model, market::model_line, test_account(5), {200'000}, 0, 0};
        hosting.counter_signature = sign_struct(5, hosting.agreement);
        send(1, hosting);
    }
    market::ChannelConfig channel_config() const
    {
        market::ChannelConfig config;
        config.payer = test_account(2);
        config.receiver = market::split_address(model, market::model_line, test_account(5));
        config.receiver_authorizer = test_account(5);
        config.token = network.genesis.asset.address;
        config.withdraw_delay = {900};
        return config;
    }
    market::ChannelId open_channel(std::uint64_t micros)
    {
        market::ChannelDeposit deposit;
        deposit.config = channel_config();
        deposit.amount = ledger::Amount::micros(micros);
        deposit.valid_before = clock.wall().value / 1000 + 3600;
        deposit.signature = sign(test_key(2), market::deposit_digest(network, deposit));
        send(5, deposit);
        return market::channel_id(network, deposit.config);
    }

    /// Claims so much of the channel for version 1, waits out the window and settles.
    void settle(std::uint64_t micros)
    {
        const auto id = market::channel_id(network, channel_config());
        const auto amount = ledger::Amount::micros(micros);
        market::ClaimRow row{channel_config(), amount, {}, amount, {{{1}, amount}}};
        row.voucher_signature =
            sign(test_key(2), market::voucher_digest(network, id, row.max_claimable));
        market::ChannelClaim claim{{row}, {}};
        claim.claim_signature =
            sign(test_key(5), market::claim_batch_digest(network, {{id, {micros}, {micros}}}));
        send(5, claim);
        clock.advance(std::chrono::seconds{3});
        send(5, market::ChannelFinalize{{id}});
    }

    const market::ModelId model = market::model_id(test_account(1), "digits");
    const std::string model_hex = ledger::to_hex0x(model.view());
};

}  // namespace node
