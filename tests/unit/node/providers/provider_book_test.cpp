#include "node/providers/provider_book.hpp"

#include "tests/unit/node/providers/page_maker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace node {
namespace {

ledger::TimeMs after_s(std::uint64_t s)
{
    return {page_time.value + s * 1'000};
}

struct ProviderBookTest : testing::Test {
    /// Page `number` of `pages`, said `ms` after page_time.
    static ProviderPage part(const PageMaker& maker, std::uint32_t number, std::uint32_t pages,
                             std::vector<KeptBatch> batches, std::uint64_t ms)
    {
        auto page = maker.page(std::move(batches), ms);
        page.page = number;
        page.pages = pages;
        return page;
    }
    std::vector<ledger::PublicKey> keepers(const ledger::Hash& root, std::uint64_t s = 0) const
    {
        std::vector<ledger::PublicKey> keys;
        for (const auto& keeper : book.keepers_of(root, after_s(s))) keys.push_back(keeper.key);
        return keys;
    }
    using Keys = std::vector<ledger::PublicKey>;

    PageMaker self{1}, ann{2}, bob{3}, cat{4};
    ledger::Hash root = page_root(7), other = page_root(9);
    ProviderBook book{self.key(), {3, 10}};
};

TEST_F(ProviderBookTest, NamesAllWhoSayTheyHaveABatch)
{
    EXPECT_EQ(book.learn(ann.page({{root, 0, 0}, {other, 0, 0}}), page_time), Learnt::fresh);
    EXPECT_EQ(book.learn(bob.page({{root, 0, 0}}), page_time), Learnt::fresh);
    auto both = Keys{ann.key(), bob.key()};
    std::ranges::sort(both);
    EXPECT_EQ(keepers(root), both);
    EXPECT_EQ(keepers(other), Keys{ann.key()});
    EXPECT_EQ(keepers(page_root(8)), Keys{});
    EXPECT_EQ(book.roots({}, 10), (std::vector{root, other}));
    EXPECT_EQ(book.roots(root, 10), std::vector{other});
    EXPECT_EQ(book.roots({}, 1), std::vector{root});
}

TEST_F(ProviderBookTest, BelievesTheNewestPageOfAProvider)
{
    book.learn(ann.page({{root, 0, 0}}, 5), page_time);
    EXPECT_EQ(book.learn(ann.page({{other, 0, 0}}, 5), page_time), Learnt::known);
    EXPECT_EQ(book.learn(ann.page({{other, 0, 0}}, 4), page_time), Learnt::known);
    EXPECT_EQ(keepers(root), Keys{ann.key()});
    EXPECT_EQ(book.learn(ann.page({{other, 0, 0}}, 6), page_time), Learnt::fresh);
    EXPECT_EQ(keepers(root), Keys{});
    EXPECT_EQ(keepers(other), Keys{ann.key()});
    EXPECT_EQ(book.batches(), 1u);
}

TEST_F(ProviderBookTest, DropsPagesThatAProviderNoLongerHas)
{
    book.learn(part(ann, 0, 2, {{root, 0, 0}}, 1), page_time);
    book.learn(part(ann, 1, 2, {{other, 0, 0}}, 2), page_time);
    EXPECT_EQ(keepers(other), Keys{ann.key()});
    book.learn(part(ann, 0, 1, {{root, 0, 0}}, 3), page_time);
    EXPECT_EQ(keepers(other), Keys{});
    EXPECT_EQ(keepers(root), Keys{ann.key()});
    EXPECT_EQ(book.learn(part(ann, 1, 2, {{other, 0, 0}}, 2), page_time), Learnt::known)
        << "it is still no longer there";
    EXPECT_EQ(book.learn(part(ann, 1, 2, {{other, 0, 0}}, 4), page_time), Learnt::fresh)
        << "it is there again";
    EXPECT_EQ(keepers(root), Keys{ann.key()});
}

TEST_F(ProviderBookTest, ForgetsWhatHasExpired)
{
    book.learn(ann.page({{root, 2, page_time_s + 9'000}}), page_time);
    auto page = bob.page({{root, 3, page_time_s + 9'000}});
    page.expires_s = page_time_s + 10;
    page.mirrors = true;
    book.learn(page, page_time);
    EXPECT_EQ(book.wanted(root, after_s(9))->copies, 3);
    EXPECT_EQ(book.mirrors(after_s(9)), Keys{bob.key()});
    EXPECT_EQ(keepers(root, 10), Keys{ann.key()}) << "without being swept";
    EXPECT_EQ(book.wanted(root, after_s(10))->copies, 2);
    EXPECT_EQ(book.mirrors(after_s(10)), Keys{});
    book.drop_expired(after_s(10));
    EXPECT_EQ(book.providers(), 1u);
    EXPECT_EQ(book.batches(), 1u);
    book.drop_expired(after_s(3'600));
    EXPECT_EQ(book.providers(), 0u);
    EXPECT_EQ(book.batches(), 0u);
}

TEST_F(ProviderBookTest, WantsTheMostCopiesUntilTheLatestTime)
{
    EXPECT_FALSE(book.wanted(root, page_time));
    book.learn(ann.page({{root, 0, 0}}), page_time);
    EXPECT_FALSE(book.wanted(root, page_time));
    book.learn(bob.page({{root, 2, page_time_s + 100}}), page_time);
    book.learn(cat.page({{root, 5, page_time_s + 50}}), page_time);
    EXPECT_EQ(book.wanted(root, page_time), (ProviderBook::Wanted{5, page_time_s + 100}));
    EXPECT_EQ(book.wanted(root, after_s(50)), (ProviderBook::Wanted{2, page_time_s + 100}));
    EXPECT_FALSE(book.wanted(root, after_s(100)));
}

TEST_F(ProviderBookTest, KnowsWhoMirrorsByTheNewestPage)
{
    auto page = part(ann, 0, 2, {}, 1);
    page.mirrors = true;
    book.learn(page, page_time);
    EXPECT_EQ(book.mirrors(page_time), Keys{ann.key()});
    book.learn(part(ann, 1, 2, {}, 2), page_time);
    EXPECT_EQ(book.mirrors(page_time), Keys{});
}

TEST_F(ProviderBookTest, LetsNobodyPushOutAnother)
{
    std::vector<KeptBatch> nine, two{{page_root(1), 0, 0}, {page_root(2), 0, 0}};
    for (std::uint64_t i = 0; i < 9; ++i) nine.push_back({page_root(7, i), 0, 0});
    ASSERT_EQ(book.learn(ann.page({{root, 0, 0}}), page_time), Learnt::fresh);
    ASSERT_EQ(book.learn(bob.page(nine), page_time), Learnt::fresh);
    EXPECT_EQ(book.learn(cat.page({{other, 0, 0}}), page_time), Learnt::no_room) << "of batches";
    EXPECT_EQ(book.learn(bob.page(two, 1), page_time), Learnt::fresh) << "fewer than before";
    EXPECT_EQ(book.learn(cat.page({{other, 0, 0}}), page_time), Learnt::fresh);
    EXPECT_EQ(book.learn(PageMaker{9}.page({}), page_time), Learnt::no_room) << "of providers";
    EXPECT_EQ(keepers(root), (Keys{ann.key()}));
    EXPECT_EQ(book.learn(self.page(nine), page_time), Learnt::fresh) << "we know of ourselves";
    EXPECT_EQ(book.learn(ann.page({{root, 0, 0}, {other, 0, 0}}, 1), page_time), Learnt::fresh)
        << "our own do not count";
    const auto later = after_s(4'000);
    EXPECT_EQ(book.learn(PageMaker{9}.page({{root, 0, 0}}, 4'000'000), later), Learnt::fresh)
        << "the others have expired";
    EXPECT_EQ(book.providers(), 1u);
}

TEST_F(ProviderBookTest, IsWalkedThroughPageByPage)
{
    for (const auto* maker : {&ann, &bob, &cat})
        for (std::uint32_t number = 0; number < 2; ++number)
            book.learn(part(*maker, number, 2, {}, number + 1), page_time);
    auto expired = part(bob, 1, 2, {}, 9);
    expired.expires_s = page_time_s + 5;
    book.learn(expired, page_time);
    std::optional<PageCursor> cursor;
    std::vector<PageCursor> seen;
    while (const auto* page = book.after(cursor, after_s(5))) {
        cursor = PageCursor{page->key, page->page};
        seen.push_back(*cursor);
    }
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(std::ranges::count(seen, bob.key(), &PageCursor::key), 1);
    EXPECT_EQ(book.after(PageCursor{PageMaker{50}.key(), 3}, after_s(3'600)), nullptr);
}

}  // namespace
}  // namespace node
