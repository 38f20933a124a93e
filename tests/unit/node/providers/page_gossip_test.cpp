#include "node/providers/page_gossip.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/unit/node/providers/page_maker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace node {
namespace {

using namespace std::chrono_literals;
using ledger::Bytes;
using ledger::ByteView;
using ledger::PublicKey;

struct PageGossipTest : testing::Test {
    struct Sent {
        std::optional<PublicKey> to;  ///< empty: to all
        MessageKind kind;
        Bytes payload;
        std::optional<PublicKey> except;
    };
    PageGossip::Port port()
    {
        PageGossip::Port made;
        made.send = [this](const PublicKey& to, MessageKind kind, ByteView payload) {
            EXPECT_LE(payload.size(), rule_of(kind)->most);
            sent.push_back({to, kind, {payload.begin(), payload.end()}, {}});
        };
        made.broadcast = [this](MessageKind kind, ByteView payload,
                                const std::optional<PublicKey>& except) {
            EXPECT_LE(payload.size(), rule_of(kind)->most);
            sent.push_back({{}, kind, {payload.begin(), payload.end()}, except});
        };
        made.record = [this](const PublicKey& peer, Deed deed) { deeds.push_back({peer, deed}); };
        made.misbehaved = [this](const PublicKey& peer, const std::string&) {
            banned.push_back(peer);
        };
        return made;
    }
    std::vector<Sent> taken() { return std::exchange(sent, {}); }
    void hear(const PublicKey& from, const ProviderPage& page)
    {
        gossip.on_frame(from, message::provider_page, encode_page(page));
    }
    void answer(const PublicKey& from, const ProviderPages& pages)
    {
        gossip.on_frame(from, message::providers, encode(pages));
    }
    void pass(std::chrono::milliseconds time)
    {
        clock.advance(time);
        gossip.tick();
    }

    ManualClock clock{page_time};
    PageMaker self{1}, ann{2}, bob{3};
    PublicKey peer = PageMaker{20}.key(), second = PageMaker{21}.key();
    std::vector<Sent> sent;
    std::vector<std::pair<PublicKey, Deed>> deeds;
    std::vector<PublicKey> banned;
    ProviderBook book{self.key()};
    PageGossip gossip{book, self.key(), page_genesis(), clock, port(), {}};
};

TEST_F(PageGossipTest, PassesNewsOnToAllButWhoBroughtItAndOnce)
{
    const auto page = ann.sign(ann.page({{page_root(1), 0, 0}}));
    hear(peer, page);
    const auto news = taken();
    ASSERT_EQ(news.size(), 1u);
    EXPECT_EQ(news[0].to, std::nullopt);
    EXPECT_EQ(news[0].except, peer);
    EXPECT_EQ(news[0].payload, encode_page(page));
    hear(second, page);
    hear(peer, ann.sign(ann.page({}, 0)));
    EXPECT_TRUE(taken().empty());
    EXPECT_EQ(book.keepers_of(page_root(1), page_time).size(), 1u);
    EXPECT_EQ(deeds, (std::vector<std::pair<PublicKey, Deed>>{{peer, Deed::delivered_first}}));
}

TEST_F(PageGossipTest, CountsAWrongPageAgainstItsBearerAndALateOneNot)
{
    auto forged = ann.sign(ann.page({}));
    forged.url = "http://192.0.2.9:1";
    hear(peer, forged);
    EXPECT_EQ(deeds, (std::vector<std::pair<PublicKey, Deed>>{{peer, Deed::invalid_message}}));
    auto late = ann.page({});
    late.expires_s = page_time_s;
    hear(peer, ann.sign(late));
    hear(peer, self.sign(self.page({{page_root(1), 0, 0}})));
    EXPECT_EQ(deeds.size(), 1u);
    EXPECT_TRUE(banned.empty());
    EXPECT_EQ(book.providers(), 0u) << "of ourselves we know best";
    EXPECT_TRUE(taken().empty());
    for (const auto kind : {message::provider_page, message::get_providers, message::providers})
        gossip.on_frame(peer, kind, Bytes{1, 2, 3});
    EXPECT_EQ(banned.size(), 3u);
}

TEST_F(PageGossipTest, AsksAPeerForAllThatItHasPageAfterPage)
{
    auto first = ann.sign(ann.page({})), then = bob.sign(bob.page({}));
    if (then.key < first.key) std::swap(first, then);
    gossip.connected(peer);
    gossip.tick();
    const auto asked = taken();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].to, peer);
    EXPECT_EQ(*decode_get_providers(asked[0].payload), GetProviders{});
    answer(peer, {{}, false, {first}});
    taken();  // it goes on to others
    gossip.tick();
    EXPECT_TRUE(taken().empty()) << "not at once";
    pass(100ms);
    const auto more = taken();
    ASSERT_EQ(more.size(), 1u);
    const PageCursor cursor{first.key, 0};
    EXPECT_EQ(decode_get_providers(more[0].payload)->after, cursor);
    answer(peer, {cursor, true, {then}});
    taken();
    pass(1min);
    EXPECT_TRUE(taken().empty()) << "once for a connection";
    EXPECT_EQ(book.providers(), 2u);
    EXPECT_TRUE(banned.empty());
}

TEST_F(PageGossipTest, TakesNoAnswerThatNobodyAskedForAndNoneOutOfOrder)
{
    const auto page = ann.sign(ann.page({}));
    answer(peer, {{}, true, {page}});
    EXPECT_EQ(book.providers(), 0u);
    gossip.connected(peer);
    gossip.tick();
    answer(second, {{}, true, {page}});
    answer(peer, {PageCursor{ann.key(), 4}, true, {}});
    EXPECT_EQ(book.providers(), 0u);
    EXPECT_TRUE(banned.empty());
    answer(peer, {{}, true, {page, page}});
    answer(peer, {{}, false, {}});
    EXPECT_EQ(banned.size(), 2u);
    EXPECT_EQ(book.providers(), 0u);
}

TEST_F(PageGossipTest, GivesUpOnAPeerThatDoesNotAnswerAndAsksTheNext)
{
    std::vector<PublicKey> peers;
    for (std::uint64_t i = 0; i < 6; ++i) {
        peers.push_back(PageMaker{100 + i}.key());
        gossip.connected(peers.back());
    }
    gossip.tick();
    EXPECT_EQ(taken().size(), 4u) << "a few at a time";
    pass(19s);
    EXPECT_TRUE(taken().empty());
    pass(1s);
    EXPECT_EQ(taken().size(), 2u);
    pass(20s);
    EXPECT_EQ(gossip.due(), std::nullopt);
}

TEST_F(PageGossipTest, AnswersWithWhatFitsAndGoesOnFromThere)
{
    for (std::uint64_t seed = 50; seed < 60; ++seed) {
        const PageMaker maker{seed};
        std::vector<KeptBatch> batches;
        for (std::uint64_t i = 0; i < 400; ++i) batches.push_back({page_root(1, i), 0, 0});
        hear(peer, maker.sign(maker.page(batches)));
    }
    taken();
    gossip.connected(peer);
    GetProviders question;
    std::size_t pages = 0;
    for (int rounds = 0;; ++rounds) {
        ASSERT_LT(rounds, 10);
        gossip.on_frame(peer, message::get_providers, encode(question));
        const auto answers = taken();
        ASSERT_EQ(answers.size(), 1u);
        const auto answer = decode_provider_pages(answers[0].payload);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->after, question.after);
        pages += answer->pages.size();
        if (answer->is_last) break;
        question.after = PageCursor{answer->pages.back().key, answer->pages.back().page};
    }
    EXPECT_EQ(pages, 10u);
}

TEST_F(PageGossipTest, AnswersNoFasterThanItWants)
{
    const auto ask = [&] { gossip.on_frame(peer, message::get_providers, encode(GetProviders{})); };
    ask();
    EXPECT_TRUE(taken().empty()) << "it is not connected";
    gossip.connected(peer);
    for (int i = 0; i < 100; ++i) ask();
    EXPECT_EQ(taken().size(), 32u);
    clock.advance(1s);
    for (int i = 0; i < 100; ++i) ask();
    EXPECT_EQ(taken().size(), 16u);
    EXPECT_TRUE(banned.empty());
}

TEST_F(PageGossipTest, PassesNoMoreOnThanItsPeersWouldTake)
{
    std::size_t passed = 0;
    for (std::uint64_t ms = 1; ms <= 400; ++ms) {
        std::vector<KeptBatch> batches;
        for (std::uint64_t i = 0; i < PageLimits::batches; ++i)
            batches.push_back({page_root(1, i), 0, 0});
        hear(peer, ann.sign(ann.page(batches, ms)));
        for (const auto& one : taken()) passed += one.payload.size();
    }
    EXPECT_LE(passed, 4u << 20);
    EXPECT_GT(passed, 3u << 20);
    gossip.say(self.sign(self.page({})));
    EXPECT_EQ(taken().size(), 1u) << "our own goes in any case";
}

}  // namespace
}  // namespace node
