#include "node/payment/offers.hpp"

#include "market/signing.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace node {
namespace {

using ledger::Amount;
using nlohmann::json;
using namespace std::chrono_literals;

struct OffersTest : testing::Test {
    PaymentWorld world;
    const Offers& offers() { return world.node->offers; }
    std::string paid_to(std::uint32_t ver)
    {
        return x402::plain(market::split_address(world.model, {ver}, world.host.host));
    }
    std::optional<Taken> match(std::uint64_t amount, const PaidResource& resource,
                               x402::Scheme scheme = x402::Scheme::batch)
    {
        return match(world.entry(amount, scheme, resource.by_alias), resource);
    }
    /// The entry as it comes in a payment, which is otherwise whole.
    std::optional<Taken> match(const json& entry, const PaidResource& resource)
    {
        auto change = [&](json& payment) { payment["accepted"] = entry; };
        const auto payment =
            entry["scheme"] == "batch-settlement"
                ? x402::decode_payment(world.voucher({.change = change}))
            : entry["scheme"] == "hash-chain"
                ? x402::decode_payment(world.link(world.chain(1000), {.change = change}))
                : x402::decode_payment(to_header({{"x402Version", 2},
                                                  {"accepted", entry},
                                                  {"payload", payload(entry["scheme"])}}));
        if (!payment) return ADD_FAILURE() << payment.error().message, std::nullopt;
        return offers().match(payment->accepted, payment->amount, resource,
                              world.ledger.head_.time);
    }
    json payload(const json& scheme)
    {
        return from_header(scheme == "exact" ? world.exact({}) : world.upto({}))["payload"];
    }
    /// The price goes from a ceiling of 1000 to 2000, now.
    PaidResource dearer()
    {
        auto resource = world.resource();
        for (auto& version : resource.versions) {
            auto sheet = version.sheets[0];
            sheet.sheet.base = Amount::micros(1100);
            sheet.sheet.cap = Amount::micros(5000);
            sheet.from_ms = world.ledger.head_.time.value;
            version.sheets.insert(version.sheets.begin(), sheet);
        }
        return resource;
    }
};

TEST_F(OffersTest, PaysAnAliasToTheLineAndAVersionToItself)
{
    const auto alias = offers().make(world.resource(true), world.random);
    EXPECT_EQ(alias[0]["payTo"], paid_to(0));
    EXPECT_EQ(alias[1]["payTo"], paid_to(2));
    EXPECT_EQ(alias[2]["payTo"], paid_to(2));
    const auto version = offers().make(world.resource(false), world.random);
    EXPECT_EQ(version[0]["payTo"], paid_to(2));
    EXPECT_EQ(version[1]["payTo"], paid_to(2));
}

TEST_F(OffersTest, DrawsTheAmountFromItsWholeRange)
{
    std::set<std::string> seen;
    for (int i = 0; i < 2000; ++i)
        seen.insert(offers().make(world.resource(), world.random)[0]["amount"]);
    EXPECT_EQ(seen.size(), 31u);
    EXPECT_EQ(*seen.begin(), "1000");
    EXPECT_EQ(*seen.rbegin(), "1030");
    EXPECT_EQ(highest_amount(Amount::micros(6400)), Amount::micros(6515));
    EXPECT_EQ(highest_amount(Amount::max()), Amount::max());
}

TEST_F(OffersTest, RecognisesEveryOfferItMade)
{
    for (const bool alias : {true, false}) {
        const auto resource = world.resource(alias);
        for (const auto& entry : offers().make(resource, world.random))
            EXPECT_TRUE(match(entry, resource));
    }
}

TEST_F(OffersTest, TakesNoEntryOfWhichAnythingDiffers)
{
    for (const auto scheme : {x402::Scheme::batch, x402::Scheme::exact, x402::Scheme::upto}) {
        const auto name = x402::name_of(scheme);
        const auto resource = world.resource(false);
        const auto good = world.entry(1000, scheme, false);
        ASSERT_TRUE(match(good, resource));
        const auto refuses = [&](const json::json_pointer& at, const json& value) {
            auto entry = good;
            entry[at] = value;
            EXPECT_FALSE(match(entry, resource)) << name << entry;
        };
        const auto flat = good.flatten();
        for (const auto& [at, value] : flat.items()) {
            if (at == "/scheme") continue;
            const json::json_pointer pointer{at};
            if (at != "/amount") refuses(pointer, nullptr);
            if (value.is_number()) refuses(pointer, value.get<std::uint64_t>() + 1);
            if (value.is_string() && at != "/amount") {
                refuses(pointer, value.get<std::string>() + "0");
                refuses(pointer, json::array({value}));
            }
            auto entry = good;
            entry[pointer.parent_pointer()].erase(pointer.back());
            if (at != "/amount") {
                EXPECT_FALSE(match(entry, resource)) << name << entry;
            }
        }
        // Another spelling of the same address is another text.
        auto loud = good["payTo"].get<std::string>();
        std::transform(loud.begin() + 2, loud.end(), loud.begin() + 2, ::toupper);
        refuses(json::json_pointer{"/payTo"}, loud);
        refuses(json::json_pointer{"/more"}, 1);
        refuses(json::json_pointer{"/extra/more"}, "1");
        refuses(json::json_pointer{"/extra"}, json::array());
        if (scheme != x402::Scheme::upto)
            refuses(json::json_pointer{"/extra/facilitatorAddress"},
                    x402::plain(world.terms.facilitator));
        if (scheme != x402::Scheme::batch) {
            refuses(json::json_pointer{"/extra/minDeposit"}, "3000");
            refuses(json::json_pointer{"/extra/minDeposit"}, 3000);
            refuses(json::json_pointer{"/extra/channelState"}, json::object());
        }
    }
}

TEST_F(OffersTest, OffersNoPermitsWithoutAFacilitator)
{
    const auto entry = world.entry(1000, x402::Scheme::upto);
    auto terms = world.terms;
    terms.facilitator = {};
    const Offers without{world.network, world.host, terms};
    EXPECT_EQ(without.make(world.resource(), world.random).size(), 3u);
    const auto payment = x402::decode_payment(
        to_header({{"x402Version", 2}, {"accepted", entry}, {"payload", payload("upto")}}));
    ASSERT_TRUE(payment);
    EXPECT_FALSE(without.match(payment->accepted, payment->amount, world.resource(),
                               world.ledger.head_.time));
}

TEST_F(OffersTest, SaysWhichVersionMustRun)
{
    EXPECT_FALSE(match(1000, world.resource())->only);
    EXPECT_EQ(match(1000, world.resource(), x402::Scheme::exact)->only, market::Version{2});
    EXPECT_EQ(match(1000, world.resource(), x402::Scheme::upto)->only, market::Version{2});
    EXPECT_EQ(match(1000, world.resource(false))->only, market::Version{2});
    EXPECT_EQ(match(1000, world.resource(false))->paid_ver, market::Version{2});
}

TEST_F(OffersTest, CoversTheDearestTargetOfAnAlias)
{
    auto resource = world.resource();
    resource.versions[1].sheets[0].sheet.base = Amount::micros(600);
    resource.versions[1].sheets[0].sheet.cap = Amount::micros(5000);
    EXPECT_FALSE(match(1000, resource));
    EXPECT_TRUE(match(1500, resource));
    EXPECT_TRUE(match(1000, resource, x402::Scheme::exact)) << "a version's own price, exactly";
}

TEST_F(OffersTest, HonoursThePriceBeforeForAsLongAsAnOfferHolds)
{
    const auto resource = dearer();
    EXPECT_TRUE(match(2000, resource)->present);
    EXPECT_TRUE(match(1000, resource)->previous);
    EXPECT_FALSE(match(1000, resource)->present);
    world.advance(300s);
    EXPECT_FALSE(match(1000, resource));
    auto later = resource;
    offers().forget_old_prices(later, world.ledger.head_.time);
    EXPECT_EQ(later.versions[0].sheets.size(), 1u);
}

TEST_F(OffersTest, ChargesByTheSheetOfTheOffer)
{
    world.open_channel(50'000);
    const auto resource = dearer();
    const auto charge = [&](std::uint64_t amount) {
        RequestMachine machine{world.node->services, resource};
        const auto header = world.voucher({.amount = amount});
        const std::vector<std::string_view> headers{header};
        return world.carry(machine, machine.start(headers, world.now()), {})
            .paid()["extra"]["chargedAmount"];
    };
    EXPECT_EQ(charge(1000), "130");
    EXPECT_EQ(charge(2000), "1130");
}

TEST_F(OffersTest, QuotesWhatA402Says)
{
    const auto quote = offers().quote(world.resource(), world.now().wall, world.random);
    EXPECT_EQ(quote["x402Version"], 2);
    EXPECT_EQ(quote["accepts"].size(), 4u);
    EXPECT_EQ(quote["validUntil"], world.now().wall.value / 1000 + 300);
    const auto& offer = quote["extensions"]["offer-receipt"]["info"]["offers"][0];
    EXPECT_EQ(offer["payload"]["amount"], quote["accepts"][0]["amount"]);
    EXPECT_EQ(offer["payload"]["validUntil"], quote["validUntil"]);
}

TEST_F(OffersTest, OffersAHashChainLastAtTheCeilingItself)
{
    const auto entry = offers().make(world.resource(), world.random)[3];
    EXPECT_EQ(entry["scheme"], "hash-chain");
    EXPECT_EQ(entry["amount"], "1000");
    EXPECT_EQ(entry["payTo"], paid_to(0));
    EXPECT_EQ(entry["extra"]["withdrawDelay"], 900);
}

TEST_F(OffersTest, ShortFormsOfAHashChainAreCompletedByTheirChannelsReceiver)
{
    x402::Accepted accepted;
    accepted.scheme = "hash-chain";
    accepted.amount = "1000";
    const auto line = market::split_address(world.model, {0}, world.host.host);
    const auto match = [&](const std::optional<ledger::Address>& receiver) {
        return offers().match(accepted, Amount::micros(1000), world.resource(),
                              world.ledger.head_.time, receiver);
    };
    const auto taken = match(line);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->scheme, x402::Scheme::chain);
    EXPECT_EQ(taken->pay_to, line);
    EXPECT_FALSE(match({}));
    EXPECT_FALSE(match(market::split_address(world.model, {2}, world.host.host)));
    accepted.network = "eip155:1";
    EXPECT_FALSE(match(line)) << "what is said must be right";
    accepted.network.reset();
    accepted.scheme = "batch-settlement";
    EXPECT_FALSE(match(line)) << "other schemes have no short form";
}

TEST_F(OffersTest, EndsNoLaterThanWhatItOffers)
{
    auto resource = world.resource();
    const auto now_s = world.now().wall.value / 1000;
    resource.until = {{(now_s + 100) * 1000}};
    const auto quote = offers().quote(resource, world.now().wall, world.random);
    EXPECT_EQ(quote["validUntil"], now_s + 100);
    const auto& offer = quote["extensions"]["offer-receipt"]["info"]["offers"][0];
    EXPECT_EQ(offer["payload"]["validUntil"], now_s + 100);
    resource.until = {{(now_s + 900) * 1000}};
    EXPECT_EQ(offers().quote(resource, world.now().wall, world.random)["validUntil"], now_s + 300);
}

TEST_F(OffersTest, AsksForTheFirstVersionAloneWhereOthersMayOnlyStillBePaidFor)
{
    auto resource = world.resource(false);
    auto dear = resource.versions[0];
    dear.ver = {1};
    dear.sheets[0].sheet.base = Amount::micros(500'000);
    dear.sheets[0].sheet.cap = Amount::micros(900'000);
    resource.versions.push_back(dear);
    const auto accepts = offers().make(resource, world.random);
    EXPECT_LE(std::stoull(accepts[0]["amount"].get<std::string>()),
              highest_amount(Amount::micros(1000)).micros());
}

TEST_F(OffersTest, TakesOnlyPaymentsForOneCallForAVersionThatTheAliasHasLeft)
{
    auto resource = world.resource();
    resource.versions[0].sheets[0].sheet.base = Amount::micros(600);
    resource.versions[0].sheets[0].sheet.cap = Amount::micros(5000);
    EXPECT_TRUE(match(1500, resource)) << "on a channel of the line";
    std::swap(resource.versions[0], resource.versions[1]);
    resource.versions[1].left = true;
    EXPECT_EQ(match(1500, resource, x402::Scheme::exact)->only, market::Version{2});
    EXPECT_EQ(match(1500, resource, x402::Scheme::upto)->only, market::Version{2});
    EXPECT_FALSE(match(1500, resource)) << "more than what is left can cost";
    EXPECT_TRUE(match(1000, resource));
    const auto accepts = offers().make(resource, world.random);
    EXPECT_LE(std::stoull(accepts[0]["amount"].get<std::string>()),
              highest_amount(Amount::micros(1000)).micros());
    EXPECT_EQ(accepts[1]["payTo"], paid_to(1));
}

}  // namespace
}  // namespace node
