#include "node/providers/provider_service.hpp"

#include "ledger/codec/json.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/unit/node/providers/page_maker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace node {
namespace {

using namespace ledger;
using namespace std::chrono_literals;
using transfer::ProviderFault;
using transfer::WebCall;
using transfer::WebReply;

/// A service whose peers are what the test says and sees, and whose providers are one batch in
/// memory.
struct ProviderServiceTest : testing::Test {
    ProviderServiceTest() { settings.genesis = page_genesis(); }

    void open()
    {
        PageGossip::Port port;
        port.send = [this](const PublicKey&, MessageKind kind, ByteView payload) {
            sent.push_back({kind, {payload.begin(), payload.end()}});
        };
        port.broadcast = [this](MessageKind kind, ByteView payload, const auto&) {
            sent.push_back({kind, {payload.begin(), payload.end()}});
        };
        port.record = [](const PublicKey&, Deed) {};
        port.misbehaved = [this](const PublicKey& peer, const std::string&) {
            banned.push_back(peer);
        };
        service = std::make_unique<ProviderService>(
            *self.secret, settings, ProviderService::Parts{store, fetches, clock}, std::move(port));
    }
    void offer_to_mirror()
    {
        settings.url = "http://192.0.2.7:8700";
        settings.mirrors = true;
        open();
    }
    Result<transfer::WebGet> get(const std::string& url, Reach reach)
    {
        asked.emplace_back(url, reach);
        return transfer::WebGet{[this](const WebCall& call) -> Result<WebReply, ProviderFault> {
            if (fails) return ProviderFault::vanished;
            return batch.answer(call);
        }};
    }
    void store_batch(const std::optional<std::string>& holder)
    {
        ASSERT_TRUE(store.create(batch.manifest, holder));
        ASSERT_TRUE(store.put_leaves(batch.root(), 0, batch.leaves));
        ASSERT_TRUE(store.put_chunks(batch.root(), 0, batch.sealed));
        ASSERT_TRUE(store.sync(batch.root()));
    }
    /// The pages that were said since the last time.
    std::vector<ProviderPage> said()
    {
        std::vector<ProviderPage> pages;
        for (const auto& [kind, payload] : std::exchange(sent, {}))
            if (kind == message::provider_page) pages.push_back(*decode_page(payload));
        return pages;
    }
    void hear(const PublicKey& from, const ProviderPage& page)
    {
        InboundFrame frame{{message::provider_page, encode_page(page)}};
        EXPECT_TRUE(service->asked(from, frame));
        service->step();
    }
    void pass(std::chrono::milliseconds time)
    {
        clock.advance(time);
        service->step();
    }
    void wait_for_fetch()
    {
        for (int i = 0; i < 20'000 && fetches.running() != 0; ++i) std::this_thread::sleep_for(1ms);
        ASSERT_EQ(fetches.running(), 0u) << "the fetch does not end";
    }
    std::vector<std::string> holders() const { return store_info()->holders; }
    Result<BatchInfo> store_info() const
    {
        return const_cast<MemoryBatches&>(store).info(batch.root());
    }
    ProviderPage wish(std::uint64_t until_s = page_time_s + 20 * 3'600, std::uint64_t ms = 0) const
    {
        auto page = ann.page({{batch.root(), 2, until_s}}, ms);
        page.expires_s = page_time_s + 6 * 3'600;
        return ann.sign(page);
    }

    ManualClock clock{page_time};
    PageMaker self{1}, ann{2};
    PublicKey peer = PageMaker{20}.key();
    SealedBatch batch = seal_batch(1, 5);
    MemoryBatches store{clock, {std::uint64_t{1} << 20, 100, 2}};
    BatchCounts counts;
    std::vector<std::pair<std::string, Reach>> asked;
    std::atomic<bool> fails = false;
    BatchFetches fetches{store,
                         clock,
                         counts,
                         [this](const std::string& url, Reach reach) { return get(url, reach); },
                         {}};
    ProviderSettings settings;
    std::vector<std::pair<MessageKind, Bytes>> sent;
    std::vector<PublicKey> banned;
    std::unique_ptr<ProviderService> service;
};

TEST_F(ProviderServiceTest, SaysWhatItHasWhenThatChanges)
{
    settings.url = "http://192.0.2.7:8700";
    settings.copies = 2;
    open();
    service->step();
    const auto first = said();
    ASSERT_EQ(first.size(), 1u);
    EXPECT_TRUE(first[0].batches.empty());
    EXPECT_FALSE(first[0].mirrors);
    store_batch(operator_holder);
    pass(9s);
    EXPECT_TRUE(said().empty()) << "not yet";
    pass(1s);
    const auto then = said();
    ASSERT_EQ(then.size(), 1u);
    ASSERT_EQ(then[0].batches.size(), 1u);
    EXPECT_EQ(then[0].batches[0].root, batch.root());
    EXPECT_EQ(then[0].batches[0].copies, 2);
    EXPECT_EQ(then[0].url, settings.url);
    EXPECT_EQ(then[0].key, self.key());
    EXPECT_EQ(service->known(batch.root()).keepers.size(), 1u);
    EXPECT_TRUE(service->urls_of(batch.root(), 16).empty()) << "of others";
    pass(10s);
    EXPECT_TRUE(said().empty());
}

TEST_F(ProviderServiceTest, SaysNothingOfItselfWithoutAnAddressAndListensAllTheSame)
{
    store_batch(operator_holder);
    open();
    service->step();
    EXPECT_TRUE(said().empty());
    hear(peer, wish());
    EXPECT_EQ(said().size(), 1u) << "it passes on what others say";
    EXPECT_EQ(service->urls_of(batch.root(), 16), std::vector<std::string>{wish().url});
    EXPECT_EQ(service->numbers().providers, 1u);
}

TEST_F(ProviderServiceTest, LeavesPeersAloneThatKnowNoPages)
{
    open();
    PeerInfo info;
    info.key = peer;
    service->connected(info);
    info.features = feature::providers | feature::certificates_only;
    service->connected(info);
    info.features = feature::providers;
    info.use = ConnectionUse::feeler;
    service->connected(info);
    service->step();
    EXPECT_TRUE(sent.empty());
    info.use = ConnectionUse::inbound;
    service->connected(info);
    service->step();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].first, message::get_providers);
    InboundFrame other{{message::vote, {1}}};
    EXPECT_FALSE(service->asked(peer, other));
    InboundFrame garbage{{message::provider_page, {1}}};
    EXPECT_TRUE(service->asked(peer, garbage));
    service->step();
    EXPECT_EQ(banned, std::vector{peer});
}

TEST_F(ProviderServiceTest, FetchesWhatTooFewHaveAndSaysSo)
{
    offer_to_mirror();
    service->step();
    EXPECT_TRUE(said().at(0).mirrors);
    hear(peer, wish());
    pass(10s);
    EXPECT_EQ(service->numbers().lacking, 1u);
    EXPECT_TRUE(asked.empty()) << "news is still on its way";
    pass(10s);
    pass(20s);
    wait_for_fetch();
    ASSERT_FALSE(asked.empty());
    EXPECT_EQ(asked[0], std::pair(wish().url, Reach::anywhere)) << "192.0.2.7 is not public either";
    ASSERT_TRUE(store_info()->is_complete());
    const auto hours = (page_time_s + 20 * 3'600) / 3'600;
    EXPECT_EQ(holders(), std::vector{"mirror-" + std::to_string(hours) + "-2"});
    said();
    pass(10s);
    const auto pages = said();
    ASSERT_EQ(pages.size(), 1u);
    EXPECT_EQ(pages[0].batches.at(0), (KeptBatch{batch.root(), 2, hours * 3'600}));
    EXPECT_EQ(service->numbers().lacking, 0u);
    EXPECT_EQ(service->numbers().mirrored, 1u);
}

TEST_F(ProviderServiceTest, AsksOnlyPublicAddressesWhereItsOwnIsPublic)
{
    for (const auto& [url, reach] :
         std::vector<std::pair<std::string, Reach>>{{"http://8.8.8.8:8700", Reach::public_alone},
                                                    {"https://[2606:4700::1]", Reach::public_alone},
                                                    {"https://node.example", Reach::public_alone},
                                                    {"http://10.1.2.3:8700", Reach::anywhere},
                                                    {"http://[fd00::1]:8700", Reach::anywhere},
                                                    {"http://127.0.0.1:8700", Reach::anywhere},
                                                    {"http://localhost:8700", Reach::anywhere}}) {
        settings.url = url;
        settings.mirrors = true;
        open();
        asked.clear();
        fails = true;
        hear(peer, wish());
        for (int i = 0; i < 5; ++i) pass(10s);
        wait_for_fetch();
        ASSERT_FALSE(asked.empty()) << url;
        EXPECT_EQ(asked[0].second, reach) << url;
    }
}

TEST_F(ProviderServiceTest, RestsLongerEachTimeThatNothingComes)
{
    offer_to_mirror();
    fails = true;
    hear(peer, wish());
    std::vector<std::uint64_t> tries_s;
    for (std::uint64_t s = 0; s < 900; s += 10) {
        asked.clear();
        pass(10s);
        wait_for_fetch();
        if (!asked.empty()) tries_s.push_back(s);
    }
    ASSERT_GE(tries_s.size(), 3u);
    EXPECT_LE(tries_s.size(), 5u);
    for (std::size_t i = 2; i < tries_s.size(); ++i)
        EXPECT_GT(tries_s[i] - tries_s[i - 1], tries_s[i - 1] - tries_s[i - 2]);
}

TEST_F(ProviderServiceTest, TakesNothingThatIsLargerThanItsRoom)
{
    MemoryBatches small{clock, {100'000, 100, 2}};
    BatchFetches into_small{small,
                            clock,
                            counts,
                            [this](const std::string& url, Reach reach) { return get(url, reach); },
                            {}};
    settings.url = "http://192.0.2.7:8700";
    settings.mirrors = true;
    PageGossip::Port port;
    port.send = [](const auto&...) {};
    port.broadcast = [](const auto&...) {};
    port.record = [](const auto&...) {};
    port.misbehaved = [](const auto&...) {};
    ProviderService narrow{*self.secret, settings, {small, into_small, clock}, std::move(port)};
    InboundFrame frame{{message::provider_page, encode_page(wish())}};
    EXPECT_TRUE(narrow.asked(peer, frame));
    for (int i = 0; i < 5; ++i) {
        clock.advance(10s);
        narrow.step();
    }
    for (int i = 0; i < 20'000 && into_small.running() != 0; ++i) std::this_thread::sleep_for(1ms);
    ASSERT_TRUE(into_small.status(batch.root()));
    EXPECT_EQ(into_small.status(batch.root())->error,
              "the batch is larger than what is free for it");
    EXPECT_FALSE(small.info(batch.root()));
}

TEST_F(ProviderServiceTest, LeavesHalfOfItsQuotaAloneAndWhatIsHeld)
{
    const auto quota = store.usage().quota_bytes;
    EXPECT_EQ(look_at(store).room_bytes, quota / 2);
    store_batch("mirror-600000-2");
    const auto bytes = store_info()->stored_bytes;
    EXPECT_EQ(look_at(store).room_bytes, quota / 2 - bytes);
    EXPECT_EQ(look_at(store).mirrored, 1u);
    ASSERT_TRUE(store.pin(batch.root(), operator_holder));
    EXPECT_EQ(look_at(store).room_bytes, quota / 2) << "it is the operator's own now";
    EXPECT_EQ(look_at(store).mirrored, 0u);
    for (std::uint64_t seed = 2; seed <= 5; ++seed)
        ASSERT_TRUE(store.create(seal_batch(seed, 5).manifest, operator_holder));
    EXPECT_LT(look_at(store).room_bytes, quota - 4 * bytes) << "what is on its way counts whole";
    EXPECT_TRUE(look_at(store).has_room());
    ASSERT_TRUE(store.create(seal_batch(6, 7).manifest, operator_holder));
    EXPECT_FALSE(look_at(store).has_room());
}

TEST_F(ProviderServiceTest, KeepsWhatItHeardOverARestartUntilItsTimeIsOver)
{
    const auto hours = page_time_s / 3'600 + 2;
    store_batch("mirror-" + std::to_string(hours) + "-3");
    offer_to_mirror();
    service->step();
    EXPECT_EQ(said().at(0).batches.at(0), (KeptBatch{batch.root(), 3, hours * 3'600}));
    const auto end = std::chrono::seconds{(hours + 1) * 3'600 - page_time_s};
    pass(end - 10s);
    EXPECT_EQ(holders().size(), 1u);
    pass(10s);
    EXPECT_TRUE(holders().empty());
}

TEST_F(ProviderServiceTest, RenewsTheHolderWhenItIsWantedForLonger)
{
    const auto hours = page_time_s / 3'600 + 2;
    store_batch("mirror-" + std::to_string(hours) + "-2");
    offer_to_mirror();
    hear(peer, wish((hours + 7) * 3'600 + 1'800));
    pass(10s);
    EXPECT_EQ(holders(), std::vector{"mirror-" + std::to_string(hours + 7) + "-2"});
}

TEST_F(ProviderServiceTest, LooksAtTheStoreHoweverMuchPeersSayAndKeepsABoundOfIt)
{
    offer_to_mirror();
    for (std::size_t i = 0; i < 2 * ProviderService::frames_of_peer; ++i) {
        InboundFrame garbage{{message::provider_page, {1}}};
        EXPECT_TRUE(service->asked(peer, garbage));
    }
    service->step();
    EXPECT_EQ(said().size(), 1u) << "our own page";
    EXPECT_FALSE(banned.empty());
    EXPECT_LT(banned.size(), ProviderService::frames_of_peer) << "the rest waits";
    for (int i = 0; i < 20; ++i) service->step();
    EXPECT_EQ(banned.size(), ProviderService::frames_of_peer) << "what was too much is gone";
}

TEST_F(ProviderServiceTest, StopsAtOnceWhateverWaits)
{
    offer_to_mirror();
    service->start();
    for (int i = 0; i < 2'000; ++i) {
        InboundFrame frame{{message::provider_page, encode_page(wish())}};
        EXPECT_TRUE(service->asked(peer, frame));
    }
    service->stop();
    PeerInfo info;
    service->connected(info);
    SUCCEED();
}

}  // namespace
}  // namespace node
