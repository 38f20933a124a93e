#include "node/serving/repository_routes.hpp"

#include "tests/unit/node/serving/serving_fixture.hpp"

#include <thread>

namespace node {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr const char* token = "0123456789abcdef";

struct RepositoryRoutes : ServingTest {
    ModelKeeper keeper{catalog, clock, std::chrono::seconds{300}};
    OperatorGate gate{ledger::SecretBytes::copy_of(ledger::as_bytes(token))};
    std::string config;  ///< as the last load had it
    float shift = 0;
    bool broken = false;
    JobThread jobs{8, std::chrono::milliseconds{10}, [this] { keeper.tick(); }};

    RepositoryRoutes()
    {
        parts.keeper = &keeper;
        parts.gate = &gate;
        parts.jobs = &jobs;
        parts.wanted = [this](const std::string& name,
                              std::string_view json) -> Result<WantedModel> {
            config = json;
            if (name != "m") return Error{ErrorKind::not_found, "unknown model: " + name};
            return wanted();
        };
    }
    ~RepositoryRoutes() override { jobs.stop(); }

    WantedModel wanted(std::chrono::seconds idle = std::chrono::seconds{0})
    {
        return {"m",
                [this](const ServedModel*) -> Result<ServedModel> {
                    if (broken) return Error{ErrorKind::invalid, "/home/op/m.onnx is broken"};
                    ServedModel made{"m", {}, {}};
                    made.versions.emplace(market::Version{1}, version(1, shifted_sum(shift)));
                    return made;
                },
                idle};
    }
    Answer change(const std::string& what, const std::string& body = {},
                  FakeExchange::Headers headers = {
                      {"Authorization", std::string{"Bearer "} + token}})
    {
        return ask("POST", "/v2/repository/models/" + what, body, std::move(headers));
    }
    json index(const std::string& body = {}, FakeExchange::Headers headers = {})
    {
        return ask("POST", "/v2/repository/index", body, std::move(headers)).body;
    }
};

TEST_F(RepositoryRoutes, LoadSwapAndUnloadForTheOperator)
{
    EXPECT_EQ(infer(sum_request(), "m").status, 404u);
    auto answer = change("m/load");
    EXPECT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.text, "");
    EXPECT_EQ(infer(sum_request(), "m").body["outputs"][0]["data"][0], 11);
    shift = 100;
    EXPECT_EQ(change("m/load", R"({"parameters":{"config":"{\"queue\":3}"}})").status, 200u);
    EXPECT_EQ(config, R"({"queue":3})");
    EXPECT_EQ(infer(sum_request(), "m").body["outputs"][0]["data"][0], 111);
    EXPECT_EQ(change("m/unload", R"({"parameters":{"unload_dependents":true}})").status, 200u);
    EXPECT_EQ(infer(sum_request(), "m").status, 404u);
    EXPECT_EQ(change("n/load").status, 404u);
    EXPECT_EQ(change("n/unload").status, 404u);
}

TEST_F(RepositoryRoutes, RefuseStrangersBeforeTheyReadABody)
{
    for (const auto* what : {"m/load", "m/unload"}) {
        const auto nobody = change(what, "{}", {});
        EXPECT_EQ(nobody.status, 401u);
        EXPECT_EQ(nobody.authenticate, "Bearer");
        EXPECT_FALSE(nobody.body_was_read);
        for (const auto* header :
             {"Bearer", "Bearer ", "Bearer 0123456789abcdeX", "Bearer 0123456789abcde",
              "Bearer 0123456789abcdef0", "Basic 0123456789abcdef", "0123456789abcdef"}) {
            const auto wrong = change(what, "{}", {{"Authorization", header}});
            EXPECT_EQ(wrong.status, 403u) << header;
            EXPECT_FALSE(wrong.body_was_read);
            EXPECT_TRUE(wrong.body["error"].is_string());
        }
        const std::string good = std::string{"Bearer "} + token;
        EXPECT_EQ(change(what, "{}", {{"Authorization", good}, {"Authorization", good}}).status,
                  403u);
    }
    EXPECT_FALSE(catalog.find("m"));
    EXPECT_EQ(change("m/load", {}, {{"Authorization", std::string{"bearer  "} + token}}).status,
              200u)
        << "the scheme's case does not matter";
}

TEST_F(RepositoryRoutes, RefuseEverybodyWhereThereIsNoOperator)
{
    parts.gate = nullptr;
    EXPECT_EQ(change("m/load").status, 403u);
    EXPECT_EQ(change("m/unload").status, 403u);
}

TEST_F(RepositoryRoutes, SayWhatIsWrongWithAChange)
{
    for (const auto* body :
         {"[]", "{", R"({"parameters":[]})", R"({"parameters":{"config":{}}})",
          R"({"parameters":{"config":""}})", R"({"parameters":{"colour":"red"}})"})
        EXPECT_EQ(change("m/load", body).status, 400u) << body;
    const auto file = change("m/load", R"({"parameters":{"file:1/model.onnx":"AAAA"}})");
    EXPECT_EQ(file.status, 501u);
    EXPECT_NE(file.text.find("home"), std::string::npos);
    for (const auto* body :
         {"[]", R"({"parameters":{"unload_dependents":1}})", R"({"parameters":{"other":true}})"})
        EXPECT_EQ(change("m/unload", body).status, 400u) << body;
    EXPECT_EQ(change("m/load", std::string(300'000, ' ')).status, 413u);
    broken = true;
    const auto refused = change("m/load");
    EXPECT_EQ(refused.status, 400u);
    EXPECT_NE(refused.text.find("is broken"), std::string::npos);
}

TEST_F(RepositoryRoutes, KeepServingWhatASuccessorThatFailsWasToReplace)
{
    ASSERT_EQ(change("m/load").status, 200u);
    broken = true;
    EXPECT_EQ(change("m/load").status, 400u);
    EXPECT_EQ(infer(sum_request(), "m").status, 200u);
    EXPECT_EQ(index()[0], (json{{"name", "m"},
                                {"version", "1"},
                                {"state", "READY"},
                                {"reason", "the last load failed"}}));
    const FakeExchange::Headers own{{"Authorization", std::string{"Bearer "} + token}};
    EXPECT_EQ(index({}, own)[0]["reason"], "/home/op/m.onnx is broken")
        << "paths of the machine are the operator's to see";
}

TEST_F(RepositoryRoutes, ListModelsWithTheirStates)
{
    EXPECT_EQ(index(), json::array());
    ASSERT_EQ(change("m/load").status, 200u);
    EXPECT_EQ(index("{}")[0],
              (json{{"name", "m"}, {"version", "1"}, {"state", "READY"}, {"reason", ""}}));
    ASSERT_EQ(change("m/unload").status, 200u);
    EXPECT_EQ(index()[0], (json{{"name", "m"}, {"state", "UNAVAILABLE"}, {"reason", "unloaded"}}));
    EXPECT_EQ(index(R"({"ready":true})"), json::array());
    EXPECT_EQ(index(R"({"ready":false})").size(), 1u);
    for (const auto* body : {"[]", "x", R"({"ready":1})"})
        EXPECT_EQ(ask("POST", "/v2/repository/index", body).status, 400u) << body;
    ServedModel loading{"m", {}, {}};
    loading.state = ModelState::loading;
    add(std::move(loading));
    EXPECT_EQ(index()[0]["state"], "LOADING");
    ServedModel leaving{"m", {}, {}};
    leaving.state = ModelState::unloaded;
    leaving.leaving.emplace(market::Version{2}, version(2, shifted_sum(0)));
    add(std::move(leaving));
    EXPECT_EQ(index()[0]["state"], "UNLOADING");
    EXPECT_EQ(index()[0]["version"], "2");
}

TEST_F(RepositoryRoutes, LoadAnIdleModelForTheNextCall)
{
    ASSERT_TRUE(keeper.load(wanted(std::chrono::seconds{1})));
    const auto fall_asleep = [this] {
        const auto late = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (catalog.find("m")->state != ModelState::idle) {
            ASSERT_LT(std::chrono::steady_clock::now(), late);
            std::this_thread::yield();
        }
    };
    fall_asleep();
    EXPECT_EQ(index()[0]["reason"], "idle: the next call loads it");
    EXPECT_EQ(ask("GET", "/v2/models/m/ready").body["ready"], true) << "a call would be answered";
    EXPECT_EQ(ask("GET", "/v2/models/m/stats").body["model_stats"], json::array());
    EXPECT_EQ(catalog.find("m")->state, ModelState::idle) << "who watches does not wake";
    EXPECT_EQ(infer(sum_request(), "m").status, 200u);
    fall_asleep();
    broken = true;
    const auto refused = infer(sum_request(), "m");
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.retry_after, "1");
}

TEST_F(RepositoryRoutes, TellACallToComeAgainWhenAModelLoadsTooLong)
{
    limits.load_wait = std::chrono::milliseconds{30};
    ServedModel loading{"m", {}, {}};
    loading.state = ModelState::loading;
    add(std::move(loading));
    const auto refused = infer(sum_request(), "m");
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.retry_after, "1");
    EXPECT_FALSE(refused.body_was_read);
}

}  // namespace
}  // namespace node
