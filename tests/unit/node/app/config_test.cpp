#include "node/app/config.hpp"

#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

struct ConfigTest : testing::Test {
    ledger::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "config.json";

    void write(std::string_view text) { ASSERT_TRUE(write_file(file, ledger::as_bytes(text))); }
    std::string refusal(const Overrides& overrides = {}) const
    {
        const auto config = load_config(file, overrides);
        return config ? "" : config.error().detail;
    }
};

TEST_F(ConfigTest, HasDefaultsWithoutAFile)
{
    const auto config = load_config(file, {});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->http.address, "127.0.0.1");
    EXPECT_EQ(config->http.port, 8700);
    EXPECT_EQ(config->claims.every_s, 600u);
    EXPECT_TRUE(config->host.models.empty());
}

TEST_F(ConfigTest, ReadsBackWhatItShows)
{
    write(config_json(Config{}));
    const auto config = load_config(file, {});
    ASSERT_TRUE(config);
    EXPECT_EQ(config_json(*config), config_json(Config{}));
}

TEST_F(ConfigTest, KeepsDefaultsOfWhatTheFileLeavesOut)
{
    write(R"({"http":{"port":9000},"host":{"models":[{"name":"m","files":["m.onnx"]}]}})");
    const auto config = load_config(file, {});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->http.port, 9000);
    EXPECT_EQ(config->http.address, "127.0.0.1");
    ASSERT_EQ(config->host.models.size(), 1u);
    EXPECT_EQ(config->host.models[0].queue, 64u);
}

TEST_F(ConfigTest, ReadsHowAModelIsRun)
{
    write(R"({"host":{"memoryBytes":5000,"models":[{"name":"m","files":["m.onnx"],"warmup":2,)"
          R"("batch":{"max":8,"preferred":[4,8],"delayUs":200},"priorities":3,)"
          R"("defaultPriority":2,"maxAgeMs":50,"providers":["cuda","cpu"]}]}})");
    const auto config = load_config(file, {});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->host.memory_bytes, 5000u);
    const auto& model = config->host.models[0];
    EXPECT_EQ(model.batch.max, 8u);
    EXPECT_EQ(model.batch.preferred, (std::vector<std::uint32_t>{4, 8}));
    EXPECT_EQ(model.batch.delay_us, 200u);
    EXPECT_EQ(model.default_priority, 2u);
    EXPECT_EQ(model.providers, (std::vector<std::string>{"cuda", "cpu"}));
}

TEST_F(ConfigTest, BoundsHowAModelIsRun)
{
    const auto refused = [&](const std::string& members) {
        write(R"({"host":{"models":[{"name":"m","files":["m.onnx"],)" + members + "}]}}");
        return refusal();
    };
    const std::string in_m = "configuration: host.models: m: ";
    EXPECT_EQ(refused(R"("batch":{"max":0})"), in_m + "batch.max is 1 to 1024");
    EXPECT_EQ(refused(R"("batch":{"max":1025})"), in_m + "batch.max is 1 to 1024");
    EXPECT_EQ(refused(R"("batch":{"max":8,"preferred":[9]})"),
              in_m + "batch.preferred are sizes from 2 to batch.max");
    EXPECT_EQ(refused(R"("batch":{"max":8,"preferred":[1]})"),
              in_m + "batch.preferred are sizes from 2 to batch.max");
    EXPECT_EQ(refused(R"("batch":{"delayUs":1000001})"), in_m + "batch.delayUs is at most 1000000");
    EXPECT_EQ(refused(R"("priorities":17)"), in_m +
                                                 "1 to 16 priorities, and the default is one of "
                                                 "them");
    EXPECT_EQ(refused(R"("priorities":2,"defaultPriority":3)"),
              in_m + "1 to 16 priorities, and the default is one of them");
    EXPECT_EQ(refused(R"("warmup":1001)"), in_m + "warmup is at most 1000 runs");
    EXPECT_EQ(refused(R"("maxAgeMs":3600001)"), in_m + "maxAgeMs is at most 3600000");
    EXPECT_EQ(refused(R"("providers":[])"), in_m + "providers names 1 to 4");
    EXPECT_EQ(refused(R"("providers":["tpu"])"), in_m + "a provider is cpu or cuda");
}

TEST_F(ConfigTest, LetsALaterOverrideWinOverAnEarlierAndOverTheFile)
{
    write(R"({"http":{"port":9000}})");
    EXPECT_EQ(load_config(file, {{"http.port", "9001"}})->http.port, 9001);
    EXPECT_EQ(load_config(file, {{"http.port", "9001"}, {"http.port", "9002"}})->http.port, 9002);
}

TEST_F(ConfigTest, BoundsWhatHttpAndModelsMayTake)
{
    const auto refused = [&](const Overrides& overrides, std::string_view member) {
        EXPECT_NE(refusal(overrides).find(member), std::string::npos) << refusal(overrides);
    };
    refused({{"http.connections", "15"}}, "http.connections");
    refused({{"http.connections", "1000001"}}, "http.connections");
    refused({{"http.connections", "20"}, {"http.connectionsPerAddress", "21"}},
            "http.connectionsPerAddress");
    refused({{"http.connectionsPerAddress", "0"}}, "http.connectionsPerAddress");
    refused({{"http.drainMs", "600001"}}, "http.drainMs");
    write(R"({"host":{"operators":["Gemm",""]}})");
    refused({}, "host.operators");
    write(R"({"host":{"operators":["Gemm","ai.onnx.ml.Scaler"]}})");
    EXPECT_EQ(load_config(file, {})->host.operators.size(), 2u);
}

TEST_F(ConfigTest, SetsMembersOfEveryKind)
{
    const auto config = load_config(file, {{"claims.cap", "5"},
                                           {"payment.signOffers", "false"},
                                           {"log.format", "json"},
                                           {"ledger.archive", "true"},
                                           {"peers.listen", "false"},
                                           {"consensus.sync", "snapshot"}});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->claims.cap, market::Amount::micros(5));
    EXPECT_FALSE(config->payment.sign_offers);
    EXPECT_EQ(config->log.format, "json");
    EXPECT_TRUE(config->ledger.archive);
    EXPECT_FALSE(config->peers.listen);
    EXPECT_EQ(config->consensus.sync, "snapshot");
}

TEST_F(ConfigTest, OpensTheFacilitatorOnlyWhenTold)
{
    EXPECT_FALSE(load_config(file, {})->facilitator.open);
    const auto config =
        load_config(file, {{"facilitator.open", "true"}, {"facilitator.feesPerDay", "5"}});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_TRUE(config->facilitator.open);
    EXPECT_EQ(config->facilitator.fees_per_day, market::Amount::micros(5));
    EXPECT_EQ(refusal({{"facilitator.requestsPerMinute", "0"}}),
              "configuration: facilitator.requestsPerMinute is 1 to 1000000");
}

TEST_F(ConfigTest, KeepsBatchesOfTheOperatorAloneUnlessTold)
{
    EXPECT_FALSE(load_config(file, {})->blobs.open);
    const auto config =
        load_config(file, {{"blobs.open", "true"}, {"blobs.quotaBytes", "1048576"}});
    ASSERT_TRUE(config);
    EXPECT_TRUE(config->blobs.open);
    EXPECT_EQ(config->blobs.quota_bytes, 1u << 20);
    EXPECT_EQ(refusal({{"blobs.quotaBytes", "5"}}),
              "configuration: blobs.quotaBytes is 1048576 to 1125899906842624");
    EXPECT_EQ(refusal({{"blobs.fetchBytesPerS", "1"}}),
              "configuration: blobs: a rate is 0, for none, or 1024 to 1099511627776");
    EXPECT_EQ(refusal({{"blobs.dir", ""}}), "configuration: blobs.dir is the name of a folder");
}

TEST_F(ConfigTest, RestsFromASecondToAWeekBetweenRoundsOfTheScrub)
{
    EXPECT_EQ(load_config(file, {})->blobs.scrub_rest_s, 60u);
    EXPECT_EQ(load_config(file, {{"blobs.scrubRestS", "1"}})->blobs.scrub_rest_s, 1u);
    EXPECT_EQ(load_config(file, {{"blobs.scrubRestS", "604800"}})->blobs.scrub_rest_s, 604'800u);
    EXPECT_EQ(refusal({{"blobs.scrubRestS", "0"}}),
              "configuration: blobs.scrubRestS is 1 to 604800");
    EXPECT_EQ(refusal({{"blobs.scrubRestS", "604801"}}),
              "configuration: blobs.scrubRestS is 1 to 604800");
}

TEST_F(ConfigTest, SaysWhatItKeepsOnlyWhereOthersCanFetchIt)
{
    const auto usual = load_config(file, {})->blobs;
    EXPECT_EQ(usual.copies, 0u);
    EXPECT_FALSE(usual.mirror);
    EXPECT_EQ(usual.announce_s, 7'200u);
    const std::string wants_url =
        "configuration: blobs.mirror and blobs.copies want blobs.url or http.publicUrl to be "
        "http(s)://HOST[:PORT]";
    EXPECT_EQ(refusal({{"blobs.mirror", "true"}}), wants_url);
    EXPECT_EQ(refusal({{"blobs.copies", "2"}}), wants_url);
    EXPECT_EQ(refusal({{"blobs.copies", "2"}, {"http.publicUrl", "https://a.example/base"}}),
              wants_url);
    const auto config = load_config(
        file, {{"blobs.mirror", "true"}, {"blobs.copies", "16"}, {"blobs.url", "http://a:1"}});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->blobs.url_or("https://b.example"), "http://a:1");
    EXPECT_EQ(usual.url_or("https://b.example"), "https://b.example");
    EXPECT_EQ(refusal({{"blobs.copies", "17"}, {"blobs.url", "http://a:1"}}),
              "configuration: blobs.copies is 0 to 16");
    EXPECT_EQ(refusal({{"blobs.url", "a:1"}}),
              "configuration: blobs.url is http(s)://HOST[:PORT], at most 128 bytes");
    EXPECT_EQ(refusal({{"blobs.announceS", "9"}}), "configuration: blobs.announceS is 10 to 7200");
    EXPECT_EQ(refusal({{"blobs.announceS", "7201"}}),
              "configuration: blobs.announceS is 10 to 7200");
}

TEST_F(ConfigTest, KeepsChunksOnTheDiskUnlessABucketIsNamed)
{
    EXPECT_TRUE(load_config(file, {})->blobs.bucket.url.empty());
    std::string name{"MILLRACE_BLOBS_BUCKET_NAME=sealed"},
        key{"MILLRACE_BLOBS_BUCKET_ACCESS_KEY=AK"};
    char* environment[] = {name.data(), key.data(), nullptr};
    auto overrides = overrides_from_environment(environment);
    overrides.emplace_back("blobs.bucket.url", "https://s3.example.com");
    overrides.emplace_back("blobs.bucket.pathStyle", "false");
    const auto config = load_config(file, overrides);
    ASSERT_TRUE(config) << config.error().detail;
    const auto& bucket = config->blobs.bucket;
    EXPECT_EQ(bucket.name, "sealed");
    EXPECT_EQ(bucket.access_key, "AK");
    EXPECT_EQ(bucket.secret_file, "keys/bucket.secret");
    EXPECT_FALSE(bucket.path_style);
    EXPECT_EQ(refusal({{"blobs.bucket.url", "https://s3.example.com"}}),
              "configuration: blobs.bucket.name is missing");
    const auto with = [&](const std::string& path, const std::string& value) {
        auto all = overrides;
        all.emplace_back(path, value);
        return refusal(all);
    };
    EXPECT_EQ(with("blobs.bucket.region", "eu/1"),
              "configuration: blobs.bucket.region is a word without a slash");
    EXPECT_EQ(with("blobs.bucket.accessKey", "a,b"),
              "configuration: blobs.bucket.accessKey is the id of a key, at most 128 bytes");
    EXPECT_EQ(with("blobs.bucket.secretFile", ""),
              "configuration: blobs.bucket.secretFile is the name of a file");
}

TEST_F(ConfigTest, HasABoardUnlessToldOtherwise)
{
    const auto usual = load_config(file, {})->board;
    EXPECT_TRUE(usual.enabled);
    EXPECT_EQ(usual.bytes, std::uint64_t{64} << 20);
    EXPECT_EQ(usual.batch_bytes, std::uint64_t{4} << 30);
    const auto config = load_config(
        file, {{"board.enabled", "false"}, {"board.bytes", "1048576"}, {"board.batchBytes", "0"}});
    ASSERT_TRUE(config);
    EXPECT_FALSE(config->board.enabled);
    EXPECT_EQ(config->board.bytes, 1u << 20);
    EXPECT_EQ(config->board.batch_bytes, 0u);
    EXPECT_EQ(refusal({{"board.bytes", "1048575"}}),
              "configuration: board.bytes is 1048576 to 1099511627776");
    EXPECT_EQ(refusal({{"board.batchBytes", "1125899906842625"}}),
              "configuration: board.batchBytes is at most 1125899906842624");
}

TEST_F(ConfigTest, BoundsWhatIsKeptOfBlocksAndSnapshots)
{
    EXPECT_EQ(load_config(file, {{"ledger.keepBlocks", "128"}})->ledger.keep_blocks, 128u);
    EXPECT_EQ(refusal({{"ledger.keepBlocks", "127"}}),
              "configuration: ledger.keepBlocks is 0 or at least 128");
    EXPECT_EQ(refusal({{"snapshots.keep", "0"}}), "configuration: snapshots.keep is 1 to 16");
    EXPECT_NE(refusal({{"snapshots.peerBytesPerS", "1023"}}).find("peerBytesPerS"),
              std::string::npos);
    EXPECT_EQ(load_config(file, {{"snapshots.everyBlocks", "0"}})->snapshots.every_blocks, 0u);
}

TEST_F(ConfigTest, BoundsHowVersionsAreChosenAndWhatCallersMayAsk)
{
    const auto of_model = [&](const std::string& members) {
        write(R"({"host":{"models":[{"name":"m","files":["f"],)" + members + "}]}}");
        return refusal();
    };
    EXPECT_EQ(of_model(R"("versions":{"latest":2},"canary":[{"version":1,"weight":9}])"), "");
    EXPECT_EQ(of_model(R"("shadow":{"version":2,"percent":100},"cache":true,"idleS":60)"), "");
    EXPECT_EQ(of_model(R"("model":"0x1","free":{"calls":20},)"
                       R"("subscription":{"calls":1000,"price":"5000000"})"),
              "");
    const std::pair<const char*, const char*> bad[] = {
        {R"("versions":{"latest":2,"only":[1]})", "not both"},
        {R"("canary":[{"version":1,"weight":0}])", "weight of 1"},
        {R"("canary":[{"version":0,"weight":1}])", "canary"},
        {R"("canary":[{"version":1,"weight":1},{"version":1,"weight":2}])", "once"},
        {R"("model":"0x1","canary":[{"version":1,"weight":1}])", "weights of its alias"},
        {R"("shadow":{"version":2,"percent":101})", "percent"},
        {R"("idleS":31536001)", "idleS"},
        {R"("free":{"calls":1})", "has a price"},
        {R"("model":"0x1","free":{"calls":1000000001})", "free.calls"},
        {R"("model":"0x1","free":{"calls":1,"periodS":0})", "free.periodS"},
        {R"("model":"0x1","subscription":{"calls":9})", "subscription.price"},
        {R"("model":"0x1","subscription":{"calls":9,"price":"1","periodS":31536001})",
         "subscription.periodS"},
    };
    for (const auto& [members, part] : bad)
        EXPECT_NE(of_model(members).find(part), std::string::npos) << members;
    write("{}");
    EXPECT_EQ(load_config(file, {{"host.limits.free.perSecond", "5"}})->host.limits.free.per_second,
              5u);
    for (const auto& [name, value] : Overrides{{"host.limits.paid.perSecond", "1000001"},
                                               {"host.limits.free.quotaS", "0"},
                                               {"host.limits.callers", "2047"},
                                               {"host.loadWaitMs", "600001"},
                                               {"host.runMs", "0"},
                                               {"host.runMs", "480001"}})
        EXPECT_NE(refusal({{name, value}}), "") << name;
}

TEST_F(ConfigTest, ReadsTheEnvironmentAndLeavesStrangersAlone)
{
    std::string port = "MILLRACE_HTTP_PORT=9100", url = "MILLRACE_HTTP_PUBLIC_URL=http://x=y",
                home = "MILLRACE_NODE_HOME=/nowhere", other = "PATH=/bin", bare = "MILLRACE";
    char* environment[] = {url.data(),  other.data(), home.data(),
                           port.data(), bare.data(),  nullptr};
    const auto found = overrides_from_environment(environment);
    EXPECT_EQ(found, (Overrides{{"http.port", "9100"}, {"http.publicUrl", "http://x=y"}}));
    char* nothing[] = {nullptr};
    EXPECT_TRUE(overrides_from_environment(nothing).empty());
}

TEST_F(ConfigTest, NamesTheMemberItDoesNotKnow)
{
    EXPECT_NE(refusal({{"http.prot", "1"}}).find("http.prot"), std::string::npos);
    EXPECT_NE(refusal({{"", "1"}}), "");
    EXPECT_NE(refusal({{"http", "1"}}), "");
    EXPECT_NE(refusal({{"http.port.more", "1"}}), "");
    EXPECT_NE(refusal({{"host.models", "[]"}}).find("host.models"), std::string::npos);
    write(R"({"http":{"prot":1}})");
    EXPECT_NE(refusal().find("prot"), std::string::npos);
    write(R"({"host":{"models":[{"name":"m","files":["f"],"path":"x"}]}})");
    EXPECT_NE(refusal().find("path"), std::string::npos);
}

TEST_F(ConfigTest, NamesTheMemberWithABadValue)
{
    const std::pair<const char*, const char*> bad[] = {
        {"http.port", "65536"},
        {"http.port", "x"},
        {"http.port", "-1"},
        {"http.port", ""},
        {"http.threads", "65"},
        {"log.level", "loud"},
        {"log.format", "xml"},
        {"payment.signOffers", "1"},
        {"payment.withdrawDelayS", "899"},
        {"payment.maxTimeoutS", "0"},
        {"claims.cap", "1.5"},
        {"peers.address", "host"},
        {"peers.port", "65536"},
        {"peers.inbound", "4097"},
        {"peers.fullOutbound", "4097"},
        {"consensus.t0Ms", "9"},
        {"consensus.t0Ms", "60001"},
        {"consensus.tMaxMs", "999"},
        {"consensus.tMaxMs", "3600001"},
        {"consensus.skipMs", "99"},
        {"consensus.skipMs", "3600001"},
        {"consensus.sync", "faith"},
    };
    for (const auto& [name, value] : bad) {
        const auto said = refusal({{name, value}});
        const auto member = std::string{name}.substr(std::string{name}.find('.') + 1);
        EXPECT_NE(said.find(member), std::string::npos) << name << "=" << value << ": " << said;
    }
}

TEST_F(ConfigTest, RefusesAServerForAModelThatMakesNoSense)
{
    const auto model = [](const std::string& backend) {
        return R"({"host":{"models":[{"name":"m","backend":{)" + backend + "}}]}}";
    };
    write(model(R"("kind":"oip","url":"http://x")"));
    EXPECT_EQ(refusal(), "");
    const std::pair<const char*, const char*> bad[]{
        {R"("kind":"telepathy","url":"http://x")", "backend.kind"},
        {R"("kind":"oip")", "backend.url"},
        {R"("kind":"oip","url":"http://x","credentialFile":"a","credentialEnv":"B")", "both"},
        {R"("kind":"oip","url":"http://x","connections":0)", "backend.connections"},
        {R"("kind":"oip","url":"http://x","answerBytes":1)", "backend.answerBytes"},
        {R"("kind":"oip","url":"http://x","probeMs":1)", "backend.probeMs"}};
    for (const auto& [backend, part] : bad) {
        write(model(backend));
        EXPECT_NE(refusal().find(part), std::string::npos) << backend;
    }
    write(
        R"({"host":{"models":[{"name":"m","cache":true,"backend":{"kind":"oip","url":"http://x"}}]}})");
    EXPECT_NE(refusal().find("cache"), std::string::npos) << "nobody sees it change";
}

TEST_F(ConfigTest, RefusesFilesThatAreNoConfiguration)
{
    for (const auto* text :
         {"", "{", "[]", "5", R"({"http":{"port":1,"port":2}})",
          R"({"host":{"models":[{"name":"m"}]}})",
          R"({"host":{"models":[{"name":"stats","files":["f"]}]}})",
          R"({"peers":{"fixed":["somebody"]}})", R"({"peers":{"advertised":["somewhere"]}})",
          R"({"host":{"models":[{"name":"","files":["f"]}]}})"}) {
        write(text);
        EXPECT_NE(refusal(), "") << text;
    }
    write(std::string(1'000, '['));
    EXPECT_NE(refusal(), "");
    write(std::string((1 << 20) + 1, ' '));
    EXPECT_NE(refusal(), "");
}

}  // namespace
}  // namespace node
