#include "ledger/crypto/sha256.hpp"
#include "tests/unit/node/board/board_fixture.hpp"

namespace node {
namespace {

using namespace ledger;

/// A batch that person 2 is about to bring for its order.
struct BoardBatches : BoardTest {
    std::string target(const std::string& rest = "") const
    {
        return transfer::batch_target(batch.root()) + rest;
    }
    Answer announce(std::uint64_t bytes, const json& more = json::object())
    {
        json body{{"root", to_hex0x(batch.root().view())}, {"bytes", std::to_string(bytes)}};
        body.update(more);
        return post_note(2, "batch", body.dump());
    }
    Answer put_manifest(bool by_operator = false)
    {
        return ask_board("PUT", target(), transfer::manifest_text(batch.manifest), by_operator);
    }
    void put_all()
    {
        const auto made = put_manifest();
        ASSERT_EQ(made.status, 201u) << made.text;
        ASSERT_EQ(ask_board("PUT", target("/table/0-5"), as_text(batch.leaves)).status, 200u);
        ASSERT_EQ(ask_board("PUT", target("/chunks/0-5"), as_text(batch.sealed)).status, 200u);
    }
    std::vector<std::string> holders() { return batches.info(batch.root())->holders; }
    void sweep()
    {
        BoardSweeper sweeper{{*boards, *roots, *store, clock}};
        ASSERT_TRUE(sweeper.sweep());
    }

    SealedBatch batch = seal_batch(1, 5);
    const std::uint64_t bytes = batch.manifest.bytes;
};

TEST_F(BoardBatches, TakeWhatAPartyAnnouncedFromAnybodyAndNothingElse)
{
    EXPECT_EQ(put_manifest().status, 401u);
    ASSERT_EQ(announce(bytes).status, 201u);
    put_all();
    EXPECT_TRUE(batches.info(batch.root())->is_complete());
    EXPECT_EQ(holders(), std::vector{lease_holder(order)});
    const auto other = seal_batch(2, 1);
    EXPECT_EQ(ask_board("PUT", transfer::batch_target(other.root()),
                        transfer::manifest_text(other.manifest))
                  .status,
              401u);
    EXPECT_EQ(read_notes()["items"][0]["topic"], "batch") << "the note is up like any other";
}

TEST_F(BoardBatches, TakeNothingThatAStrangerAnnounces)
{
    const auto body =
        json{{"root", to_hex0x(batch.root().view())}, {"bytes", std::to_string(bytes)}}.dump();
    EXPECT_EQ(post_note(3, "batch", body).status, 403u);
    EXPECT_EQ(post_note(2, "batches", body).status, 201u) << "of another topic";
    EXPECT_EQ(put_manifest().status, 401u);
}

TEST_F(BoardBatches, RefuseALargerBatchThanWasAnnounced)
{
    ASSERT_EQ(announce(bytes - 1).status, 201u);
    const auto refused = put_manifest();
    EXPECT_EQ(refused.status, 422u);
    EXPECT_EQ(refused.code(), "invalid");
    EXPECT_FALSE(batches.info(batch.root()));
    ASSERT_EQ(announce(bytes).status, 201u);
    EXPECT_EQ(put_manifest().status, 201u);
}

TEST_F(BoardBatches, RefuseAnotherManifestThanTheOneThatWasNamed)
{
    const auto text = transfer::manifest_text(batch.manifest);
    const auto hash = to_hex0x(sha256(as_bytes(text)).view());
    ASSERT_EQ(announce(bytes, {{"manifest", hash}}).status, 201u);
    const auto good = batch.manifest;
    batch.manifest.dataset.bytes.fill(1);
    EXPECT_EQ(put_manifest().status, 422u);
    batch.manifest = good;
    put_all();
}

TEST_F(BoardBatches, RefuseANoteThatDoesNotSayWhichBatch)
{
    const auto refused = post_note(2, "batch", "{}");
    EXPECT_EQ(refused.status, 422u);
    EXPECT_EQ(refused.code(), "invalid");
    EXPECT_TRUE(read_notes()["items"].empty());
}

TEST_F(BoardBatches, BoundTheBytesOfAnOrder)
{
    open({}, {bytes, 9, 9});
    const auto refused = announce(bytes + 1);
    EXPECT_EQ(refused.status, 507u);
    EXPECT_EQ(refused.code(), "full");
    EXPECT_TRUE(read_notes()["items"].empty()) << "the note is not up either";
    EXPECT_EQ(announce(bytes).status, 201u);
    EXPECT_EQ(announce(bytes).status, 201u) << "said again";
    batch = seal_batch(2, 1);
    EXPECT_EQ(announce(1).status, 507u);
}

TEST_F(BoardBatches, DoNotAnnounceByANoteThatIsRefused)
{
    ASSERT_EQ(announce(1).status, 201u);
    const auto body =
        json{{"root", to_hex0x(batch.root().view())}, {"bytes", std::to_string(bytes)}}.dump();
    EXPECT_EQ(post_json(signed_note(2, "batch", clock.wall().value, body)).code(), "out_of_order");
    EXPECT_EQ(put_manifest().status, 422u);
}

TEST_F(BoardBatches, HoldABatchThatIsHereAlready)
{
    ASSERT_EQ(put_manifest(true).status, 201u);
    EXPECT_EQ(holders(), std::vector<std::string>{"operator"});
    ASSERT_EQ(announce(bytes).status, 201u);
    EXPECT_EQ(holders(), (std::vector<std::string>{lease_holder(order), "operator"}));
}

TEST_F(BoardBatches, HoldWhatTheOperatorBringsOfAnAnnouncedBatch)
{
    ASSERT_EQ(announce(bytes).status, 201u);
    ASSERT_EQ(put_manifest(true).status, 201u);
    EXPECT_EQ(holders(), (std::vector<std::string>{lease_holder(order), "operator"}));
}

TEST_F(BoardBatches, HoldForEveryOrderThatWantsIt)
{
    ASSERT_EQ(announce(bytes).status, 201u);
    std::vector names{lease_holder(order)};
    order = make_order();
    names.push_back(lease_holder(order));
    std::ranges::sort(names);
    ASSERT_EQ(announce(bytes).status, 201u);
    put_all();
    EXPECT_EQ(holders(), names);
}

TEST_F(BoardBatches, LetGoWhenTheOrderIsOver)
{
    ASSERT_EQ(announce(bytes).status, 201u);
    put_all();
    sweep();
    EXPECT_EQ(holders().size(), 1u);
    cancel(order);
    sweep();
    EXPECT_TRUE(holders().empty());
    EXPECT_EQ(ask_board("PUT", target("/chunks/0-5"), as_text(batch.sealed)).status, 401u);
    EXPECT_EQ(ask_board("GET", target("/chunks/0-5")).status, 200u) << "until the room is needed";
}

TEST_F(BoardBatches, FillInAfterARestartWhatWasBegun)
{
    ASSERT_EQ(announce(bytes).status, 201u);
    ASSERT_EQ(put_manifest().status, 201u);
    open();
    put_all();
    EXPECT_EQ(holders(), std::vector{lease_holder(order)});
    cancel(order);
    sweep();
    EXPECT_TRUE(holders().empty());
}

}  // namespace
}  // namespace node
