#include "tests/unit/node/api/api_fixture.hpp"

namespace node {
namespace {

using namespace ledger;
using market::Transfer;

struct TransactionRoutes : ApiTest {
    using ApiTest::ApiTest;

    Bytes transfer(std::uint64_t nonce, std::uint64_t micros = 5,
                   Amount fee = Amount::micros(10)) const
    {
        return signed_transaction(network, 2, nonce,
                                  Transfer{test_account(3), Amount::micros(micros)}, fee);
    }
    Answer submit(const Bytes& encoded, const std::string& query = {})
    {
        return post("/v1/transactions" + query, {{"tx", to_hex0x(encoded)}});
    }
};

TEST_F(TransactionRoutes, TakeATransactionAndWaitUntilItIsFinal)
{
    const auto answer = submit(transfer(0), "?wait=final&timeout_s=10");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body["status"], "final");
    EXPECT_EQ(answer.body["height"], 1);
    EXPECT_EQ(answer.body["index"], 0);
    EXPECT_EQ(answer.body["receipt"]["status"], "applied");
    EXPECT_EQ(answer.body["receipt"]["txId"], answer.body["txId"]);
}

TEST_F(TransactionRoutes, AnswerAtOnceWithoutWaiting)
{
    const auto answer = submit(transfer(0));
    EXPECT_EQ(answer.status, 202u);
    EXPECT_EQ(answer.body["status"], "accepted");
    const auto id = answer.body["txId"].get<std::string>();
    const auto shown = read("/v1/transactions/" + id + "?wait=final&timeout_s=10");
    EXPECT_EQ(shown["status"], "final");
}

TEST_F(TransactionRoutes, AreNotConfusedByARepeat)
{
    const auto first = submit(transfer(0), "?wait=final");
    const auto again = submit(transfer(0), "?wait=final");
    EXPECT_EQ(again.status, 200u);
    EXPECT_EQ(again.body, first.body);
}

TEST_F(TransactionRoutes, SayFinalOfWhatARuleRefusedWithTheReason)
{
    const auto answer =
        submit(signed_transaction(network, 2, 0, market::HostUnbond{}), "?wait=final");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body["receipt"]["status"], "refused");
    EXPECT_NE(answer.body["receipt"]["rejection"], "none");
}

TEST_F(TransactionRoutes, RefuseWhatIsNoTransaction)
{
    const auto bad = [&](std::string_view body) {
        const auto answer = ask("POST", "/v1/transactions", body);
        EXPECT_EQ(answer.status, 400u) << body;
        return answer.code();
    };
    EXPECT_EQ(bad("{"), "bad_json");
    EXPECT_EQ(bad(""), "bad_json");
    EXPECT_EQ(bad("[]"), "bad_json");
    EXPECT_EQ(bad("{}"), "malformed");
    EXPECT_EQ(bad(R"({"tx":1})"), "malformed");
    EXPECT_EQ(bad(R"({"tx":"0xzz"})"), "malformed");
    EXPECT_EQ(bad(R"({"tx":"0x00","more":1})"), "malformed");
    EXPECT_EQ(bad(R"({"tx":"0x00"})"), "malformed");
    auto flipped = transfer(0);
    flipped.back() ^= 1;
    EXPECT_EQ(submit(flipped).code(), "malformed");
    flipped = transfer(0);
    flipped.push_back(0);
    EXPECT_EQ(submit(flipped).code(), "malformed");
}

TEST_F(TransactionRoutes, RefuseDeepAndHugeJson)
{
    EXPECT_EQ(ask("POST", "/v1/transactions", std::string(100'000, '[')).code(), "bad_json");
    const auto huge = R"({"tx":"0x)" + std::string(4 * TransactionLimits::bytes, '0') + "\"}";
    EXPECT_EQ(ask("POST", "/v1/transactions", huge).status, 413u);
}

TEST_F(TransactionRoutes, NameTheMempoolsReason)
{
    const auto refused = [&](const Bytes& encoded, unsigned status) {
        const auto answer = submit(encoded);
        EXPECT_EQ(answer.status, status) << answer.text;
        return answer.code();
    };
    EXPECT_EQ(refused(transfer(0, 5, Amount::micros(9)), 422), "fee_too_low");
    EXPECT_EQ(refused(transfer(17), 422), "nonce_too_far");
    EXPECT_EQ(refused(transfer(0, 2'000'000'000), 422), "balance_too_low");
    pay(1);
    EXPECT_EQ(refused(transfer(0, 6), 422), "nonce_used");
}

TEST_F(TransactionRoutes, ShowATransactionThatWaitsForTheOneBefore)
{
    const auto waiting = submit(transfer(1));
    ASSERT_EQ(waiting.status, 202u);
    const auto path = "/v1/transactions/" + waiting.body["txId"].get<std::string>();
    const auto shown = read(path);
    EXPECT_EQ(shown["status"], "pending");
    EXPECT_EQ(shown["tx"]["nonce"], 1);
    EXPECT_EQ(shown["tx"]["message"]["type"], "Transfer");
    EXPECT_FALSE(shown.contains("receipt"));
    const auto slow = read(path + "?wait=final&timeout_s=1");
    EXPECT_EQ(slow["status"], "pending");
    submit(transfer(0));
    EXPECT_EQ(read(path + "?wait=final")["status"], "final");
}

TEST_F(TransactionRoutes, EndAWaitWhenADearerTransactionTakesThePlace)
{
    const auto gapped = submit(transfer(1));
    const auto path = "/v1/transactions/" + gapped.body["txId"].get<std::string>();
    auto waiting =
        std::async(std::launch::async, [&] { return get(path + "?wait=final&timeout_s=20"); });
    ASSERT_EQ(waiting.wait_for(std::chrono::milliseconds{100}), std::future_status::timeout);
    ASSERT_EQ(submit(transfer(1, 5, Amount::micros(100))).status, 202u);
    const auto answer = waiting.get();
    EXPECT_EQ(answer.status, 422u);
    EXPECT_EQ(answer.code(), "replaced");
}

TEST_F(TransactionRoutes, ShowTheWholeTransaction)
{
    const auto sent = pay(7);
    const auto shown = read("/v1/transactions/" + sent["txId"].get<std::string>());
    EXPECT_EQ(shown["tx"]["sender"], to_checksum(test_account(2)));
    EXPECT_EQ(shown["tx"]["fee"], "10");
    EXPECT_EQ(shown["tx"]["message"],
              (json{{"type", "Transfer"}, {"to", to_checksum(test_account(3))}, {"amount", "7"}}));
    EXPECT_EQ(shown["receipt"], sent["receipt"]);
}

TEST_F(TransactionRoutes, KnowNothingOfOtherTransactions)
{
    EXPECT_EQ(get("/v1/transactions/0x" + std::string(64, '1')).status, 404u);
    EXPECT_EQ(get("/v1/transactions/0x12").code(), "bad_id");
    EXPECT_EQ(get("/v1/transactions/" + std::string(64, '1')).code(), "bad_id");
}

TEST_F(TransactionRoutes, RefuseOtherWaysOfWaiting)
{
    EXPECT_EQ(submit(transfer(0), "?wait=long").code(), "bad_wait");
    EXPECT_EQ(submit(transfer(0), "?wait=final&timeout_s=61").code(), "bad_timeout");
    EXPECT_EQ(submit(transfer(0), "?wait=final&timeout_s=0").code(), "bad_timeout");
    EXPECT_EQ(submit(transfer(0), "?wait=final&timeout_s=x").code(), "bad_number");
}

TEST_F(TransactionRoutes, SimulateWithoutChangingAnything)
{
    const json message{{"type", "Transfer"}, {"to", to_checksum(test_account(3))}, {"amount", "5"}};
    const auto good =
        post("/v1/simulate", {{"sender", to_checksum(test_account(2))}, {"message", message}});
    EXPECT_EQ(good.status, 200u);
    EXPECT_EQ(good.body["accepted"], true);
    EXPECT_EQ(good.body["rejection"], "none");
    EXPECT_EQ(good.body["events"][0]["kind"], "transferred");
    EXPECT_EQ(read("/v1/accounts/" + to_checksum(test_account(3)))["balance"], "1000000000");

    auto poor = message;
    poor["amount"] = "5000000000";
    const auto refused =
        post("/v1/simulate", {{"sender", to_checksum(test_account(2))}, {"message", poor}});
    EXPECT_EQ(refused.status, 200u);
    EXPECT_EQ(refused.body["accepted"], false);
    EXPECT_EQ(refused.body["rejection"], "insufficient_funds");
}

TEST_F(TransactionRoutes, RefuseToSimulateNonsense)
{
    const auto sender = to_checksum(test_account(2));
    const auto code = [&](const json& body) {
        const auto answer = post("/v1/simulate", body);
        EXPECT_EQ(answer.status, 400u) << body;
        return answer.code();
    };
    EXPECT_EQ(code({{"sender", sender}}), "malformed");
    EXPECT_EQ(code({{"sender", 1}, {"message", json::object()}}), "malformed");
    EXPECT_EQ(code({{"sender", sender}, {"message", 5}}), "malformed");
    EXPECT_EQ(code({{"sender", sender}, {"message", {{"type", "Nothing"}}}}), "malformed");
    EXPECT_EQ(code({{"sender", sender}, {"message", {{"type", "Transfer"}}}}), "malformed");
}

struct HaltedNode : TransactionRoutes {};

TEST_F(HaltedNode, SaysSoAndTakesNothing)
{
    disk.fail({.kind = ErrorKind::full});
    ASSERT_EQ(submit(transfer(0)).status, 202u);
    // The block under way meets the fault; a second caller waits for the service to see it.
    for (int i = 0; i < 1000 && service->halted().empty(); ++i) read("/v1/proof/state/0x61");
    const auto answer = submit(transfer(1));
    EXPECT_EQ(answer.status, 503u);
    EXPECT_EQ(answer.code(), "halted");
    EXPECT_NE(read("/v1/status")["halted"], "");
}

struct BusyNode : TransactionRoutes {
    static LedgerServiceLimits tight()
    {
        LedgerServiceLimits limits;
        limits.replica.mempool.per_account = 2;
        return limits;
    }
    BusyNode() : TransactionRoutes{test_genesis(), tight()} {}
};

TEST_F(BusyNode, Answers429WhenAnAccountHasTooManyWaiting)
{
    EXPECT_EQ(submit(transfer(1)).status, 202u);
    EXPECT_EQ(submit(transfer(2)).status, 202u);
    const auto answer = submit(transfer(3));
    EXPECT_EQ(answer.status, 429u);
    EXPECT_EQ(answer.code(), "account_full");
}

}  // namespace
}  // namespace node
