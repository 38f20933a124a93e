#include "node/providers/provider_page.hpp"

#include "node/transport/channels.hpp"
#include "tests/unit/node/providers/page_maker.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace node {
namespace {

struct ProviderPageTest : testing::Test {
    /// What a page is refused for that its maker has changed so before signing it.
    std::optional<PageFault> fault(const std::function<void(ProviderPage&)>& change) const
    {
        auto page = usual();
        change(page);
        const auto good = check_page(maker.sign(page), page_genesis(), page_time);
        return good ? std::nullopt : std::optional{good.error()};
    }
    ProviderPage usual() const
    {
        return maker.page({{page_root(1), 2, page_time_s + 100}, {page_root(2), 0, 0}});
    }
    PageMaker maker{1};
};

TEST_F(ProviderPageTest, IsTheSameAfterItsJourney)
{
    auto page = usual();
    page.mirrors = true;
    page.page = 3;
    page.pages = 16;
    page = maker.sign(page);
    const auto bytes = encode_page(page);
    const auto read = decode_page(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, page);
    EXPECT_TRUE(check_page(*read, page_genesis(), page_time));
    EXPECT_EQ(page.key, maker.key());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
        ASSERT_FALSE(decode_page(ledger::ByteView{bytes}.first(cut))) << cut;
}

TEST_F(ProviderPageTest, FitsItsMessageWhenItIsFull)
{
    std::vector<KeptBatch> batches;
    for (std::uint64_t i = 0; i < PageLimits::batches; ++i)
        batches.push_back({page_root(1, i), 16, page_time_s + 100});
    auto page = maker.page(batches);
    page.url = "https://" + std::string(PageLimits::url_bytes - 8, 'a');
    page = maker.sign(page);
    EXPECT_TRUE(check_page(page, page_genesis(), page_time));
    EXPECT_LE(encode_page(page).size(), rule_of(message::provider_page)->most);
}

TEST_F(ProviderPageTest, IsRefusedForEachFaultByItsName)
{
    using F = PageFault;
    EXPECT_EQ(fault([](auto&) {}), std::nullopt);
    for (const auto* url : {"", "ftp://a:1", "http://a:1/", "http://a:1/base", "http://u@a:1",
                            "http://a:1?x", "http://a:99999", "//a:1"})
        EXPECT_EQ(fault([&](auto& p) { p.url = url; }), F::bad_url) << url;
    EXPECT_EQ(fault([](auto& p) { p.url = "http://" + std::string(122, 'a'); }), F::bad_url);
    EXPECT_EQ(fault([](auto& p) { p.url = "http://" + std::string(121, 'a'); }), std::nullopt);
    EXPECT_EQ(fault([](auto& p) { p.pages = 0; }), F::bad_number);
    EXPECT_EQ(fault([](auto& p) { p.pages = 17; }), F::bad_number);
    EXPECT_EQ(fault([](auto& p) { p.page = 1; }), F::bad_number);
    EXPECT_EQ(fault([](auto& p) { std::swap(p.batches[0], p.batches[1]); }), F::unordered_batches);
    EXPECT_EQ(fault([](auto& p) { p.batches[1].root = p.batches[0].root; }), F::unordered_batches);
    EXPECT_EQ(fault([](auto& p) {
                  for (std::uint64_t i = 0; i < 511; ++i)
                      p.batches.push_back({page_root(3, i), 0, 0});
              }),
              F::too_many_batches);
    EXPECT_EQ(fault([](auto& p) { p.batches[0].copies = 17; }), F::bad_copies);
    EXPECT_EQ(fault([](auto& p) { p.batches[0].copies = 0; }), F::bad_copies);
    EXPECT_EQ(fault([](auto& p) { p.batches[1].copies = 1; }), F::bad_copies);
}

TEST_F(ProviderPageTest, IsRefusedForTimesThatMakeNoSense)
{
    using F = PageFault;
    const auto skew = PageLimits::skew_s;
    EXPECT_EQ(fault([](auto& p) { p.expires_s = page_time_s; }), F::expired);
    EXPECT_EQ(fault([](auto& p) { p.expires_s = page_time_s + 1; }), std::nullopt);
    const auto life = page_time_s + PageLimits::lifetime_s + skew;
    EXPECT_EQ(fault([&](auto& p) { p.expires_s = life; }), std::nullopt);
    EXPECT_EQ(fault([&](auto& p) { p.expires_s = life + 1; }), F::lives_too_long);
    const auto wanted = page_time_s + PageLimits::wanted_s + skew;
    EXPECT_EQ(fault([&](auto& p) { p.batches[0].until_s = wanted; }), std::nullopt);
    EXPECT_EQ(fault([&](auto& p) { p.batches[0].until_s = wanted + 1; }), F::wanted_too_long);
    EXPECT_EQ(fault([](auto& p) { p.batches[0].until_s = 1; }), std::nullopt) << "it was wanted";
    EXPECT_EQ(fault([&](auto& p) { p.sequence += skew * 1'000; }), std::nullopt);
    EXPECT_EQ(fault([&](auto& p) { p.sequence += skew * 1'000 + 1; }), F::from_the_future);
    for (const auto of_time :
         {F::expired, F::lives_too_long, F::wanted_too_long, F::from_the_future})
        EXPECT_TRUE(is_of_time(of_time));
    for (const auto of_maker : {F::bad_url, F::bad_number, F::too_many_batches,
                                F::unordered_batches, F::bad_copies, F::bad_signature})
        EXPECT_FALSE(is_of_time(of_maker));
}

TEST_F(ProviderPageTest, SaysNothingOnAnotherNetworkOrUnderAnotherName)
{
    const auto page = maker.sign(usual());
    const auto check = [&](const ProviderPage& p, std::uint8_t genesis = 1) {
        return check_page(p, page_genesis(genesis), page_time);
    };
    ASSERT_TRUE(check(page));
    EXPECT_EQ(check(page, 2).error(), PageFault::bad_signature);
    const auto changed = [&](const std::function<void(ProviderPage&)>& change) {
        auto other = page;
        change(other);
        const auto good = check(other);
        return !good && good.error() == PageFault::bad_signature;
    };
    EXPECT_TRUE(changed([](auto& p) { p.key = PageMaker{2}.key(); }));
    EXPECT_TRUE(changed([](auto& p) { p.url = "http://192.0.2.2:8700"; }));
    EXPECT_TRUE(changed([](auto& p) { p.sequence += 1; }));
    EXPECT_TRUE(changed([](auto& p) { p.expires_s += 1; }));
    EXPECT_TRUE(changed([](auto& p) { p.pages += 1; }));
    EXPECT_TRUE(changed([](auto& p) { p.mirrors = true; }));
    EXPECT_TRUE(changed([](auto& p) { p.batches.pop_back(); }));
    EXPECT_TRUE(changed([](auto& p) { p.signature = {}; }));
}

}  // namespace
}  // namespace node
