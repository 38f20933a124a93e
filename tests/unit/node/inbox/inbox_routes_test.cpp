#include "tests/unit/node/inbox/inbox_fixture.hpp"

namespace node {
namespace {

TEST_F(InboxTest, ABatchThatADeviceSignedIsTakenOnceAndWaits)
{
    const auto batch = batch_named("one");
    const auto first = bring(statement(batch, 1), manifest(batch));
    EXPECT_EQ(first.status, 201u) << first.text;
    EXPECT_EQ(first.body["state"], "waiting");
    const auto again = bring(statement(batch, 1), manifest(batch));
    EXPECT_EQ(again.status, 200u);
    EXPECT_EQ(again.body["state"], "waiting");
    ASSERT_EQ(items().size(), 1u);
    const auto item = items()[0];
    EXPECT_EQ(message(item).device, test_account(4));
    EXPECT_EQ(item["complete"], false);
    EXPECT_EQ(counts.received, 1u);
    EXPECT_EQ(counts.refused, 0u);
}

TEST_F(InboxTest, TheBytesAreTakenFromAnybodyAndHeldForTheOperator)
{
    const auto batch = batch_named("one");
    const auto target = "/v1/batches/" + to_hex0x(batch.summary.root.view());
    EXPECT_EQ(ask_inbox("PUT", target, manifest(batch).dump()).status, 401u);
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    auto other = manifest(batch);
    other["wraps"][0]["to"] = "0x" + std::string(64, '8');
    EXPECT_EQ(ask_inbox("PUT", target, other.dump()).status, 422u) << "a stranger's manifest";
    put_bytes(batch);
    EXPECT_EQ(items()[0]["complete"], true);
    const auto info = batches.info(batch.summary.root);
    EXPECT_EQ(info->holders, std::vector<std::string>{operator_holder});
}

TEST_F(InboxTest, WhatIsOnTheLedgerWaitsNoLongerAndIsNotTakenAgain)
{
    const auto batch = batch_named("one");
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    put_bytes(batch);
    send(3, message(items()[0]));
    EXPECT_TRUE(items().empty());
    EXPECT_EQ(inbox->size(), 0u);
    const auto again = bring(statement(batch, 1), manifest(batch));
    EXPECT_EQ(again.status, 200u) << again.text;
    EXPECT_EQ(again.body["state"], "contributed");
    open();
    EXPECT_TRUE(items().empty());
}

TEST_F(InboxTest, WhatTheLedgerWouldRefuseIsRefusedWithItsReason)
{
    const auto batch = batch_named("one");
    const auto refused = [&](const json& said, unsigned status, const std::string& code) {
        const auto answer = bring(said, manifest(batch));
        EXPECT_EQ(answer.status, status) << answer.text;
        EXPECT_EQ(answer.code(), code) << answer.text;
    };
    refused(statement(batch, 1, 5), 422, "unknown_device");
    refused(statement(batch, 0), 422, "malformed_batch");
    refused(statement(batch, 1, 4, 0), 422, "no_shares");
    refused(statement(batch, 1, 4, batch.summary.bytes), 422, "shares_above_the_bytes");
    auto said = statement(batch, 1);
    said["shares"] = "101";
    refused(said, 422, "invalid");
    said = statement(batch, 1);
    said["network"] = "0x" + std::string(64, '1');
    refused(said, 422, "invalid");
    said = statement(batch, 1);
    said["root"] = "0x" + std::string(64, '1');
    refused(said, 422, "invalid");
    send(2, market::DeviceRevoke{dataset, test_account(4)});
    refused(statement(batch, 1), 422, "device_revoked");
    EXPECT_EQ(counts.refused, 8u);
    EXPECT_TRUE(items().empty());
}

TEST_F(InboxTest, ADaysSharesAreCountedWhenABatchIsPutOnTheLedger)
{
    const auto one = batch_named("one"), two = batch_named("two");
    market::DeviceEnroll small;
    small.dataset = dataset;
    small.device = test_account(5);
    small.contributor = test_account(3);
    small.daily_shares = 150;
    send(2, small);
    ASSERT_EQ(bring(statement(one, 1, 5), manifest(one)).status, 201u);
    send(3, message(items()[0]));
    EXPECT_EQ(bring(statement(two, 2, 5), manifest(two)).status, 201u) << "there is another day";
    EXPECT_EQ(
        bring(statement(batch_named("three"), 3, 5, 151), manifest(batch_named("three"))).code(),
        "shares_above_the_quota");
}

TEST_F(InboxTest, WhatCameToTheLedgerByAnotherWayIsTakenUntilAllOfItIsHere)
{
    const auto batch = batch_named("one");
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    send(3, message(items()[0]));
    EXPECT_TRUE(items().empty()) << "there is nothing to contribute";
    EXPECT_EQ(bring(statement(batch, 1), manifest(batch)).body["state"], "waiting");
    put_bytes(batch);
    EXPECT_EQ(bring(statement(batch, 1), manifest(batch)).body["state"], "contributed");
    items();
    EXPECT_EQ(inbox->size(), 0u);
}

TEST_F(InboxTest, WhatCanNeverBeContributedIsForgotten)
{
    const auto one = batch_named("one"), two = batch_named("two");
    ASSERT_EQ(bring(statement(one, 1), manifest(one)).status, 201u);
    ASSERT_EQ(bring(statement(two, 2), manifest(two)).status, 201u);
    send(2, market::DeviceRevoke{dataset, test_account(4)});
    EXPECT_TRUE(items().empty());
    EXPECT_EQ(inbox->size(), 0u);
}

TEST_F(InboxTest, AContributorWhoHasNothingNowMayHaveSomethingLater)
{
    const auto batch = batch_named("one");
    const std::string has = read("/v1/accounts/" + to_checksum(test_account(3)))["balance"];
    const auto left = Amount::micros(std::stoull(has));
    send(3, market::Transfer{test_account(2), *left.minus(network.params().min_fee)});
    EXPECT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
}

TEST_F(InboxTest, WhoReplaysAContributionWithAnotherManifestDoesNotKeepTheDeviceOut)
{
    const auto batch = batch_named("one");
    auto other = manifest(batch);
    other["wraps"][0]["to"] = "0x" + std::string(64, '8');
    ASSERT_EQ(bring(statement(batch, 1), other).status, 201u);
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    put_bytes(batch);
    EXPECT_EQ(bring(statement(batch, 1), other).code(), "batch_used");
    EXPECT_EQ(bring(statement(batch, 1), manifest(batch)).body["state"], "waiting");
}

TEST_F(InboxTest, NumbersAndRootsOfOneWaitOnlyOnce)
{
    const auto one = batch_named("one"), two = batch_named("two");
    ASSERT_EQ(bring(statement(one, 1), manifest(one)).status, 201u);
    EXPECT_EQ(bring(statement(two, 1), manifest(two)).code(), "batch_used");
    EXPECT_EQ(bring(statement(one, 2), manifest(one)).code(), "batch_used");
}

TEST_F(InboxTest, ThereIsABoundOnWhatWaits)
{
    open({2, 1});
    const auto one = batch_named("one"), two = batch_named("two");
    ASSERT_EQ(bring(statement(one, 1), manifest(one)).status, 201u);
    EXPECT_EQ(bring(statement(two, 2), manifest(two)).status, 507u) << "one of a device";
    const auto gone = ask_inbox("DELETE", path + "/" + to_checksum(test_account(4)) + "/1");
    EXPECT_EQ(gone.status, 401u);
    EXPECT_EQ(
        ask_inbox("DELETE", path + "/" + to_checksum(test_account(4)) + "/1", "", true).status,
        200u);
    EXPECT_EQ(
        ask_inbox("DELETE", path + "/" + to_checksum(test_account(4)) + "/1", "", true).status,
        404u);
    EXPECT_EQ(bring(statement(two, 2), manifest(two)).status, 201u);
}

TEST_F(InboxTest, TheListComesInPages)
{
    std::vector<json> all;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        const auto batch = batch_named("batch" + std::to_string(i));
        ASSERT_EQ(bring(statement(batch, i), manifest(batch)).status, 201u);
    }
    std::string next;
    std::vector<std::uint64_t> numbers;
    for (int page = 0; page < 4; ++page) {
        const auto answer =
            ask_inbox("GET", path + "?limit=2" + (next.empty() ? "" : "&after=" + next));
        ASSERT_EQ(answer.status, 200u) << answer.text;
        for (const auto& item : answer.body["items"]) numbers.push_back(message(item).batch);
        if (answer.body["next"].is_null()) break;
        next = answer.body["next"];
    }
    EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(ask_inbox("GET", path + "?after=0x12").status, 400u);
}

TEST_F(InboxTest, WhatIsNoContributionIsRefusedBeforeAnythingElse)
{
    const auto code = [&](const std::string& body) {
        const auto answer = ask_inbox("POST", path, body);
        EXPECT_EQ(answer.status, 400u) << answer.text;
        return answer.code();
    };
    const auto batch = batch_named("one");
    EXPECT_EQ(code(""), "malformed");
    EXPECT_EQ(code("[]"), "malformed");
    EXPECT_EQ(code("{\"contribution\": {}}"), "malformed");
    EXPECT_EQ(bring(json::object(), manifest(batch)).code(), "invalid");
    EXPECT_EQ(bring(statement(batch, 1), json::object()).code(), "invalid");
    EXPECT_EQ(bring(statement(batch, 1), manifest(batch_named("two"))).code(), "invalid");
    EXPECT_EQ(ask_inbox("POST", path, std::string(200'000, ' ')).status, 413u);
    const auto other = "/v1/datasets/0x" + std::string(64, '5') + "/inbox";
    EXPECT_EQ(ask_inbox("GET", other).code(), "no_inbox");
    EXPECT_EQ(ask_inbox("POST", other, "{}").code(), "no_inbox");
}

}  // namespace
}  // namespace node
