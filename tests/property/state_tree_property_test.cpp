#include "ledger/state/state_tree.hpp"

#include "tests/support/naive_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>

namespace ledger {
namespace {

/// Two threads and the tasks in reverse, so that an order that matters shows.
void run_on_two_threads(std::vector<std::function<void()>> tasks)
{
    std::jthread other{[&tasks] {
        for (std::size_t i = tasks.size() / 2; i-- > 0;) tasks[i]();
    }};
    for (std::size_t i = tasks.size(); i-- > tasks.size() / 2;) tasks[i]();
}

/// A tree under random blocks, branches, checkpoints and restarts, beside the definition.
class Session {
public:
    explicit Session(std::uint32_t seed) : random_{seed}
    {
        universe_ = 1 + pick(200);
        restart();
    }

    void block()
    {
        const auto diff = random_diff();
        ++height_;
        // A sibling block that never becomes final, and the same block one change at a time.
        if (pick(4) == 0) {
            ASSERT_TRUE(tree_->ahead(tree_->head(), Height{height_}, random_diff()));
        }
        naive_.apply(diff);
        if (pick(8) == 0) {
            auto one_by_one = tree_->head();
            for (const auto& change : diff) {
                auto next = tree_->ahead(one_by_one, Height{height_}, {change});
                ASSERT_TRUE(next);
                one_by_one = *next;
            }
            ASSERT_EQ(one_by_one.root(), naive_.root()) << "one change at a time";
        }
        if (pick(2) == 0) {
            const auto root = tree_->apply(Height{height_}, diff);
            ASSERT_TRUE(root);
        } else {
            tree_->adopt(*tree_->ahead(tree_->head(), Height{height_}, diff));
        }
        ASSERT_EQ(tree_->head().root(), naive_.root());
        for (int i = 0; i < 3; ++i) prove(key(pick(universe_ + 5)));
        if (pick(6) == 0) checkpoint();
    }

    /// Two blocks ahead of a checkpoint that is taken before they become final.
    void blocks_across_a_checkpoint()
    {
        auto ahead = tree_->head();
        for (int i = 0; i < 2; ++i) {
            const auto diff = random_diff();
            auto next = tree_->ahead(ahead, Height{++height_}, diff);
            ASSERT_TRUE(next);
            ahead = *next;
            naive_.apply(diff);
        }
        nodes_.apply(*tree_->take_changes());
        tree_->adopt(ahead);
        ASSERT_EQ(tree_->head().root(), naive_.root());
    }

    /// The stored nodes are exactly those that the same content needs when built at once.
    void expect_nothing_left_behind()
    {
        checkpoint();
        MemoryTreeNodes fresh;
        StateTree same{fresh};
        StateDiff all;
        for (const auto& [key, value] : naive_.entries()) all[key] = value;
        ASSERT_EQ(*same.apply(Height{1}, all), naive_.root()) << "order matters";
        fresh.apply(*same.take_changes());
        ASSERT_EQ(nodes_.size(), fresh.size());
    }

private:
    std::size_t pick(std::size_t below) { return random_() % below; }

    /// Now and then one of some keys whose hashes begin alike, so that paths grow long.
    Bytes key(std::size_t number)
    {
        static const std::vector<std::string> deep = {"k1077278", "k809937", "k2090203",
                                                      "k1709925", "k724783", "k667612"};
        const auto text = number < deep.size() ? deep[number] : std::to_string(number);
        return {text.begin(), text.end()};
    }

    StateDiff random_diff()
    {
        StateDiff diff;
        const std::size_t changes = pick(30) == 0 ? 150 : pick(12);
        const std::size_t removals = pick(4);  // of four: sessions shrink as well as grow
        for (std::size_t i = 0; i < changes; ++i) {
            auto& value = diff[key(pick(universe_))];
            value.reset();
            if (pick(4) >= removals) value = Bytes(pick(3), static_cast<std::uint8_t>(pick(3)));
        }
        return diff;
    }

    void prove(const Bytes& key)
    {
        const auto proof = tree_->prove(key);
        ASSERT_TRUE(proof);
        const auto root = tree_->head().root();
        const auto at = naive_.entries().find(key);
        if (at == naive_.entries().end()) {
            ASSERT_TRUE(verify(root, key, std::nullopt, *proof));
            ASSERT_FALSE(verify(root, key, Bytes{}, *proof));
        } else {
            ASSERT_TRUE(verify(root, key, at->second, *proof));
            ASSERT_FALSE(verify(root, key, std::nullopt, *proof));
            auto other = at->second;
            other.push_back(1);
            ASSERT_FALSE(verify(root, key, other, *proof));
        }
        ASSERT_EQ(*decode_state_proof(encode(*proof)), *proof);
        auto bytes = encode(*proof);
        bytes[pick(bytes.size())] ^= static_cast<std::uint8_t>(1 + pick(255));
        const auto broken = decode_state_proof(bytes);
        if (!broken) return;
        const auto value = at == naive_.entries().end() ? std::nullopt : std::optional{at->second};
        ASSERT_FALSE(verify(root, key, value, *broken));
    }

    void checkpoint()
    {
        const auto changes = tree_->take_changes();
        ASSERT_TRUE(changes);
        for (const auto& stale : changes->stale) ASSERT_TRUE(nodes_.node(stale)->has_value());
        nodes_.apply(*changes);
        if (height_ > 0 && pick(3) == 0) restart();
    }

    void restart()
    {
        TreeOptions options{.cache_bytes = pick(2) * 100'000, .run_all = {}};
        if (pick(2) == 0) options.run_all = run_on_two_threads;
        if (!tree_) {
            tree_ = std::make_unique<StateTree>(nodes_, options);
            return;
        }
        auto opened =
            StateTree::open(nodes_, tree_->head().version(), tree_->head().root(), options);
        ASSERT_TRUE(opened);
        *tree_ = std::move(*opened);
    }

    std::mt19937 random_;
    std::size_t universe_;
    std::uint64_t height_ = 0;
    NaiveState naive_;
    MemoryTreeNodes nodes_;
    std::unique_ptr<StateTree> tree_;
};

TEST(StateTreeProperty, FollowsTheDefinitionThroughRandomBlocksCheckpointsAndRestarts)
{
    for (std::uint32_t seed = 1; seed <= 120; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Session session{seed};
        for (int i = 0; i < 100; ++i) {
            session.block();
            if (i % 7 == 6) session.blocks_across_a_checkpoint();
            if (HasFatalFailure()) return;
        }
        session.expect_nothing_left_behind();
        if (HasFatalFailure()) return;
    }
}

TEST(StateTreeProperty, GivesOneRootInWhateverOrderKeysArrive)
{
    std::mt19937 random{5};
    for (int round = 0; round < 20; ++round) {
        std::vector<Bytes> keys;
        for (std::size_t i = 0; i < 60; ++i) keys.push_back({static_cast<std::uint8_t>(i)});
        NaiveState naive;
        for (const auto& key : keys) naive.apply({{key, key}});
        std::ranges::shuffle(keys, random);
        MemoryTreeNodes nodes;
        StateTree tree{nodes};
        for (const auto& key : keys) ASSERT_TRUE(tree.apply(Height{1}, {{key, key}}));
        ASSERT_EQ(tree.head().root(), naive.root());
    }
}

}  // namespace
}  // namespace ledger
