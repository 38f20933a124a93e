#include "ledger/crypto/random.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/wallet/rental/fake_board.hpp"
#include "wallet/rental/job_files.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet::rental {
namespace {

/// Tenant and provider at one board, with batches on the disk beside it.
struct MeetingTest : testing::Test {
    Meeting enter(const std::string& name)
    {
        return {fake.enter(name), {}, box_key(board_key(name))};
    }
    /// A batch sealed to the tenant alone.
    BatchFolder seal(const std::string& name, const std::vector<std::string>& texts)
    {
        SealRequest request;
        for (const auto& text : texts) {
            const auto file = folder.path() / ("item" + std::to_string(files++));
            std::ofstream{file} << text;
            request.items.push_back({file, file.filename().string(), text.size()});
        }
        request.dataset = lease_dataset();
        request.masters = {tia.box_point()};
        request.folder = folder.path() / name;
        EXPECT_TRUE(seal_items(request, random, [](std::uint64_t) {}));
        return *BatchFolder::open(request.folder);
    }
    static std::string poured(std::vector<KeyedBatch>& batches)
    {
        std::string all;
        std::string item;
        ledger::sealing::ItemReader reader{{[&](const std::string& name, std::uint64_t) {
                                                all += name + "=";
                                                return ledger::Result<void>{};
                                            },
                                            [&](ledger::ByteView piece) {
                                                all += ledger::as_text(piece);
                                                return ledger::Result<void>{};
                                            },
                                            [&] {
                                                all += ";";
                                                return ledger::Result<void>{};
                                            }}};
        EXPECT_TRUE(pour(batches, [&](ledger::ByteView piece) { return reader.read(piece); }));
        EXPECT_TRUE(reader.finish());
        return all;
    }

    ledger::TemporaryFolder folder;
    ledger::SystemRandom random;
    int files = 0;
    FakeBoard fake;
    Meeting tia = enter("tia");
    Meeting pol = enter("pol");
};

TEST_F(MeetingTest, KeysAreSealedToWhoSaidItsOwn)
{
    ASSERT_TRUE(pol.board().say(KeyNote{pol.box_point()}, Board::Lasts::always));
    ASSERT_TRUE(tia.listen());
    ASSERT_EQ(tia.key_of(ledger::address_of(board_key("pol"))), pol.box_point());
    EXPECT_FALSE(tia.key_of(ledger::address_of(board_key("eve"))));

    const auto batch = seal("data", {"abc"});
    const auto key = tia.open(batch);
    ASSERT_TRUE(key) << "its own";
    EXPECT_FALSE(pol.open(batch));
    ASSERT_TRUE(tia.give(pol.box_point(), {{batch.manifest(), &*key}}, random));
    ASSERT_TRUE(pol.listen());
    const auto opened = pol.open(batch);
    ASSERT_TRUE(opened);
    EXPECT_EQ(ledger::public_key(*opened), batch.manifest().point);
    auto eve = enter("eve");
    ASSERT_TRUE(eve.listen());
    EXPECT_FALSE(eve.open(batch)) << "sealed to another";
}

TEST_F(MeetingTest, AWrongKeyDoesNotHideARightOne)
{
    const auto batch = seal("data", {"abc"});
    const auto key = tia.open(batch);
    const auto wrong = board_key("wrong");
    auto eve = enter("eve");
    ASSERT_TRUE(eve.give(pol.box_point(), {{batch.manifest(), &wrong}}, random));
    ASSERT_TRUE(tia.give(pol.box_point(), {{batch.manifest(), &*key}}, random));
    ASSERT_TRUE(eve.give(pol.box_point(), {{batch.manifest(), &wrong}}, random));
    ASSERT_TRUE(pol.listen());
    EXPECT_EQ(pol.given(batch.manifest().root).size(), 3u);
    ASSERT_TRUE(pol.open(batch));
}

TEST_F(MeetingTest, BatchesCountFromWhoIsAskedAboutByNumberTheNewestFirst)
{
    const auto say = [](Meeting& who, std::uint8_t root, BatchUse use, std::uint64_t number,
                        const ledger::X25519PublicKey& to) {
        BatchNote note{{}, {}, 1, use, number, to};
        note.root.bytes[0] = root;
        EXPECT_TRUE(who.board().say(note, Board::Lasts::always));
    };
    say(tia, 1, BatchUse::data, 1, {});
    say(tia, 2, BatchUse::data, 0, {});
    say(tia, 3, BatchUse::data, 1, {});
    say(tia, 4, BatchUse::state, 1, pol.box_point());
    say(tia, 5, BatchUse::state, 2, tia.box_point());
    auto eve = enter("eve");
    say(eve, 6, BatchUse::data, 0, {});
    ASSERT_TRUE(pol.listen());
    const auto by = ledger::address_of(board_key("tia"));
    const auto data = pol.batches(BatchUse::data, by);
    ASSERT_EQ(data.size(), 2u);
    EXPECT_EQ(data[0].root.bytes[0], 2);
    EXPECT_EQ(data[1].root.bytes[0], 3);
    const auto states = pol.batches(BatchUse::state, by);
    ASSERT_EQ(states.size(), 1u) << "those that are for this party";
    EXPECT_EQ(states[0].root.bytes[0], 4);
}

TEST_F(MeetingTest, NobodyFillsTheMemoryOfAnother)
{
    ASSERT_TRUE(pol.board().say(BatchNote{{}, {}, 1, BatchUse::job, 0, {}}, Board::Lasts::no));
    for (int i = 0; i < 400; ++i)
        fake.put("tia", "batch",
                 ledger::codec::to_json(
                     BatchNote{{}, {}, 1, BatchUse::data, static_cast<std::uint64_t>(i), {}})
                     .dump());
    auto eve = enter("eve");
    ASSERT_TRUE(eve.listen());
    EXPECT_EQ(eve.batches(BatchUse::data, ledger::address_of(board_key("tia"))).size(), 256u);
    EXPECT_EQ(eve.batches(BatchUse::job, ledger::address_of(board_key("pol"))).size(), 1u);
}

TEST_F(MeetingTest, ItemsOfAllBatchesAreOneStream)
{
    std::vector<KeyedBatch> batches;
    const auto add = [&](BatchFolder batch) {
        auto key = *tia.open(batch);
        batches.push_back({std::move(batch), std::move(key)});
    };
    add(seal("one", {"abc", ""}));
    add(seal("two", {std::string(100'000, 'x')}));
    EXPECT_EQ(poured(batches), "item0=abc;item1=;item2=" + std::string(100'000, 'x') + ";");
}

TEST_F(MeetingTest, AStreamEndsWhereNobodyReadsOnAndOpensWithItsKeyAlone)
{
    std::vector<KeyedBatch> batches;
    auto batch = seal("one", {std::string(100'000, 'x')});
    auto key = *tia.open(batch);
    batches.push_back({std::move(batch), std::move(key)});
    int calls = 0;
    const auto stopped = pour(batches, [&](ledger::ByteView) -> ledger::Result<void> {
        if (++calls == 3) return ledger::Error{ledger::ErrorKind::io, "gone"};
        return {};
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().detail, "gone");
    EXPECT_EQ(calls, 3);
    batches[0].key = board_key("wrong");
    const auto denied = pour(batches, [](ledger::ByteView) { return ledger::Result<void>{}; });
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ledger::ErrorKind::denied);
}

TEST_F(MeetingTest, AJobIsWhatTheOrderNamesOrNothing)
{
    const std::string model = "a model", job = "{}";
    SealRequest request;
    std::ofstream{folder.path() / model_item} << model;
    std::ofstream{folder.path() / job_item} << job;
    request.items = {{folder.path() / job_item, job_item, job.size()},
                     {folder.path() / model_item, model_item, model.size()}};
    request.dataset = lease_dataset();
    request.masters = {tia.box_point()};
    request.folder = folder.path() / "job-batch";
    ASSERT_TRUE(seal_items(request, random, [](std::uint64_t) {}));
    market::GpuOrder order;
    order.job.graph = ledger::sha256(ledger::as_bytes(model));
    order.job.recipe = ledger::sha256(ledger::as_bytes(job));
    const auto sealed = [&] {
        SealedJob made;
        made.jobs.push_back(*BatchFolder::open(folder.path() / "data"));  // no job at all
        made.jobs.push_back(*BatchFolder::open(request.folder));
        made.data.push_back(*BatchFolder::open(folder.path() / "data"));
        return made;
    };
    seal("data", {"rows"});
    auto opened = open_job(tia, order, sealed(), folder.path());
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->keys().size(), 2u);
    const auto strangers = open_job(pol, order, sealed(), folder.path());
    ASSERT_FALSE(strangers);
    EXPECT_EQ(strangers.error().fault, Fault::not_found) << "it may still be given";

    auto other = order;
    other.job.graph.bytes[0] ^= 1;
    EXPECT_EQ(open_job(tia, other, sealed(), folder.path()).error().fault, Fault::unverified);
    other = order;
    other.job.recipe.bytes[0] ^= 1;
    EXPECT_EQ(open_job(tia, other, sealed(), folder.path()).error().fault, Fault::unverified);
}

TEST(LeaseNotes, TheDataRootIsOfAllBatchesInTheirOrder)
{
    ledger::Hash a, b;
    a.bytes[0] = 1;
    b.bytes[0] = 2;
    EXPECT_TRUE(data_root_of({}).is_zero());
    EXPECT_NE(data_root_of({a}), a);
    EXPECT_NE(data_root_of({a, b}), data_root_of({b, a}));
    EXPECT_NE(data_root_of({a}), data_root_of({a, a}));
}

TEST(LeaseNotes, AnAccountHasOneBoxAndNobodyElsesIsLikeIt)
{
    const auto tia = ledger::x25519_public_key(box_key(board_key("tia")));
    EXPECT_EQ(tia, ledger::x25519_public_key(box_key(board_key("tia"))));
    EXPECT_NE(tia, ledger::x25519_public_key(box_key(board_key("pol"))));
}

}  // namespace
}  // namespace wallet::rental
