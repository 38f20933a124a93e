#include "node/app/load_models.hpp"

#include "node/app/pool_settings.hpp"
#include "node/env/clock.hpp"
#include "node/env/files.hpp"
#include "node/env/memory.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/tiny_models.hpp"
#include "tests/unit/node/api/market_api.hpp"

namespace node {
namespace {

using namespace ledger;

struct LoadModelsTest : MarketApiTest {
    TemporaryFolder home;
    Catalog catalog;
    SystemClock clock;
    HostConfig host;
    int engines = 0;
    ModelSource source{home.path(), *store, [this] { return open(); }, model_memory({})};
    ModelKeeper keeper{catalog, clock, std::chrono::seconds{300}};

    LoadModelsTest()
    {
        write("sum.onnx", inference::tiny::to_bytes(inference::tiny::add({3})));
        write("other.onnx", inference::tiny::to_bytes(inference::tiny::add({4})));
        host.models = {{}};
        host.models[0].name = "m";
        host.models[0].files = {"sum.onnx"};
    }
    void write(const std::string& name, ByteView bytes) const
    {
        ASSERT_TRUE(write_file(home.path() / name, bytes));
    }
    Result<std::shared_ptr<inference::Engine>> open()
    {
        ++engines;
        return std::shared_ptr<inference::Engine>{std::shared_ptr<void>{},
                                                  &inference::shared_engine()};
    }
    std::string refusal()
    {
        const ModelSource source{home.path(), *store, [this] { return open(); },
                                 model_memory(host)};
        Catalog unused;
        ModelKeeper other{unused, clock, std::chrono::seconds{300}};
        const auto done = other.set_all(source.wanted(host));
        return done ? "" : done.error().detail;
    }
    bool load()
    {
        const auto done = keeper.set_all(source.wanted(host));
        EXPECT_TRUE(done) << (done ? "" : done.error().detail);
        return done.has_value();
    }
    std::shared_ptr<const ServedVersion> served(const char* version) const
    {
        return find_version(catalog.find("m")->versions, version);
    }
    /// Registers the line with version 1 of the content that sum.onnx has.
    void register_sum()
    {
        send(1, market::ModelRegister{"digits", {}});
        auto pool = inference::ModelPool::open(
            inference::shared_engine(), inference::tiny::to_bytes(inference::tiny::add({3})), {});
        auto first = version(1);
        first.content_id = retag<market::ContentId>((*pool)->summary().content_id);
        send(1, first);
    }
};

TEST_F(LoadModelsTest, LoadsAFreeModelAsVersion1)
{
    host.models[0].labels = {"x", "y"};
    ASSERT_TRUE(load());
    const auto model = catalog.find("m");
    ASSERT_TRUE(model);
    EXPECT_FALSE(model->model);
    const auto& newest = newest_version(*model);
    EXPECT_EQ(newest->ver, market::Version{1});
    EXPECT_EQ(newest->labels, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(newest->pool->summary().io.inputs.size(), 2u);
}

TEST_F(LoadModelsTest, LoadsSeveralVersions)
{
    host.models[0].files = {"1=sum.onnx", "7=" + (home.path() / "other.onnx").string()};
    ASSERT_TRUE(load());
    EXPECT_EQ(newest_version(*catalog.find("m"))->ver, market::Version{7});
    EXPECT_TRUE(served("1"));
    EXPECT_FALSE(served("2"));
    EXPECT_EQ(engines, 1);
}

TEST_F(LoadModelsTest, NeedsNoLibraryWithoutAModel)
{
    host.models.clear();
    ASSERT_TRUE(load());
    EXPECT_EQ(engines, 0);
}

TEST_F(LoadModelsTest, LoadsOnlyWhatHasChangedSinceTheLastTime)
{
    host.models[0].files = {"1=sum.onnx", "2=other.onnx"};
    ASSERT_TRUE(load());
    const auto first = served("1"), second = served("2");
    host.models[0].canary = {{1, 1}};
    write("other.onnx", inference::tiny::to_bytes(inference::tiny::add({5})));
    ASSERT_TRUE(load());
    EXPECT_EQ(served("1"), first);
    EXPECT_NE(served("2"), second);
    EXPECT_EQ(served("2")->pool->summary().io.inputs[0].shape, (std::vector<std::int64_t>{5}));
    host.models[0].instances = 2;
    ASSERT_TRUE(load());
    EXPECT_NE(served("1"), first) << "it runs in another way";
}

TEST_F(LoadModelsTest, SetsHowCallsAreSpreadOverVersionsThatAreThere)
{
    host.models[0].files = {"1=sum.onnx", "2=sum.onnx", "3=sum.onnx"};
    host.models[0].canary = {{1, 9}, {2, 1}};
    host.models[0].shadow = {3, 25, 500'000};
    host.models[0].cache = true;
    ASSERT_TRUE(load());
    const auto model = catalog.find("m");
    EXPECT_EQ(model->canary, (std::vector<market::AliasTarget>{{{1}, 9}, {{2}, 1}}));
    EXPECT_EQ(model->shadow.ver, market::Version{3});
    EXPECT_EQ(model->shadow.percent, 25u);
    EXPECT_EQ(model->shadow.tolerance, 0.5);
    EXPECT_TRUE(model->cache);
    host.models[0].versions.only = {1, 2};
    EXPECT_NE(refusal().find("shadow version 3 is not served"), std::string::npos);
    host.models[0].versions.only = {1, 3};
    EXPECT_NE(refusal().find("canary version 2 is not served"), std::string::npos);
}

TEST_F(LoadModelsTest, TakesChangesOfAModelThatMakeSense)
{
    host.models[0].files = {"sum.onnx", "2=/models/other.onnx"};
    const auto& present = host.models[0];
    const auto changed = changed_model(present, R"({"queue":5,"files":["3=new/three.onnx"]})");
    ASSERT_TRUE(changed) << changed.error().detail;
    EXPECT_EQ(changed->queue, 5u);
    EXPECT_EQ(changed->instances, present.instances);
    EXPECT_EQ(changed->files, std::vector<std::string>{"3=new/three.onnx"});
    EXPECT_TRUE(changed_model(present, R"({"files":["2=/models/other.onnx"]})"))
        << "the configuration has named it already";
    const std::pair<const char*, const char*> wrong[] = {
        {"[]", "config"},
        {"{", "config"},
        {R"({"colour":"red"})", "colour"},
        {R"({"queue":0})", "queue"},
        {R"({"name":"n"})", "name"},
        {R"({"files":["/etc/passwd"]})", "within the node's home"},
        {R"({"files":["2=a/../../b.onnx"]})", "within the node's home"},
        {R"({"backend":{"url":"http://x"}})", "backend"},
        {R"({"backend":{"kind":"oip","url":"http://x","credentialFile":"keys/host.key"}})",
         "backend"},
    };
    for (const auto& [json, part] : wrong) {
        const auto refused = changed_model(present, json);
        ASSERT_FALSE(refused) << json;
        EXPECT_NE(refused.error().detail.find(part), std::string::npos) << refused.error().detail;
    }
}

TEST_F(LoadModelsTest, RefusesAFileThatIsNotWhatTheLedgerHasRegistered)
{
    register_sum();
    host.models[0].model = to_checksum(test_account(1)) + "/digits";
    EXPECT_EQ(refusal(), "");
    host.models[0].files = {"other.onnx"};
    EXPECT_NE(refusal().find("not what the ledger has registered"), std::string::npos);
    host.models[0].model = model_hex;
    EXPECT_NE(refusal().find("not what the ledger has registered"), std::string::npos);
}

TEST_F(LoadModelsTest, LoadsWhatTheLedgerDoesNotKnowYet)
{
    host.models[0].model = model_hex;
    ASSERT_TRUE(load());
    EXPECT_EQ(catalog.find("m")->model, model);
}

TEST_F(LoadModelsTest, NamesTheModelAndWhatIsWrong)
{
    const auto wrong = [&](auto change, std::string_view part) {
        const auto kept = host;
        change(host.models[0]);
        const auto said = refusal();
        EXPECT_NE(said.find("model m"), std::string::npos) << said;
        EXPECT_NE(said.find(part), std::string::npos) << said;
        host = kept;
    };
    using Model = ModelConfig;
    write("text.onnx", as_bytes("no model"));
    wrong([](Model& m) { m.files = {"missing.onnx"}; }, "missing.onnx");
    wrong([](Model& m) { m.files = {"text.onnx"}; }, "text.onnx");
    wrong([](Model& m) { m.files = {"0=sum.onnx"}; }, "VERSION=PATH");
    wrong([](Model& m) { m.files = {"x=sum.onnx"}; }, "VERSION=PATH");
    wrong([](Model& m) { m.files = {"4294967296=sum.onnx"}; }, "VERSION=PATH");
    wrong([](Model& m) { m.files = {"sum.onnx", "1=other.onnx"}; }, "twice");
    wrong([](Model& m) { m.model = "0x12"; }, "64 hex digits");
    wrong([](Model& m) { m.model = "me/digits"; }, "not an address");
    host.models.push_back(host.models[0]);
    EXPECT_NE(refusal().find("name stands twice"), std::string::npos);
}

TEST_F(LoadModelsTest, RunsAModelAsItIsConfigured)
{
    write("mlp.onnx", inference::tiny::to_bytes(inference::tiny::mlp()));
    auto& config = host.models[0];
    config.files = {"mlp.onnx"};
    config.batch.max = 4;
    config.warmup = 2;
    ASSERT_TRUE(load());
    const auto facts = newest_version(*catalog.find("m"))->pool->stats().loading;
    EXPECT_EQ(facts.batch_rows, 4u);
    EXPECT_GT(facts.warm_up.count(), 0);
    EXPECT_EQ(facts.provider, "cpu");
    const auto text = description(facts, config);
    EXPECT_NE(text.find(" bytes on cpu, loaded in "), std::string::npos) << text;
    EXPECT_NE(text.find(", warmed up in "), std::string::npos) << text;
    EXPECT_NE(text.find(", runs of up to 4 rows (tested in "), std::string::npos) << text;
}

TEST_F(LoadModelsTest, SaysWhyAModelCannotJoinCalls)
{
    host.models[0].batch.max = 4;
    ASSERT_TRUE(load());
    const auto facts = newest_version(*catalog.find("m"))->pool->stats().loading;
    EXPECT_NE(description(facts, host.models[0]).find(", not more: input 'a' has the shape [3]"),
              std::string::npos);
}

TEST_F(LoadModelsTest, RefusesWhatDoesNotFitIntoTheMemoryOfAllModels)
{
    write("mlp.onnx", inference::tiny::to_bytes(inference::tiny::mlp()));
    host.memory_bytes = 1'000'000;
    host.models[0].files = {"mlp.onnx"};
    EXPECT_EQ(refusal(), "");
    host.models.push_back(host.models[0]);
    host.models[1].name = "n";
    EXPECT_NE(refusal().find("model n: "), std::string::npos);
    EXPECT_NE(refusal().find("of the 1000000 that models may hold, "), std::string::npos);
}

TEST_F(LoadModelsTest, AllowsHalfOfTheMachinesMemoryUnlessItIsTold)
{
    EXPECT_EQ(model_memory(host)->budget_bytes(), machine_memory_bytes() / 2);
    EXPECT_GT(machine_memory_bytes(), 1u << 20);
    host.memory_bytes = 7;
    EXPECT_EQ(model_memory(host)->budget_bytes(), 7u);
}

TEST_F(LoadModelsTest, FollowsAnAliasToTheVersionsInService)
{
    using Targets = std::vector<market::AliasTarget>;
    make_model();
    send(1, market::ModelAlias{model, "stable", {{{1}, 1}, {{2}, 9}}, "shift"});
    EXPECT_EQ(alias_targets(*store, model, "stable"), (Targets{{{2}, 9}, {{1}, 1}}));
    EXPECT_TRUE(alias_targets(*store, model, "none").empty());
    send(1, market::ModelAlias{model, "stable", {{{1}, 1}}, "back"});
    EXPECT_EQ(alias_targets(*store, model, "stable"), (Targets{{{1}, 1}}));
}

}  // namespace
}  // namespace node
