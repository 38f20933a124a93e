#include "training/checkpoint/checkpoint.hpp"

#include "ledger/crypto/sha256.hpp"
#include "tests/support/sim_disk.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace training {
namespace {

Checkpoint example()
{
    Checkpoint made;
    made.base.bytes.fill(1);
    made.recipe.bytes.fill(2);
    made.teacher.bytes.fill(3);
    made.samples = 100;
    made.validation = 30;
    made.threads = 2;
    made.step = 77;
    made.loss_sum = 0.1 + 0.2;
    made.hits = 5;
    made.has_best = true;
    made.best = 1.0 / 3;
    made.best_step = 50;
    made.since_best = 2;
    made.measured_step = 70;
    made.tensors = {{"best/w", at::full({2}, 3.5, at::kFloat)},
                    {"optimiser/w/step", at::full({}, 77, at::kLong)},
                    {"weights/h", at::full({3}, 0.5, at::kHalf)},
                    {"weights/w", at::tensor({1.5F, -2.0F})}};
    return made;
}

ledger::Bytes bytes_of(const Checkpoint& checkpoint)
{
    ledger::SimDisk disk;
    EXPECT_TRUE(disk.make_folder("/d"));
    EXPECT_TRUE(write_checkpoint(disk, "/d/c", checkpoint));
    return disk.contents("/d/c");
}

TEST(CheckpointTest, ComesBackAsItWas)
{
    ledger::SimDisk disk;
    ASSERT_TRUE(disk.make_folder("/d"));
    const auto was = example();
    const auto hash = write_checkpoint(disk, "/d/c", was);
    ASSERT_TRUE(hash) << hash.error().detail;
    EXPECT_EQ(*hash, commitment_to(was));
    const auto is = read_checkpoint(disk, "/d/c");
    ASSERT_TRUE(is) << is.error().detail;
    EXPECT_EQ(commitment_to(*is), *hash);
    EXPECT_EQ(is->loss_sum, was.loss_sum);
    EXPECT_EQ(is->best, was.best);
    ASSERT_EQ(is->tensors.size(), was.tensors.size());
    for (std::size_t i = 0; i < was.tensors.size(); ++i) {
        EXPECT_EQ(is->tensors[i].name, was.tensors[i].name);
        EXPECT_TRUE(at::equal(is->tensors[i].tensor, was.tensors[i].tensor));
        EXPECT_EQ(is->tensors[i].tensor.scalar_type(), was.tensors[i].tensor.scalar_type());
    }
    EXPECT_EQ(disk.list("/d")->size(), 1) << "nothing is left beside it";
}

TEST(CheckpointTest, ItsHashIsThatOfAllBeforeIt)
{
    const auto file = bytes_of(example());
    const auto body = ledger::ByteView{file}.first(file.size() - 32);
    EXPECT_EQ(ledger::sha256(body), ledger::Hash::of(ledger::ByteView{file}.last(32)));
    EXPECT_EQ(ledger::sha256(body), commitment_to(example()));
}

TEST(CheckpointTest, EveryFieldIsCommittedTo)
{
    const auto changes = std::vector<std::function<void(Checkpoint&)>>{
        [](Checkpoint& c) { c.base.bytes[0] ^= 1; },
        [](Checkpoint& c) { c.recipe.bytes[0] ^= 1; },
        [](Checkpoint& c) { c.teacher.bytes[0] ^= 1; },
        [](Checkpoint& c) { ++c.validation; },
        [](Checkpoint& c) { ++c.samples; },
        [](Checkpoint& c) { ++c.threads; },
        [](Checkpoint& c) { ++c.step; },
        [](Checkpoint& c) { c.loss_sum += 1e-15; },
        [](Checkpoint& c) { ++c.hits; },
        [](Checkpoint& c) { c.has_best = false; },
        [](Checkpoint& c) { c.best += 1e-15; },
        [](Checkpoint& c) { ++c.best_step; },
        [](Checkpoint& c) { ++c.since_best; },
        [](Checkpoint& c) { ++c.measured_step; },
        [](Checkpoint& c) { c.ended = true; },
        [](Checkpoint& c) { c.tensors[0].name = "x"; },
        [](Checkpoint& c) { c.tensors.pop_back(); },
        [](Checkpoint& c) {
            c.tensors[3].tensor = at::tensor({1.5F, -2.0000002F});
        }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto changed = example();
        changes[i](changed);
        EXPECT_NE(commitment_to(changed), commitment_to(example())) << i;
    }
}

TEST(CheckpointTest, KeepsHowManyWorkersTookWhichSteps)
{
    ledger::SimDisk disk;
    ASSERT_TRUE(disk.make_folder("/d"));
    auto was = example();
    const auto alone = commitment_to(was);
    was.workers = WorkerCounts{3};
    was.workers.change(40, 2);
    EXPECT_NE(commitment_to(was), alone);
    ASSERT_TRUE(write_checkpoint(disk, "/d/c", was));
    EXPECT_EQ(read_checkpoint(disk, "/d/c")->workers, was.workers);
    // One worker is not mentioned: such a state is what it was before there were several.
    was.workers = WorkerCounts{1};
    EXPECT_EQ(commitment_to(was), alone);
    EXPECT_EQ(ledger::as_text(bytes_of(was)).find("workers"), std::string_view::npos);
}

TEST(CheckpointTest, AnyFlippedByteIsFound)
{
    const auto file = bytes_of(example());
    for (std::size_t i = 0; i < file.size(); ++i) {
        auto flipped = file;
        flipped[i] ^= 0x10;
        EXPECT_FALSE(decode_checkpoint(flipped)) << i;
    }
    for (std::size_t size = 0; size < file.size(); ++size)
        EXPECT_FALSE(decode_checkpoint(ledger::ByteView{file}.first(size))) << size;
}

// With the right hash, and a header that lies.
TEST(CheckpointTest, TakesNoMemoryForWhatAHeaderClaims)
{
    const auto forged = [](const std::string& header, std::size_t bytes) {
        ledger::Bytes file;
        ledger::append(file, ledger::as_bytes("MRTRAIN1"));
        for (int i = 0; i < 8; ++i)
            file.push_back(static_cast<std::uint8_t>(header.size() >> (8 * i)));
        ledger::append(file, ledger::as_bytes(header));
        file.resize(file.size() + bytes);
        const auto hash = ledger::sha256(file);
        ledger::append(file, hash.view());
        return decode_checkpoint(file);
    };
    const std::string id(64, '0');
    const auto with = [&](const std::string& tensor) {
        return R"({"base":")" + id + R"(","recipe":")" + id + R"(","teacher":")" + id +
               R"(","samples":1,"validation":0,"threads":1,"step":1,"loss_sum":0,"hits":0,"since_best":0,)"
               R"("measured_step":0,"ended":false,"tensors":[)" +
               tensor + "]}";
    };
    EXPECT_TRUE(forged(with(R"({"name":"w","type":"FP32","dims":[2]})"), 8));
    EXPECT_FALSE(forged(with(R"({"name":"w","type":"FP32","dims":[2]})"), 12));
    EXPECT_FALSE(forged(with(R"({"name":"w","type":"FP32","dims":[2000000000,2000000000]})"), 8));
    EXPECT_FALSE(
        forged(with(R"({"name":"w","type":"FP32","dims":[2000000000,2000000000,2000000000]})"), 8));
    EXPECT_FALSE(forged(with(R"({"name":"w","type":"INT7","dims":[2]})"), 8));
    EXPECT_FALSE(forged(with(R"({"name":"w","type":"FP32","dims":[-2]})"), 8));
    EXPECT_FALSE(forged(with(R"({"name":3,"type":"FP32","dims":[2]})"), 8));
    EXPECT_FALSE(forged("{}", 0));
    EXPECT_FALSE(forged("[1", 0));
}

TEST(CheckpointTest, ACrashLeavesTheOldOneOrTheNewOne)
{
    for (std::uint64_t after = 0;; ++after) {
        ledger::SimDisk disk;
        ASSERT_TRUE(disk.make_folder("/d"));
        const auto old = example();
        ASSERT_TRUE(write_checkpoint(disk, "/d/c", old));
        auto next = example();
        next.step = 78;
        const auto before = disk.steps();
        disk.fail({.after = after, .fatal = true});
        const auto done = write_checkpoint(disk, "/d/c", next);
        const bool was_whole = disk.steps() - before <= after;
        disk.crash([] { return true; }, true);
        const auto found = read_checkpoint(disk, "/d/c");
        ASSERT_TRUE(found) << after << ": " << found.error().detail;
        if (done) {
            EXPECT_EQ(found->step, 78);
        }
        EXPECT_TRUE(found->step == 77 || found->step == 78);
        if (was_whole) break;
        ASSERT_LT(after, 100);
    }
}

}  // namespace
}  // namespace training
