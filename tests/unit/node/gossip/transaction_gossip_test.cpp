#include "node/gossip/transaction_gossip.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <queue>
#include <tuple>

namespace node {
namespace {

using ledger::PublicKey;
using ledger::WireId;
using Kind = GossipAction::Kind;

PublicKey peer(std::uint8_t number)
{
    PublicKey key;
    key.bytes[0] = number;
    return key;
}

WireId tx(std::uint32_t number)
{
    WireId id;
    for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return id;
}

class TransactionGossipTest : public testing::Test {
protected:
    static std::size_t count(const GossipActions& actions, Kind kind)
    {
        std::size_t sum = 0;
        for (const auto& action : actions)
            if (action.kind == kind) sum += action.ids.size();
        return sum;
    }
    static PublicKey asked(const GossipActions& actions)
    {
        for (const auto& action : actions)
            if (action.kind == Kind::request) return action.peer;
        return {};
    }

    ledger::SeededRandom random{1};
    TransactionGossip gossip{{.look_ms = 1}, random};
};

TEST_F(TransactionGossipTest, PushesToLeadersAndTwoMoreAndAnnouncesToTheRest)
{
    for (std::uint8_t i = 1; i <= 10; ++i) gossip.add_peer(peer(i), false);
    gossip.set_leaders({peer(3), peer(4), peer(99)});
    const auto now = gossip.accepted(tx(1), nullptr, 0);
    EXPECT_EQ(count(now, Kind::send_body), 4u);
    EXPECT_EQ(now[0].peer, peer(3));
    EXPECT_EQ(now[1].peer, peer(4));
    EXPECT_TRUE(gossip.tick(14).empty());
    EXPECT_EQ(count(gossip.tick(15), Kind::announce), 6u);
    EXPECT_TRUE(gossip.tick(100).empty());
}

TEST_F(TransactionGossipTest, OnlyAnnouncesWhatOthersBrought)
{
    for (std::uint8_t i = 1; i <= 3; ++i) gossip.add_peer(peer(i), false);
    const auto from = peer(1);
    EXPECT_TRUE(gossip.accepted(tx(1), &from, 0).empty());
    EXPECT_TRUE(gossip.accepted(tx(1), &from, 0).empty());
    const auto batches = gossip.tick(15);
    EXPECT_EQ(count(batches, Kind::announce), 2u);
    for (const auto& batch : batches) EXPECT_NE(batch.peer, from);
}

TEST_F(TransactionGossipTest, AsksOneAnnouncerAtATimeThoseItDialledFirst)
{
    gossip.add_peer(peer(1), false);
    gossip.add_peer(peer(2), false);
    gossip.add_peer(peer(3), true);
    EXPECT_EQ(asked(gossip.on_inventory(peer(1), {tx(1)}, 0)), peer(1));
    EXPECT_TRUE(gossip.on_inventory(peer(2), {tx(1)}, 1).empty());
    EXPECT_TRUE(gossip.on_inventory(peer(3), {tx(1)}, 2).empty());
    EXPECT_TRUE(gossip.tick(999).empty());
    const auto late = gossip.tick(1'000);
    EXPECT_EQ(count(late, Kind::broken_promise), 1u);
    EXPECT_EQ(late[0].peer, peer(1));
    EXPECT_EQ(asked(late), peer(3));
    EXPECT_EQ(asked(gossip.on_missing(peer(3), {tx(1)}, 1'100)), peer(2));
    EXPECT_EQ(count(gossip.tick(2'100), Kind::broken_promise), 1u);
    EXPECT_EQ(gossip.wanted(), 0u);
}

TEST_F(TransactionGossipTest, BlamesAPeerThatPausesOnceForEachTimeout)
{
    gossip.add_peer(peer(1), true);
    // A hundred a second for ten seconds, and never a body.
    std::size_t blamed = 0, ids = 0;
    for (std::uint64_t now = 0; now < 10'000; now += 10) {
        gossip.on_inventory(peer(1), {tx(static_cast<unsigned>(now / 10))}, now);
        for (const auto& action : gossip.tick(now))
            if (action.kind == Kind::broken_promise) {
                ++blamed;
                ids += action.ids.size();
            }
    }
    EXPECT_EQ(blamed, 9u);
    EXPECT_LE(ids, 100u);
}

TEST_F(TransactionGossipTest, AsksOthersAtOnceWhenAPeerLeaves)
{
    gossip.add_peer(peer(1), false);
    gossip.add_peer(peer(2), false);
    gossip.on_inventory(peer(1), {tx(1), tx(2)}, 0);
    gossip.on_inventory(peer(2), {tx(1)}, 0);
    EXPECT_EQ(asked(gossip.remove_peer(peer(1), 5)), peer(2));
    EXPECT_EQ(gossip.wanted(), 1u);
}

TEST_F(TransactionGossipTest, BoundsWhatOnePeerCanMakeItRemember)
{
    gossip.add_peer(peer(1), false);
    GossipActions last;
    for (std::uint32_t batch = 0; batch < 6; ++batch) {
        std::vector<WireId> ids;
        for (std::uint32_t i = 0; i < 1'000; ++i) ids.push_back(tx(batch * 1'000 + i));
        last = gossip.on_inventory(peer(1), ids, 0);
    }
    EXPECT_EQ(gossip.wanted(), 5'000u);
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(last[0].kind, Kind::too_many);
    EXPECT_EQ(gossip.on_inventory(peer(1), std::vector<WireId>(1'001), 0)[0].kind, Kind::too_many);
}

TEST_F(TransactionGossipTest, AnswersRequestsWithBodiesOrByNameWithoutThem)
{
    gossip.add_peer(peer(1), false);
    gossip.accepted(tx(1), nullptr, 0);
    const auto answer = gossip.on_request(peer(1), {tx(1), tx(2), tx(1)});
    EXPECT_EQ(count(answer, Kind::send_body), 1u);
    EXPECT_EQ(count(answer, Kind::say_missing), 1u);
    gossip.forget(tx(1));
    EXPECT_EQ(count(gossip.on_request(peer(1), {tx(1)}), Kind::say_missing), 1u);
}

TEST_F(TransactionGossipTest, HasWhatWaitsHoweverMuchItHearsOfAfterwards)
{
    TransactionGossip small{{.known = 2}, random};
    small.add_peer(peer(1), false);
    small.accepted(tx(1), nullptr, 0);
    for (std::uint32_t n = 2; n < 12; ++n) small.refused(tx(n));
    EXPECT_EQ(count(small.on_request(peer(1), {tx(1)}), Kind::send_body), 1u);
    EXPECT_TRUE(small.on_inventory(peer(1), {tx(1)}, 0).empty()) << "nor does it ask for it";
    EXPECT_FALSE(small.on_inventory(peer(1), {tx(2)}, 0).empty()) << "that is long ago";

    small.forget(tx(1));
    for (std::uint32_t n = 20; n < 30; ++n) small.refused(tx(n));
    EXPECT_FALSE(small.on_inventory(peer(1), {tx(1)}, 0).empty());
}

TEST_F(TransactionGossipTest, AsksForNothingItHasHadOrRefused)
{
    gossip.add_peer(peer(1), false);
    const auto from = peer(1);
    gossip.accepted(tx(1), &from, 0);
    gossip.forget(tx(1));
    gossip.refused(tx(2));
    EXPECT_TRUE(gossip.on_inventory(peer(1), {tx(1), tx(2)}, 0).empty());
}

/// Nodes in one thread: every message takes a random time, some links lose everything for a while.
class Network {
public:
    Network(std::size_t nodes, std::size_t links, std::uint64_t seed, unsigned silent)
        : random_{seed}, silent_{silent}
    {
        for (std::size_t i = 0; i < nodes; ++i)
            gossips_.push_back(std::make_unique<TransactionGossip>(GossipLimits{}, random_));
        received_.resize(nodes);
        const auto link = [&](std::size_t a, std::size_t b) {
            gossips_[a]->add_peer(name(b), true);
            gossips_[b]->add_peer(name(a), false);
        };
        for (std::size_t i = 0; i < nodes; ++i) {
            link(i, (i + 1) % nodes);  // nobody is alone
            for (std::size_t k = 1; k < links; ++k)
                if (const auto other = random_.below(nodes); other != i) link(i, other);
        }
    }

    void enter(std::size_t node, const WireId& id)
    {
        received_[node].insert(id);
        carry(node, gossips_[node]->accepted(id, nullptr, now_));
    }
    void run(std::uint64_t until)
    {
        for (; now_ < until; ++now_) {
            while (!mail_.empty() && std::get<0>(mail_.top()) <= now_) {
                auto [when, order, from, to, action] = mail_.top();
                mail_.pop();
                deliver(from, to, action);
            }
            for (std::size_t i = 0; i < gossips_.size(); ++i) carry(i, gossips_[i]->tick(now_));
        }
    }
    std::size_t deliveries() const
    {
        std::size_t sum = 0;
        for (const auto& ids : received_) sum += ids.size();
        return sum;
    }
    std::size_t bodies() const { return bodies_; }

private:
    using Mail = std::tuple<std::uint64_t, std::uint64_t, std::size_t, std::size_t, GossipAction>;
    struct Later {
        bool operator()(const Mail& a, const Mail& b) const
        {
            return std::tie(std::get<0>(a), std::get<1>(a)) >
                   std::tie(std::get<0>(b), std::get<1>(b));
        }
    };

    static PublicKey name(std::size_t node) { return peer(static_cast<std::uint8_t>(node)); }

    void carry(std::size_t from, GossipActions actions)
    {
        for (auto& action : actions) {
            if (action.kind == Kind::broken_promise || action.kind == Kind::too_many) continue;
            // The first nodes announce and never deliver what they are asked for.
            const bool relays = action.kind == Kind::send_body || action.kind == Kind::say_missing;
            if (from < silent_ && relays) continue;
            const std::size_t to = action.peer.bytes[0];
            mail_.push({now_ + 5 + random_.below(40), order_++, from, to, std::move(action)});
        }
    }
    void deliver(std::size_t from, std::size_t to, const GossipAction& action)
    {
        auto& gossip = *gossips_[to];
        switch (action.kind) {
            case Kind::announce:
                return carry(to, gossip.on_inventory(name(from), action.ids, now_));
            case Kind::request:
                return carry(to, gossip.on_request(name(from), action.ids));
            case Kind::say_missing:
                return carry(to, gossip.on_missing(name(from), action.ids, now_));
            default:
                break;
        }
        for (const auto& id : action.ids) {
            ++bodies_;
            received_[to].insert(id);
            const auto sender = name(from);
            carry(to, gossip.accepted(id, &sender, now_));
        }
    }

    ledger::SeededRandom random_;
    unsigned silent_;
    std::vector<std::unique_ptr<TransactionGossip>> gossips_;
    std::vector<std::set<WireId>> received_;
    std::priority_queue<Mail, std::vector<Mail>, Later> mail_;
    std::uint64_t now_ = 0, order_ = 0;
    std::size_t bodies_ = 0;
};

TEST(GossipNetwork, DeliversEverythingToEverybodyAboutOnce)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        Network network{24, 8, seed, 0};
        for (std::uint32_t i = 0; i < 100; ++i) {
            network.enter(i % 24, tx(i));
            network.run(i * 5);
        }
        network.run(5'000);
        ASSERT_EQ(network.deliveries(), 2'400u) << "seed " << seed;
        RecordProperty("bodies_" + std::to_string(seed), std::to_string(network.bodies()));
        // 2,300 are needed; flooding along every link would take over 30,000.
        EXPECT_GE(network.bodies(), 2'300u);
        EXPECT_LE(network.bodies(), 2'300u + 2'300u / 5) << "seed " << seed;
    }
}

TEST(GossipNetwork, GoesAroundNodesThatAnnounceAndDoNotDeliver)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        Network network{24, 8, seed, 6};
        for (std::uint32_t i = 0; i < 40; ++i) network.enter(6 + i % 18, tx(i));
        network.run(20'000);
        EXPECT_EQ(network.deliveries(), 24u * 40) << "seed " << seed;
    }
}

}  // namespace
}  // namespace node
