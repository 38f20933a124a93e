#include "ledger/transfer/fetch_crew.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/transfer/batch_status.hpp"
#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace ledger::transfer {
namespace {

/// Keeps a batch in memory.
class MemorySink final : public BatchSink {
public:
    explicit MemorySink(const sealing::BatchSummary& batch)
        : batch_{batch}, sealed(batch.bytes), check_{batch}
    {
    }
    Result<void> begin_table() override
    {
        leaves.clear();
        check_ = TableCheck{batch_};
        return {};
    }
    Result<void> add_leaves(std::uint64_t first, ByteView more) override
    {
        EXPECT_EQ(first * sealing::LeafTable::entry_bytes, leaves.size());
        append(leaves, more);
        return check_.add(more);
    }
    Result<bool> finish_table() override { return check_.holds(); }
    Result<std::uint64_t> keep(const ChunkRange& range, ByteView bytes) override
    {
        if (is_full) return Error{ErrorKind::full, "no room"};
        constexpr auto entry = sealing::LeafTable::entry_bytes;
        const auto good =
            good_chunks(batch_, range, bytes,
                        ByteView{leaves}.subspan(range.first * entry, range.count * entry));
        const std::lock_guard lock{mutex_};
        const auto kept = good == 0 ? 0 : range_bytes(batch_, {range.first, good});
        std::copy_n(bytes.begin(), kept,
                    sealed.begin() +
                        static_cast<std::ptrdiff_t>(range.first * sealing::sealed_chunk_bytes));
        return good;
    }
    Result<void> sync() override
    {
        ++syncs;
        return {};
    }

private:
    sealing::BatchSummary batch_;
    std::mutex mutex_;

public:
    Bytes leaves, sealed;
    std::atomic<int> syncs = 0;
    bool is_full = false;

private:
    TableCheck check_;
};

struct FetchCrewTest : testing::Test {
    /// A provider that has everything; `spoil` may change its answers.
    WebGet provider(
        std::function<Result<WebReply, ProviderFault>(const WebCall&, WebReply)> spoil = {})
    {
        return [this, spoil](const WebCall& call) -> Result<WebReply, ProviderFault> {
            ++calls;
            WebReply reply{200, {}};
            const auto range = parse_range(call.target.substr(call.target.rfind('/') + 1));
            if (call.target.find("/chunks/") != std::string::npos) {
                reply.body = batch.chunk_part(*range);
            } else if (call.target.find("/table/") != std::string::npos) {
                reply.body = batch.leaf_part(*range);
            } else {
                auto status = status_of(batch.summary(), batch.manifest.chunks);
                ChunkSet all{batch.manifest.chunks};
                all.set_all();
                say_have(status, all, 0);
                const auto text = codec::to_json(status).dump();
                reply.body.assign(text.begin(), text.end());
            }
            return spoil ? spoil(call, std::move(reply)) : std::move(reply);
        };
    }
    FetchCrew::Parts parts(std::vector<WebGet> gets)
    {
        std::vector<FetchCrew::Provider> providers;
        for (auto& get : gets)
            providers.push_back({"p" + std::to_string(providers.size()), std::move(get)});
        return {
            batch.summary(),
            std::move(providers),
            sink,
            ChunkSet{batch.manifest.chunks},
            false,
            {},
            [] {
                return static_cast<Instant>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                std::chrono::steady_clock::now().time_since_epoch())
                                                .count());
            }};
    }
    Result<void> run(std::vector<WebGet> gets)
    {
        FetchCrew crew{parts(std::move(gets))};
        std::stop_source stop;
        const auto done = crew.run(stop.get_token());
        told = crew.told();
        return done;
    }

    SealedBatch batch = seal_batch(5, 100);
    MemorySink sink{batch.summary()};
    std::atomic<int> calls = 0;
    FetchCrew::Told told;
};

TEST_F(FetchCrewTest, BringsABatchFromThreeProvidersByteForByte)
{
    const auto done = run({provider(), provider(), provider()});
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(sink.sealed, batch.sealed);
    EXPECT_EQ(sink.leaves, batch.leaves);
    EXPECT_EQ(told.bytes, batch.sealed.size());
    EXPECT_GT(sink.syncs, 0);
}

TEST_F(FetchCrewTest, BringsItInSpiteOfALiarAndAFlooder)
{
    const auto lie = [](const WebCall& call, WebReply reply) -> Result<WebReply, ProviderFault> {
        if (call.target.find("/chunks/") != std::string::npos) reply.body.back() ^= 1;
        return reply;
    };
    const auto flood = [](const WebCall& call, WebReply reply) -> Result<WebReply, ProviderFault> {
        if (call.target.find("/chunks/") != std::string::npos) reply.body.push_back(0);
        return reply;
    };
    // Slow enough that the others get their turn.
    const auto wait = [](const WebCall&, WebReply reply) -> Result<WebReply, ProviderFault> {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        return reply;
    };
    const auto done = run({provider(lie), provider(wait), provider(flood)});
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(sink.sealed, batch.sealed);
    EXPECT_EQ(told.providers[0].dropped, ProviderFault::lied);
    EXPECT_EQ(told.providers[1].dropped, std::nullopt);
    EXPECT_EQ(told.providers[2].dropped, ProviderFault::flooded);
}

TEST_F(FetchCrewTest, EndsWithTheErrorOfWhereItIsKept)
{
    sink.is_full = true;
    const auto done = run({provider()});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::full);
}

TEST_F(FetchCrewTest, StopsSoonWhenTold)
{
    const auto hang = [](const WebCall& call, WebReply) -> Result<WebReply, ProviderFault> {
        while (!call.stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        return ProviderFault::stalled;
    };
    FetchCrew crew{parts({provider(hang)})};
    std::stop_source stop;
    std::jthread later{[&] {
        while (calls == 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        stop.request_stop();
    }};
    const auto done = crew.run(stop.get_token());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().detail, "it was stopped");
}

}  // namespace
}  // namespace ledger::transfer
