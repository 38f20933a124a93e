#include "ledger/crypto/sha256.hpp"
#include "node/blobs/batch_routes.hpp"
#include "node/inbox/inbox_routes.hpp"
#include "tests/support/data_world.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/payment_world.hpp"
#include "tests/unit/node/api/api_fixture.hpp"

#include "ledger/transfer/batch_manifest.hpp"
#include "market/contribution.hpp"

namespace node {
namespace {

using namespace ledger;

/// Person 2 owns a dataset; the device has person 4's key and contributes for person 3.
class InboxTest : public ApiTest {
public:
    InboxTest()
    {
        market::DatasetRegister made;
        made.name = "leaves";
        made.open = true;
        made.owner_ppm = {400'000};
        made.contributor_ppm = {600'000};
        send(2, made);
        market::DeviceEnroll enrolment;
        enrolment.dataset = dataset;
        enrolment.device = test_account(4);
        enrolment.contributor = test_account(3);
        enrolment.daily_shares = 100'000;
        send(2, enrolment);
        open();
    }

    /// As a node that has just started: the journal and the batches are what they were.
    void open(const InboxLimits& limits = {})
    {
        routes.emplace();
        inbox.emplace(journal, std::set{dataset}, limits);
        ASSERT_TRUE(inbox->rebuild());
        wanted = {};
        wanted.add(*inbox);
        add_inbox_routes(*routes, {network, *store, *inbox, batches, gate, callers, counts, clock});
        add_batch_routes(*routes, {batches,
                                   background,
                                   fetches,
                                   wanted,
                                   gate,
                                   batch_callers,
                                   rates,
                                   batch_counts,
                                   clock,
                                   {}});
    }

    Answer ask_inbox(std::string_view method, const std::string& target, std::string_view body = {},
                     bool by_operator = false)
    {
        FakeExchange::Headers headers;
        if (by_operator) headers.emplace_back("Authorization", "Bearer secret");
        FakeExchange exchange{method, target, headers, body};
        exchange.run(*routes);
        return {exchange.status(), exchange.text(), json::parse(exchange.text(), nullptr, false)};
    }

    market::SealedBatch batch_named(const std::string& name) const
    {
        return market::seal_batch(dataset, name, 2);
    }
    static json wrap() { return "0x" + std::string(160, '7'); }
    json manifest(const market::SealedBatch& batch) const
    {
        return {{"dataset", to_hex0x(dataset.view())},
                {"point", to_hex0x(batch.summary.point.view())},
                {"root", to_hex0x(batch.summary.root.view())},
                {"chunks", batch.summary.chunks},
                {"bytes", batch.summary.bytes},
                {"wraps", json::array({{{"to", "0x" + std::string(64, '9')}, {"key", wrap()}}})}};
    }
    /// As a device writes it, signed by person `n`.
    json statement(const market::SealedBatch& batch, std::uint64_t number, std::uint8_t n = 4,
                   std::uint64_t shares = 100) const
    {
        market::DataContribute said;
        said.dataset = dataset;
        said.batch = number;
        said.point = batch.summary.point;
        said.root = batch.summary.root;
        said.chunks = batch.summary.chunks;
        said.bytes = batch.summary.bytes;
        said.shares = shares;
        said.wraps = {*id_from_hex<market::WrappedKey>(wrap().get<std::string>())};
        const auto signature = sign(test_key(n), market::contribution_digest(network, said));
        return {{"network", to_hex0x(network.genesis_id.view())},
                {"dataset", to_hex0x(dataset.view())},
                {"batch", std::to_string(number)},
                {"point", to_hex0x(said.point.view())},
                {"root", to_hex0x(said.root.view())},
                {"chunks", std::to_string(said.chunks)},
                {"bytes", std::to_string(said.bytes)},
                {"shares", std::to_string(shares)},
                {"schema", to_hex0x(Hash{}.view())},
                {"meta", to_hex0x(Hash{}.view())},
                {"wraps", json::array({wrap()})},
                {"device", to_hex0x(public_key(test_key(n)).view())},
                {"signature", to_hex0x(signature.view())}};
    }
    Answer bring(const json& said, const json& about)
    {
        return ask_inbox("POST", path, json{{"contribution", said}, {"manifest", about}}.dump());
    }
    void put_bytes(const market::SealedBatch& batch)
    {
        const auto target = "/v1/batches/" + to_hex0x(batch.summary.root.view());
        Bytes table, chunks;
        for (std::size_t i = 0; i < batch.chunks.size(); ++i) {
            append(table, batch.leaves[i].key_hash.view());
            append(table, batch.leaves[i].chunk_hash.view());
            append(chunks, batch.chunks[i]);
        }
        EXPECT_EQ(ask_inbox("PUT", target, manifest(batch).dump()).status, 201u);
        EXPECT_EQ(ask_inbox("PUT", target + "/table/0-1", as_text(table)).status, 200u);
        EXPECT_EQ(ask_inbox("PUT", target + "/chunks/0-1", as_text(chunks)).status, 200u);
    }
    json items() { return ask_inbox("GET", path).body["items"]; }
    market::DataContribute message(const json& item) const
    {
        return *codec::from_json<market::DataContribute>(item["contribution"]);
    }

    market::DatasetId dataset = market::dataset_id(test_account(2), "leaves");
    std::string path = "/v1/datasets/" + to_hex0x(dataset.view()) + "/inbox";
    FakeJournal journal;
    MemoryBatches batches{clock, {std::uint64_t{1} << 22, 100, 2}};
    Background background{2};
    BatchCounts batch_counts;
    BatchFetches fetches{batches, clock, batch_counts, open_provider, {}};
    OperatorGate gate{SecretBytes::copy_of(as_bytes("secret"))};
    CallerLimits callers{100}, batch_callers{100};
    ByteRates rates{0};
    InboxCounts counts;
    RootsOfSeveral wanted;
    std::optional<Inbox> inbox;
    std::optional<Router> routes;
};

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

TEST_F(InboxTest, DatasetsShareTheRoom)
{
    market::DatasetRegister made;
    made.name = "other";
    made.owner_ppm = {1'000'000};
    send(2, made);
    const auto other = market::dataset_id(test_account(2), "other");
    inbox.emplace(journal, std::set{dataset, other}, InboxLimits{2, 2});
    ASSERT_TRUE(inbox->rebuild());
    const auto put = [&](const market::DatasetId& of, std::uint64_t number) {
        WaitingBatch batch;
        batch.contribution.dataset = of;
        batch.contribution.batch = number;
        batch.contribution.root = random.next<Hash>();
        std::optional<Result<void>> said;
        inbox->put(batch, [&](Result<void> done) { said = std::move(done); });
        return *said;
    };
    EXPECT_TRUE(put(dataset, 1));
    EXPECT_EQ(put(dataset, 2).error().kind, ErrorKind::full);
    EXPECT_TRUE(put(other, 1));
}

TEST_F(InboxTest, ADatasetThatIsNamedNoLongerTakesNoRoomAndComesBack)
{
    const auto batch = batch_named("one");
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    const auto other = market::dataset_id(test_account(2), "other");
    inbox.emplace(journal, std::set{other});
    ASSERT_TRUE(inbox->rebuild());
    EXPECT_EQ(inbox->size(), 0u);
    EXPECT_FALSE(inbox->wants(batch.summary.root));
    open();
    EXPECT_EQ(items().size(), 1u);
}

/// A journal that answers when it is told to.
struct SlowJournal final : FakeJournal {
    void commit(JournalBatch batch, Done done) override
    {
        waiting.push_back([this, batch = std::move(batch), done](bool works) mutable {
            failing = !works;
            FakeJournal::commit(std::move(batch), done);
            failing = false;
        });
    }
    void answer(bool works = true)
    {
        auto next = std::move(waiting.front());
        waiting.erase(waiting.begin());
        next(works);
    }
    std::vector<std::function<void(bool)>> waiting;
};

TEST_F(InboxTest, NobodyIsToldOfWhatIsNotDurableNorCanChangeWhatIsBeingWritten)
{
    SlowJournal slow;
    std::optional<Inbox> box{std::in_place, slow, std::set{dataset}};
    WaitingBatch batch;
    batch.contribution.dataset = dataset;
    batch.contribution.batch = 1;
    const auto key = key_of(batch.contribution);
    std::vector<std::optional<ErrorKind>> said;
    const auto note = [&](const Result<void>& done) {
        said.push_back(done ? std::nullopt : std::optional{done.error().kind});
    };
    box->put(batch, note);
    EXPECT_FALSE(box->find(key));
    EXPECT_TRUE(box->list(dataset, {}, 10).empty());
    box->put(batch, note);
    box->remove(key, note);
    EXPECT_EQ(said, (std::vector<std::optional<ErrorKind>>{ErrorKind::unavailable,
                                                           ErrorKind::unavailable}));
    slow.answer();
    EXPECT_TRUE(box->find(key));
    box->remove(key, note);
    EXPECT_TRUE(box->find(key)) << "until that is durable";
    slow.answer(false);
    EXPECT_TRUE(box->find(key));
    box->remove(key, note);
    box.reset();
    slow.answer();  // the journal calls back late
    EXPECT_EQ(said.back(), std::nullopt);
}

TEST_F(InboxTest, WhatWaitsSurvivesARestart)
{
    const auto batch = batch_named("one");
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    const auto before = items();
    open();
    EXPECT_EQ(items(), before);
    EXPECT_TRUE(inbox->wants(batch.summary.root));
}

TEST_F(InboxTest, WhatTheDiskDoesNotTakeIsNotThere)
{
    journal.failing = true;
    const auto batch = batch_named("one");
    EXPECT_GE(bring(statement(batch, 1), manifest(batch)).status, 500u);
    EXPECT_TRUE(items().empty());
    journal.failing = false;
    EXPECT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
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
