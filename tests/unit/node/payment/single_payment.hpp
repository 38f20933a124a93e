#pragma once

#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace node {

/// A payment for one call alone that the ledger refuses once the model has run: its answer is
/// withheld, and the same payment is good when the money is there again.
inline void expect_withheld(PaymentWorld& world, const std::string& header, std::string_view reason)
{
    RequestMachine machine{world.node->services, world.resource()};
    const std::vector<std::string_view> headers{header};
    auto action = machine.start(headers, world.now());
    ASSERT_TRUE(std::holds_alternative<ReadBody>(action));
    world.ledger.balances[world.payer] = {};
    const auto reply = world.carry(machine, std::move(action), {});
    EXPECT_TRUE(reply.ran);
    EXPECT_EQ(reply.error(), reason);
    EXPECT_EQ(reply.response.body().view(), "{}");
    world.ledger.balances[world.payer] = ledger::Amount::micros(5000);
    EXPECT_EQ(world.call(header).status(), 200u) << "nothing is left of the first attempt";
}

}  // namespace node
