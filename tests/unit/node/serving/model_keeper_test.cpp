#include "node/serving/model_keeper.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/unit/node/serving/serving_fixture.hpp"

#include <new>
#include <thread>

namespace node {
namespace {

using namespace std::chrono_literals;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr auto offers_last = 300s;

/// A keeper whose loads give what the test put there.
struct ModelKeeperTest : ServingTest {
    ManualClock time;
    ModelKeeper keeper{catalog, time, offers_last};

    /// `versions`, a free model or one on the ledger.
    static WantedModel wanted(const std::string& name, Versions versions, bool paid = false,
                              std::chrono::seconds idle = 0s)
    {
        return {name,
                [=](const ServedModel*) -> Result<ServedModel> {
                    ServedModel made{name, {}, {}};
                    if (paid) made.model = market::ModelId{};
                    made.versions = versions;
                    return made;
                },
                idle};
    }
    static WantedModel broken(const std::string& name)
    {
        return {name, [name](const ServedModel*) -> Result<ServedModel> {
                    return Error{ErrorKind::invalid, "model " + name + " is broken"};
                }};
    }
    static Versions one(std::uint32_t ver, float shift = 0)
    {
        return {{{ver}, version(ver, shifted_sum(shift))}};
    }
    std::vector<std::uint32_t> served(const std::string& name = "m") const
    {
        std::vector<std::uint32_t> vers;
        for (const auto& [ver, version] : catalog.find(name)->versions) vers.push_back(ver.value);
        return vers;
    }
    using Vers = std::vector<std::uint32_t>;
};

TEST_F(ModelKeeperTest, ServesWhatIsWantedAndNothingElse)
{
    ASSERT_TRUE(keeper.set_all({wanted("m", one(1)), wanted("n", one(1))}));
    EXPECT_EQ(served("m"), Vers{1});
    ASSERT_TRUE(keeper.set_all({wanted("m", one(2)), wanted("o", one(1))}));
    EXPECT_EQ(served("m"), Vers{2});
    EXPECT_TRUE(catalog.find("o"));
    EXPECT_FALSE(catalog.find("n"));
}

TEST_F(ModelKeeperTest, ChangesNothingWhenOneOfManyFails)
{
    ASSERT_TRUE(keeper.set_all({wanted("m", one(1))}));
    const auto before = catalog.models();
    const auto done = keeper.set_all({wanted("m", one(2)), wanted("n", one(1)), broken("o")});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().detail, "model o is broken");
    EXPECT_EQ(catalog.models(), before);
    const auto twice = keeper.set_all({wanted("m", one(2)), wanted("m", one(3))});
    ASSERT_FALSE(twice);
    EXPECT_NE(twice.error().detail.find("twice"), std::string::npos);
    EXPECT_EQ(catalog.models(), before);
}

TEST_F(ModelKeeperTest, KeepsWhatItServedWhenASuccessorFails)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1))));
    EXPECT_FALSE(keeper.load(broken("m")));
    EXPECT_EQ(served(), Vers{1});
    EXPECT_EQ(catalog.find("m")->state, ModelState::ready);
    EXPECT_EQ(catalog.find("m")->reason, "model m is broken");
    ASSERT_TRUE(keeper.load("m")) << "what was wanted before still is";
    EXPECT_EQ(catalog.find("m")->reason, "");
}

TEST_F(ModelKeeperTest, OutlivesAModelWhoseLoadingThrows)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1))));
    const WantedModel throwing{
        "m", [](const ServedModel*) -> Result<ServedModel> { throw std::bad_alloc{}; }};
    EXPECT_EQ(keeper.load(throwing).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(served(), Vers{1});
    EXPECT_FALSE(keeper.set_all({throwing}));
    EXPECT_EQ(served(), Vers{1});
}

TEST_F(ModelKeeperTest, TellsOfAModelThatNeverLoaded)
{
    EXPECT_FALSE(keeper.load(broken("m")));
    EXPECT_EQ(catalog.find("m")->state, ModelState::failed);
    EXPECT_EQ(catalog.find("m")->reason, "model m is broken");
    EXPECT_TRUE(catalog.find("m")->versions.empty());
}

TEST_F(ModelKeeperTest, IsLoadingWhileNothingIsServedYet)
{
    auto watching = wanted("m", one(1));
    watching.load = [&, load = watching.load](const ServedModel* present) {
        EXPECT_EQ(catalog.find("m")->state, ModelState::loading);
        return load(present);
    };
    ASSERT_TRUE(keeper.load(watching));
    EXPECT_EQ(catalog.find("m")->state, ModelState::ready);
}

TEST_F(ModelKeeperTest, FreesAVersionWhenTheLastCallHasEnded)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1))));
    auto call = catalog.find("m");
    const std::weak_ptr<const ServedVersion> old = call->versions.at({1});
    ASSERT_TRUE(keeper.load(wanted("m", one(2))));
    keeper.tick();
    EXPECT_EQ(keeper.draining(), 1u);
    ASSERT_FALSE(old.expired());
    EXPECT_EQ(old.lock()->pool->summary().io.inputs.size(), 2u) << "still whole";
    call.reset();
    keeper.tick();
    EXPECT_TRUE(old.expired());
    EXPECT_EQ(keeper.draining(), 0u);
}

TEST_F(ModelKeeperTest, TakesOverAVersionThatNeedNotChange)
{
    const auto first = one(1);
    ASSERT_TRUE(keeper.load(wanted("m", first)));
    auto both = first;
    both.merge(one(2));
    ASSERT_TRUE(keeper.load(wanted("m", both)));
    keeper.tick();
    EXPECT_EQ(keeper.draining(), 0u);
    EXPECT_EQ(catalog.find("m")->versions.at({1}), first.at({1}));
}

TEST_F(ModelKeeperTest, HoldsAVersionUntilTheLastOfferOfItIsOver)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1), true)));
    catalog.find("m")->versions.at({1})->offered_ms = time.wall().value;
    time.advance(100s);
    ASSERT_TRUE(keeper.load(wanted("m", one(2), true)));
    EXPECT_EQ(served(), Vers{2});
    EXPECT_TRUE(catalog.find("m")->leaving.contains({1}));
    time.advance(199s);
    keeper.tick();
    EXPECT_TRUE(catalog.find("m")->leaving.contains({1}));
    time.advance(1s);
    keeper.tick();
    EXPECT_FALSE(catalog.find("m")->leaving.contains({1}));
    EXPECT_EQ(keeper.draining(), 0u) << "and nobody held it";
}

TEST_F(ModelKeeperTest, HoldsWhatIsOnOfferWhenTheModelIsUnloadedOrNoLongerWanted)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1), true)));
    catalog.find("m")->versions.at({1})->offered_ms = time.wall().value;
    ASSERT_TRUE(keeper.unload("m"));
    EXPECT_TRUE(served().empty());
    EXPECT_TRUE(catalog.find("m")->leaving.contains({1}));
    ASSERT_TRUE(keeper.set_all({}));
    ASSERT_TRUE(catalog.find("m"));
    EXPECT_TRUE(catalog.find("m")->leaving.contains({1}));
    EXPECT_FALSE(keeper.load("m")) << "nothing says any more how";
    time.advance(offers_last);
    keeper.tick();
    EXPECT_FALSE(catalog.find("m"));
}

TEST_F(ModelKeeperTest, HoldsNothingThatWasNeverOfferedOrIsOfAnotherModel)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1), true)));
    ASSERT_TRUE(keeper.load(wanted("m", one(2), true)));
    EXPECT_TRUE(catalog.find("m")->leaving.empty());
    catalog.find("m")->versions.at({2})->offered_ms = time.wall().value;
    ASSERT_TRUE(keeper.load(wanted("m", one(3))));
    EXPECT_TRUE(catalog.find("m")->leaving.empty()) << "a free model sells nothing";
}

TEST_F(ModelKeeperTest, UnloadsAndLoadsAgain)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1))));
    ASSERT_TRUE(keeper.unload("m"));
    EXPECT_EQ(catalog.find("m")->state, ModelState::unloaded);
    keeper.wake("m");
    EXPECT_EQ(catalog.find("m")->state, ModelState::unloaded) << "a call does not undo it";
    ASSERT_TRUE(keeper.load("m"));
    EXPECT_EQ(served(), Vers{1});
    EXPECT_EQ(keeper.unload("none").error().kind, ErrorKind::not_found);
    EXPECT_EQ(keeper.load("none").error().kind, ErrorKind::not_found);
}

TEST_F(ModelKeeperTest, LetsAnIdleModelGoAndLoadsItWhenItIsCalled)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1), false, 60s)));
    time.advance(59s);
    keeper.tick();
    EXPECT_EQ(served(), Vers{1});
    catalog.find("m")->use->last_call = time.now().time_since_epoch().count();
    time.advance(59s);
    keeper.tick();
    EXPECT_EQ(served(), Vers{1}) << "it was called";
    time.advance(1s);
    keeper.tick();
    EXPECT_EQ(catalog.find("m")->state, ModelState::idle);
    EXPECT_TRUE(served().empty());
    catalog.find("m")->use->waking = true;
    keeper.wake("m");
    EXPECT_EQ(served(), Vers{1});
    EXPECT_FALSE(catalog.find("m")->use->waking);
}

TEST_F(ModelKeeperTest, LetsNoModelIdleWhileAnOfferOfItLasts)
{
    ASSERT_TRUE(keeper.load(wanted("m", one(1), true, 60s)));
    catalog.find("m")->versions.at({1})->offered_ms = time.wall().value;
    time.advance(200s);
    keeper.tick();
    EXPECT_EQ(served(), Vers{1});
    time.advance(100s);
    keeper.tick();
    EXPECT_EQ(catalog.find("m")->state, ModelState::idle);
}

TEST_F(ModelKeeperTest, WaitsBeforeAnIdleModelThatCannotBeLoadedIsTriedAgain)
{
    auto model = wanted("m", one(1), false, 60s);
    bool works = true;
    model.load = [&, load = model.load](const ServedModel* present) -> Result<ServedModel> {
        if (works) return load(present);
        return Error{ErrorKind::full, "no memory"};
    };
    ASSERT_TRUE(keeper.load(model));
    time.advance(60s);
    keeper.tick();
    works = false;
    keeper.wake("m");
    EXPECT_EQ(catalog.find("m")->state, ModelState::idle);
    EXPECT_EQ(catalog.find("m")->reason, "no memory");
    EXPECT_GT(catalog.find("m")->use->wake_after, time.now().time_since_epoch().count());
}

TEST_F(ModelKeeperTest, SwapsUnderCallsWithoutAFailedOrMixedOne)
{
    const auto numbered = [](std::uint32_t ver) {
        return one(ver, 1000.0F * static_cast<float>(ver));
    };
    ASSERT_TRUE(keeper.load(wanted("m", numbered(1))));
    std::atomic<bool> over = false;
    std::atomic<int> calls = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 3; ++i)
        callers.emplace_back([&] {
            while (!over) {
                const auto answer = infer(sum_request(), "m");
                EXPECT_EQ(answer.status, 200u) << answer.text;
                const auto ver = std::stoi(answer.body["model_version"].get<std::string>());
                EXPECT_EQ(answer.body["outputs"][0]["data"][0], 11 + 1000 * ver);
                ++calls;
            }
        });
    for (std::uint32_t i = 0; i < 50 || calls < 300; ++i) {
        EXPECT_TRUE(keeper.load(wanted("m", numbered(1 + i % 2))));
        keeper.tick();
    }
    over = true;
    for (auto& caller : callers) caller.join();
    keeper.tick();
    EXPECT_EQ(keeper.draining(), 0u);
}

}  // namespace
}  // namespace node
