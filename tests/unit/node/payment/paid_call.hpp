#pragma once

#include "node/payment/channel_book.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node {

/// Calls paid by vouchers, on one node.
struct PaidCall : testing::Test {
    PaymentWorld world;

    /// Refused before the model ran, and nothing was charged or held.
    void expect_refused(const PaymentWorld::Reply& reply, unsigned status, std::string_view reason)
    {
        EXPECT_EQ(reply.status(), status);
        EXPECT_FALSE(reply.ran);
        if (status == 402)
            EXPECT_EQ(reply.error(), reason);
        else
            EXPECT_NE(reply.response.body().view(), "");
        EXPECT_EQ(world.charged(), ledger::Amount{});
    }
    void expect_402(const PaymentWorld::Voucher& voucher, std::string_view reason)
    {
        expect_refused(world.call(world.voucher(voucher)), 402, reason);
    }
    std::vector<ReceiptRecord> receipts(std::uint8_t lane = 0)
    {
        return *find_receipts(world.journal, world.channel(lane), 0, 1000);
    }
};

}  // namespace node
