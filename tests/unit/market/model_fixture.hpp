#pragma once

#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace market {

/// A model of alice's with one version.
class ModelRules : public testing::Test {
protected:
    ModelRules()
    {
        world.fund("alice", 1'000'000);
        world.fund("hugo", 1'000'000);
        iris = make_model(world);
    }
    ModelVersion next() const
    {
        return model_version(world, iris, world.view().get<Model>(iris).versions + 1);
    }
    void add_version() { ASSERT_EQ(world.apply("alice", next()), Rejection::none); }
    void yank(std::uint32_t ver)
    {
        ASSERT_EQ(world.apply("alice", ModelYank{iris, {ver}, "wrong labels"}), Rejection::none);
    }
    VersionRecord version(std::uint32_t ver) const
    {
        return world.view().get<VersionRecord>({iris, {ver}});
    }
    Rejection set_alias(std::vector<AliasTarget> targets, std::string name = "stable")
    {
        return world.apply("alice", ModelAlias{iris, std::move(name), std::move(targets), "why"});
    }
    AliasUse use(std::uint32_t ver) const { return world.view().get<AliasUse>({iris, {ver}}); }
    Rejection set_price(std::uint64_t micros, std::uint64_t from)
    {
        return world.apply("alice", ModelPrice{iris, {1}, flat_price(world, micros), from});
    }

    MarketWorld world;
    ModelId iris;
    const Address alice = MarketWorld::address_of("alice");
    const Address hugo = MarketWorld::address_of("hugo");
    const ModelId nobody = ledger::retag<ModelId>(MarketWorld::hash_of("nobody's"));
};

}  // namespace market
