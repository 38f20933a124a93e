#pragma once

#include "market/signing.hpp"
#include "node/facilitator/facilitator.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node {

/// A facilitator in the world of payments, where some other server is paid.
struct FacilitatorFixture : testing::Test {
    using json = nlohmann::json;

    PaymentWorld world;
    SettleMemory memory;
    /// The server that is paid for version 2, and may settle permits.
    ledger::Hash key = ledger::sha256(ledger::as_bytes("secret"));
    FacilitatorTerms terms_of_it{world.terms.facilitator,
                                 world.terms.min_deposit,
                                 {{key, market::split_address(world.model, {2}, world.host.host)}},
                                 {}};
    Facilitator facilitator{world.network, world.ledger, memory, terms_of_it};

    /// The body with which a server hands on `header`; what it wants is what the payer took.
    static json body(const std::string& header)
    {
        const auto payment = from_header(header);
        return {{"x402Version", 2},
                {"paymentPayload", payment},
                {"paymentRequirements", payment["accepted"]}};
    }
    /// One for an action of a server of channels.
    json action(const json& payload) const
    {
        const json wanted{{"scheme", "batch-settlement"},
                          {"network", facilitator.network_name()},
                          {"asset", x402::plain(world.network.genesis.asset.address)},
                          {"amount", "0"},
                          {"payTo", x402::plain(world.config().receiver)},
                          {"maxTimeoutSeconds", 0},
                          {"extra", json::object()}};
        return {
            {"x402Version", 2},
            {"paymentPayload", {{"x402Version", 2}, {"accepted", wanted}, {"payload", payload}}},
            {"paymentRequirements", wanted}};
    }
    static FacilitatorRequest request(const json& body)
    {
        auto read = decode_facilitator_request(body.dump());
        if (!read) throw std::runtime_error{read.error().reason + ": " + read.error().message};
        return std::move(*read);
    }
    /// The reason why it is not valid; empty when it is.
    std::string invalid(const json& body) const
    {
        const auto verified = facilitator.verify(request(body), key);
        return verified ? "" : verified.error().reason;
    }
    std::string unsettled(const json& body) const
    {
        const auto order = facilitator.order(request(body), key);
        return order ? "" : order.error().reason;
    }
    SettleOrder order(const json& body) const
    {
        auto made = facilitator.order(request(body), key);
        if (!made) throw std::runtime_error{made.error().reason};
        return std::move(*made);
    }
    /// Sends all that an order says; the rejections that were not none.
    std::vector<market::Rejection> carry_out(const SettleOrder& order)
    {
        for (const auto& step : order.steps) {
            EXPECT_TRUE(world.ledger.submit(step.message, {}));
            world.ledger.settle_all();
        }
        std::vector<market::Rejection> found;
        for (const auto& [message, rejection] : world.ledger.refused) found.push_back(rejection);
        world.ledger.refused.clear();
        return found;
    }
};

}  // namespace node
