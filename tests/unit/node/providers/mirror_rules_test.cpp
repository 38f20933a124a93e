#include "node/providers/mirror_rules.hpp"

#include "ledger/crypto/hash.hpp"
#include "node/providers/own_pages.hpp"
#include "tests/unit/node/providers/page_maker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace node {
namespace {

using ledger::Hash;
using ledger::PublicKey;
using ledger::TimeMs;

constexpr std::uint64_t hour_s = 3'600;

/// One mirror that looks at a book which the test writes.
struct MirrorRulesTest : testing::Test {
    MirrorSteps look(std::uint64_t s, bool mirrors = true, bool has_room = true)
    {
        return rules.look({book, own, self, at(s), mirrors, has_room});
    }
    static TimeMs at(std::uint64_t s) { return {page_time.value + s * 1'000}; }
    static bool has(const std::vector<MirrorSteps::Fetch>& all, const Hash& root)
    {
        return std::ranges::count(all, root, &MirrorSteps::Fetch::root) != 0;
    }
    void say(const PublicKey& key, std::vector<KeptBatch> batches, bool mirrors,
             std::uint64_t ms = 0)
    {
        ProviderPage page;
        page.key = key;
        page.url = "http://192.0.2.1:1";
        page.sequence = page_time.value + ms;
        page.expires_s = page_time_s + 1'000 * hour_s;
        page.pages = 1;
        page.mirrors = mirrors;
        page.batches = std::move(batches);
        book.learn(page, page_time);
    }
    static PublicKey key_of(std::uint8_t mark)
    {
        PublicKey key;
        key.bytes.fill(mark);
        return key;
    }
    /// A mirror's key that comes before or behind us for `root`.
    PublicKey another(bool is_before, std::uint8_t from = 10) const
    {
        const auto place = [&](const PublicKey& key) {
            ledger::Bytes both;
            ledger::append(both, root.view());
            ledger::append(both, key.view());
            return ledger::sha256(both);
        };
        for (std::uint8_t mark = from;; ++mark)
            if ((place(key_of(mark)) < place(self)) == is_before) return key_of(mark);
    }

    const Hash root = page_root(1);
    const PublicKey self = key_of(2), origin = key_of(3);
    const std::uint64_t until = page_time_s + 10 * hour_s;
    const MirrorHold hold{until / hour_s, 2};
    ProviderBook book{self};
    OwnBatches own;
    MirrorRules rules{{std::chrono::seconds{30}, std::chrono::minutes{15}}};
};

TEST_F(MirrorRulesTest, FetchWhatTooFewHaveWhenNewsHasSettled)
{
    say(origin, {{root, 2, until}}, false);
    EXPECT_FALSE(has(look(0).fetch, root));
    EXPECT_EQ(rules.lacking(), 1u);
    EXPECT_FALSE(has(look(29).fetch, root));
    const auto steps = look(30);
    ASSERT_TRUE(has(steps.fetch, root));
    EXPECT_EQ(steps.fetch[0].hold, hold);
    say(key_of(9), {{root, 2, until}}, true);
    EXPECT_FALSE(has(look(31).fetch, root)) << "there are two now";
    EXPECT_EQ(rules.lacking(), 0u);
}

TEST_F(MirrorRulesTest, FetchNothingWithoutRoomOrWhereTheyDoNotMirror)
{
    say(origin, {{root, 2, until}}, false);
    look(0);
    EXPECT_TRUE(look(60, true, false).fetch.empty());
    EXPECT_TRUE(look(61, false, true).fetch.empty());
    EXPECT_FALSE(look(62).fetch.empty());
}

TEST_F(MirrorRulesTest, LeaveItToWhoComesFirstForAQuarterOfAnHour)
{
    say(origin, {{root, 2, until}}, false);
    say(another(true), {}, true);
    look(0);
    EXPECT_FALSE(has(look(899).fetch, root));
    EXPECT_TRUE(has(look(900).fetch, root));
}

TEST_F(MirrorRulesTest, DoNotWaitForWhoComesLater)
{
    say(origin, {{root, 2, until}}, false);
    say(another(false), {}, true);
    look(0);
    EXPECT_TRUE(has(look(30).fetch, root));
}

TEST_F(MirrorRulesTest, GiveSomebodyNewBeforeThemTheirTimeAgain)
{
    say(origin, {{root, 2, until}}, false);
    const auto first = another(true);
    say(first, {}, true);
    look(0);
    EXPECT_TRUE(has(look(1'700).fetch, root));
    PublicKey second = first;
    for (std::uint8_t from = 20; second == first; ++from) second = another(true, from);
    say(second, {}, true);
    EXPECT_FALSE(has(look(1'710).fetch, root));
    EXPECT_FALSE(has(look(1'710 + 1'799).fetch, root)) << "two come first";
    EXPECT_TRUE(has(look(1'710 + 1'800).fetch, root));
}

TEST_F(MirrorRulesTest, KeepWhatIsHereByChanceWhenItIsWanted)
{
    say(origin, {{root, 2, until}}, false);
    own[root] = {true, false, {}, 0, false};
    const auto steps = look(0);
    ASSERT_TRUE(has(steps.hold, root));
    EXPECT_EQ(steps.hold[0].hold, hold);
    own[root].held_by_others = true;
    EXPECT_TRUE(look(1).hold.empty());
}

TEST_F(MirrorRulesTest, RenewWhatIsWantedForLongerAndNeverShorten)
{
    own[root] = {true, false, hold, 1, false};
    EXPECT_TRUE(look(0).hold.empty()) << "nobody has said anything yet";
    say(origin, {{root, 2, until - 2 * hour_s}}, false);
    EXPECT_TRUE(look(1).hold.empty());
    say(origin, {{root, 3, until + hour_s}}, false, 1);
    const auto steps = look(2);
    ASSERT_TRUE(has(steps.hold, root));
    EXPECT_EQ(steps.hold[0].hold, (MirrorHold{hold.hours + 1, 3}));
    own[root] = {true, false, steps.hold[0].hold, 2, false};
    EXPECT_TRUE(has(look(3).hold, root)) << "one of two names is left over";
    own[root].holds = 1;
    EXPECT_TRUE(look(4).hold.empty());
}

TEST_F(MirrorRulesTest, LetNothingGoBeforeItsTime)
{
    own[root] = {true, false, hold, 1, false};
    const auto last = (hold.hours + 1) * hour_s - page_time_s;
    EXPECT_GE(last + page_time_s, until) << "whole hours, and none too few";
    for (std::uint64_t s = 0; s < last; s += 599) EXPECT_TRUE(look(s).let_go.empty()) << s;
    EXPECT_TRUE(look(last - 1).let_go.empty());
    EXPECT_EQ(look(last).let_go, std::vector{root});
}

TEST_F(MirrorRulesTest, LetGoOfAllWhenTheyMirrorNoLonger)
{
    own[root] = {true, false, hold, 1, false};
    own[page_root(2)] = {true, true, {}, 0, false};
    EXPECT_EQ(look(0, false).let_go, std::vector{root});
}

TEST_F(MirrorRulesTest, LetGoOfAHalfWhenOthersWereFaster)
{
    own[root] = {false, false, hold, 1, false};
    say(origin, {{root, 2, until}}, false);
    EXPECT_TRUE(look(0).let_go.empty());
    say(key_of(9), {{root, 2, until}}, true);
    EXPECT_EQ(look(1).let_go, std::vector{root});
}

/// A network of an origin and mirrors, whose pages reach each other within a few seconds, of which
/// some die.
class MirrorNetwork {
public:
    static constexpr std::uint64_t lifetime_s = 180, tick_s = 10;

    MirrorNetwork(std::uint64_t seed, std::size_t mirrors, std::size_t roots) : random_{seed}
    {
        for (std::size_t i = 0; i <= mirrors; ++i) {
            PublicKey key;
            for (auto& byte : key.bytes) byte = static_cast<std::uint8_t>(random_());
            nodes_.push_back(std::make_unique<Node>(key));
        }
        for (std::size_t i = 0; i < roots; ++i) {
            const auto root = page_root(static_cast<std::uint8_t>(random_()), i);
            copies_[root] = static_cast<std::uint8_t>(2 + random_() % 2);
            nodes_[0]->own[root] = {true, true, {}, 0, true};
        }
    }

    void tick()
    {
        now_s_ += tick_s;
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            if (nodes_[i]->lives) step(*nodes_[i], i != 0);
    }
    void kill_one()
    {
        const auto one = 1 + random_() % (nodes_.size() - 1);
        nodes_[one]->lives = false;
    }
    /// Living nodes that have it whole, or will.
    std::size_t keepers(const Hash& root, bool or_will) const
    {
        return static_cast<std::size_t>(std::ranges::count_if(nodes_, [&](const auto& node) {
            const auto found = node->own.find(root);
            return node->lives && found != node->own.end() && (found->second.complete || or_will);
        }));
    }
    const std::map<Hash, std::uint8_t>& copies() const { return copies_; }
    /// How many batches each mirror has.
    std::vector<std::size_t> loads() const
    {
        std::vector<std::size_t> loads;
        for (std::size_t i = 1; i < nodes_.size(); ++i) loads.push_back(nodes_[i]->own.size());
        return loads;
    }
    std::size_t living() const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(nodes_, [](const auto& node) { return node->lives; }));
    }
    std::size_t fetches = 0, needless = 0;

private:
    struct Node {
        explicit Node(const PublicKey& own_key) : key{own_key}, book{own_key} {}
        PublicKey key;
        ProviderBook book;
        OwnBatches own;
        MirrorRules rules;
        std::map<Hash, std::uint64_t> done_s;  ///< of fetches
        std::vector<KeptBatch> said;
        std::uint64_t said_s = 0;
        bool lives = true;
    };

    TimeMs now() const { return {page_time.value + now_s_ * 1'000}; }

    void step(Node& node, bool mirrors)
    {
        for (auto at = node.done_s.begin(); at != node.done_s.end();) {
            if (at->second > now_s_) {
                ++at;
                continue;
            }
            node.own[at->first].complete = true;
            at = node.done_s.erase(at);
        }
        say(node, mirrors);
        node.book.drop_expired(now());
        const auto steps = node.rules.look({node.book, node.own, node.key, now(), mirrors, true});
        for (const auto& wanted : steps.fetch) {
            if (node.done_s.contains(wanted.root)) continue;
            if (keepers(wanted.root, true) >= copies_.at(wanted.root)) ++needless;
            ++fetches;
            node.own[wanted.root] = {false, false, wanted.hold, 1, false};
            node.done_s[wanted.root] = now_s_ + 5 + random_() % 300;
        }
        for (const auto& one : steps.hold) node.own[one.root].hold = one.hold;
        for (const auto& root : steps.let_go) node.own.erase(root);
    }
    void say(Node& node, bool mirrors)
    {
        std::vector<KeptBatch> kept;
        for (const auto& [root, copies] : copies_) {
            const auto own = node.own.find(root);
            if (own == node.own.end()) continue;
            for (const auto& batch : kept_batches({*own}, copies, now())) kept.push_back(batch);
        }
        if (kept == node.said && node.said_s != 0 && now_s_ < node.said_s + lifetime_s / 3) return;
        node.said = kept;
        node.said_s = now_s_;
        ProviderPage page;
        page.key = node.key;
        page.url = "http://192.0.2.1:1";
        page.sequence = now().value;
        page.expires_s = now().value / 1'000 + lifetime_s;
        page.pages = 1;
        page.mirrors = mirrors;
        page.batches = std::move(kept);
        // Some hear it in this round, the others in the next: that is the delay.
        for (const auto& other : nodes_)
            if (other->lives) other->book.learn(page, now());
    }

    std::mt19937_64 random_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::map<Hash, std::uint8_t> copies_;
    std::uint64_t now_s_ = 0;
};

TEST(MirrorRules, GiveEachBatchItsCopiesThoughMirrorsDieAndFetchNothingInVain)
{
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        MirrorNetwork network{seed, 6, 20};
        std::mt19937_64 random{seed};
        std::size_t lost = 0, wanted = 0;
        for (const auto& [root, copies] : network.copies()) wanted += copies - 1u;
        const auto settle = [&](std::size_t ticks) {
            for (std::size_t i = 0; i < ticks; ++i) network.tick();
            for (const auto& [root, copies] : network.copies())
                EXPECT_EQ(network.keepers(root, false), copies);
        };
        settle(60);
        EXPECT_EQ(network.fetches, wanted);
        for (int death = 0; death < 3; ++death) {
            const auto before = network.living();
            std::map<Hash, std::size_t> had;
            for (const auto& [root, copies] : network.copies())
                had[root] = network.keepers(root, false);
            network.kill_one();
            if (network.living() == before) continue;  // the dead stay dead
            for (const auto& [root, copies] : network.copies())
                lost += had[root] - network.keepers(root, false);
            settle(90);
        }
        EXPECT_EQ(network.fetches, wanted + lost) << "each copy that was lost, once";
        EXPECT_EQ(network.needless, 0u);
    }
}

TEST(MirrorRules, SpreadBatchesOverAllMirrors)
{
    MirrorNetwork network{7, 4, 200};
    for (int i = 0; i < 60; ++i) network.tick();
    EXPECT_EQ(network.needless, 0u);
    // 300 copies on 4 mirrors: 75 each, and a standard deviation of about 6.
    for (const auto load : network.loads()) {
        EXPECT_GT(load, 45u);
        EXPECT_LT(load, 105u);
    }
}

}  // namespace
}  // namespace node
