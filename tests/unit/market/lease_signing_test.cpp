#include "market/heartbeat.hpp"
#include "market/lease_note.hpp"
#include "market/messages/verify.hpp"

#include "ledger/crypto/address.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

ledger::SecretKey lease_key(std::string_view name)
{
    return *ledger::SecretKey::from_bytes(ledger::sha256(ledger::as_bytes(name)).view());
}

Network lease_network(std::uint64_t chain = 7)
{
    ledger::Genesis genesis;
    genesis.chain_id = {chain};
    return {std::move(genesis), {}};
}

/// What passes between the two sides of a lease, and what each refuses of the other.
struct LeaseSigning : testing::Test {
    const Network network = lease_network();
    const ledger::SecretKey tenant = lease_key("tenant");
    const ledger::SecretKey provider = lease_key("provider");
    LeaseMeter meter;

    LeaseSigning()
    {
        meter.lease.bytes.fill(3);
        meter.tenant = ledger::address_of(tenant);
        meter.provider = ledger::address_of(provider);
        meter.rate = Amount::micros(7);
        meter.most_s = 1'000;
        meter.started_ms = 50'000;
        meter.interval_s = 10;
        meter.starvation_s = 30;
    }
    ledger::Result<void, VoucherFault> voucher(std::uint64_t paid_s, const LeaseVoucher& voucher)
    {
        return check_voucher(network, meter, paid_s, voucher,
                             ledger::sign(tenant, voucher_digest(network, voucher)));
    }
    Heartbeat first() const
    {
        Heartbeat made;
        made.lease = meter.lease;
        made.seq = 1;
        made.at_ms = 60'000;
        made.step = 5;
        made.gpu_ms = 9'000;
        return made;
    }
    Heartbeat second() const
    {
        auto made = first();
        made.seq = 2;
        made.at_ms = 70'000;
        made.previous = heartbeat_digest(network, first());
        return made;
    }
    ledger::Result<void, HeartbeatFault> heartbeat(const Heartbeat& before, const Heartbeat& next,
                                                   std::uint64_t now_ms = 70'000)
    {
        return check_heartbeat(network, meter, before, next,
                               ledger::sign(provider, heartbeat_digest(network, next)), now_ms);
    }
};

TEST_F(LeaseSigning, AVoucherPaysAllTimeSinceTheStart)
{
    const auto made = make_voucher(meter, 20);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->amount, Amount::micros(140));
    EXPECT_TRUE(voucher(10, *made));
    EXPECT_FALSE(make_voucher(meter, 1'001));
    meter.rate = Amount::max();
    EXPECT_FALSE(make_voucher(meter, 2)) << "more than there can be";
}

TEST_F(LeaseSigning, AVoucherIsOfItsLeaseItsRateAndItsTenant)
{
    const auto good = *make_voucher(meter, 20);
    auto changed = good;
    changed.lease.bytes[0] ^= 1;
    EXPECT_EQ(voucher(0, changed).error(), VoucherFault::other_lease);
    changed = good;
    changed.amount = Amount::micros(139);
    EXPECT_EQ(voucher(0, changed).error(), VoucherFault::amount_not_of_the_rate);
    changed = {meter.lease, 1'001, Amount::micros(7'007)};
    EXPECT_EQ(voucher(0, changed).error(), VoucherFault::beyond_the_lease);
    EXPECT_EQ(voucher(20, good).error(), VoucherFault::nothing_new);
    EXPECT_EQ(check_voucher(network, meter, 0, good,
                            ledger::sign(provider, voucher_digest(network, good)))
                  .error(),
              VoucherFault::wrong_signature);
    EXPECT_EQ(check_voucher(lease_network(8), meter, 0, good,
                            ledger::sign(tenant, voucher_digest(network, good)))
                  .error(),
              VoucherFault::wrong_signature)
        << "another network";
}

TEST_F(LeaseSigning, TheTenantPaysOneIntervalAhead)
{
    EXPECT_EQ(seconds_due(meter, 0), 10u);
    EXPECT_EQ(seconds_due(meter, 1), 20u);
    EXPECT_EQ(seconds_due(meter, 99), 1'000u);
    EXPECT_EQ(seconds_due(meter, 100), 1'000u) << "not beyond the lease";
    EXPECT_EQ(seconds_due(meter, ~0ull), 1'000u);
}

TEST_F(LeaseSigning, TheProviderPausesWhenTimeIsNotPaidAndThenGoes)
{
    EXPECT_FALSE(is_paused(meter, 10, 59'999));
    EXPECT_TRUE(is_paused(meter, 10, 60'000));
    EXPECT_FALSE(is_starved(meter, 10, 89'999));
    EXPECT_TRUE(is_starved(meter, 10, 90'000));
    EXPECT_FALSE(is_starved(meter, ~0ull, ~0ull - 1)) << "sums do not wrap";
}

TEST_F(LeaseSigning, TheTenantGoesWhenNoHeartbeatComes)
{
    EXPECT_FALSE(is_stalled(meter, 0, 89'999)) << "the first one has its interval and g";
    EXPECT_TRUE(is_stalled(meter, 0, 90'000));
    EXPECT_FALSE(is_stalled(meter, 60'000, 99'999));
    EXPECT_TRUE(is_stalled(meter, 60'000, 100'000));
}

TEST_F(LeaseSigning, HeartbeatsTellOneStory)
{
    EXPECT_TRUE(heartbeat({}, first()));
    EXPECT_TRUE(heartbeat(first(), second()));
    auto other_first = first();
    other_first.step = 6;
    EXPECT_EQ(heartbeat(other_first, second()).error(), HeartbeatFault::not_linked);
    EXPECT_EQ(heartbeat({}, second()).error(), HeartbeatFault::out_of_order);
    auto linked = first();
    linked.previous.bytes[0] = 1;
    EXPECT_EQ(heartbeat({}, linked).error(), HeartbeatFault::not_linked);
}

TEST_F(LeaseSigning, HeartbeatsNeverGoBackAndNeverCountMoreThanTime)
{
    const auto with = [&](auto change) {
        auto made = second();
        change(made);
        return heartbeat(first(), made).error();
    };
    EXPECT_EQ(with([](auto& h) { h.lease.bytes[0] ^= 1; }), HeartbeatFault::other_lease);
    EXPECT_EQ(with([](auto& h) { h.at_ms = 59'999; }), HeartbeatFault::time_runs_back);
    EXPECT_EQ(with([](auto& h) { h.step = 4; }), HeartbeatFault::time_runs_back);
    EXPECT_EQ(with([](auto& h) { h.gpu_ms = 8'999; }), HeartbeatFault::time_runs_back);
    EXPECT_EQ(with([](auto& h) { h.gpu_ms = 20'001; }), HeartbeatFault::busier_than_time);
    EXPECT_EQ(with([](auto& h) { h.at_ms = 80'001; }), HeartbeatFault::from_the_future);
    EXPECT_EQ(check_heartbeat(network, meter, first(), second(),
                              ledger::sign(tenant, heartbeat_digest(network, second())), 70'000)
                  .error(),
              HeartbeatFault::wrong_signature);
}

TEST_F(LeaseSigning, HeartbeatsComeNoFasterThanTime)
{
    const auto at = [&](std::uint64_t at_ms) {
        auto made = second();
        made.at_ms = at_ms;
        made.gpu_ms = 9'000;
        return heartbeat(first(), made);
    };
    EXPECT_TRUE(at(60'000)) << "10 seconds after the start two intervals are paid, one ahead";
    auto third = second();
    third.seq = 3;
    third.at_ms = 69'999;
    third.gpu_ms = 9'000;
    auto before = second();
    before.at_ms = 60'000;
    before.gpu_ms = 9'000;
    third.previous = heartbeat_digest(network, before);
    EXPECT_EQ(heartbeat(before, third).error(), HeartbeatFault::busier_than_time);
    third.at_ms = 70'000;
    EXPECT_TRUE(heartbeat(before, third));
}

TEST(LeaseCommitments, AJurorsIsItsOwn)
{
    const LeaseId lease;
    Address one;
    Address other;
    other.bytes[0] = 1;
    Hash result;
    result.bytes[0] = 9;
    const auto made = jury_commitment(lease, 3, one, result, {});
    EXPECT_NE(made, jury_commitment(lease, 3, other, result, {}));
    EXPECT_NE(made, jury_commitment(lease, 4, one, result, {}));
    EXPECT_NE(made, jury_commitment(lease, 3, one, {}, {}));
    EXPECT_NE(made, jury_commitment(lease, 3, one, result, result));
}

TEST(LeaseCommitments, ADecoyIsOfAnotherHashThanStates)
{
    const auto text = std::string{"millrace/decoy/v1"} + std::string(32, '\0');
    EXPECT_EQ(decoy_of({}), ledger::keccak256(ledger::as_bytes(text)));
    EXPECT_NE(decoy_of({}), ledger::sha256(ledger::as_bytes(text)));
}

TEST_F(LeaseSigning, NotesAreTheirSendersOnThisNetworkAlone)
{
    const LeaseNote note{{}, "keys", 60'000, R"({"key":"0x01"})"};
    const auto signature = ledger::sign(provider, note_digest(network, note));
    EXPECT_EQ(sender_of(network, note, signature), meter.provider);
    EXPECT_NE(sender_of(lease_network(8), note, signature), meter.provider);
    for (const auto change :
         {+[](LeaseNote& n) { n.order.bytes[0] = 1; }, +[](LeaseNote& n) { n.topic = "key"; },
          +[](LeaseNote& n) { ++n.sent_ms; }, +[](LeaseNote& n) { n.body += " "; }}) {
        auto other = note;
        change(other);
        EXPECT_NE(sender_of(network, other, signature), meter.provider);
    }
    EXPECT_EQ(sender_of(network, note, {}), std::nullopt);
}

}  // namespace
}  // namespace market
