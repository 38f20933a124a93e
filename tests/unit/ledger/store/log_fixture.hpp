#pragma once

#include "ledger/store/log.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ledger {

inline const std::string folder = "data/log";

/// What a record numbered `seq` holds here: its length differs, so that tears fall everywhere.
inline Bytes payload(std::uint64_t seq)
{
    Bytes made(seq * 37 % 700);
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<std::uint8_t>(seq + i);
    return made;
}

/// A log of small segments on a disk that fails as it is told.
struct LogFixture : testing::Test {
    SimDisk disk;
    LogLimits limits{.segment_bytes = 2048, .record_bytes = 1024, .batch_bytes = 4096};
    std::uint64_t salt = 1;
    std::set<std::uint64_t> marks;  ///< numbers that closing may have taken
    std::uint64_t replayed_first = 0;
    std::uint64_t replayed_last = 0;

    Result<std::unique_ptr<Log>> open(std::uint64_t applied_seq = 0)
    {
        replayed_first = replayed_last = 0;
        return Log::open(
            disk, folder, limits, {applied_seq, salt++},
            [this](const LogRecord& record) -> Result<void> {
                EXPECT_EQ(record.type, 1 + record.seq % 3);
                EXPECT_EQ(Bytes(record.payload.begin(), record.payload.end()), payload(record.seq));
                if (replayed_first == 0) replayed_first = record.seq;
                if (replayed_last != 0) {
                    const bool over_a_mark =
                        marks.contains(replayed_last + 1) && record.seq == replayed_last + 2;
                    EXPECT_TRUE(record.seq == replayed_last + 1 || over_a_mark)
                        << record.seq << " after " << replayed_last;
                }
                replayed_last = record.seq;
                return {};
            });
    }

    static Result<void> append(Log& log, std::uint64_t count)
    {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto seq = log.next_seq();
            const auto done = log.append(static_cast<std::uint8_t>(1 + seq % 3), payload(seq));
            if (!done) return done.error();
            EXPECT_EQ(*done, seq);
        }
        return {};
    }

    static void append_and_sync(Log& log, std::uint64_t count)
    {
        ASSERT_TRUE(append(log, count));
        ASSERT_TRUE(log.sync());
    }

    std::string newest() { return folder + "/" + disk.list(folder)->back(); }
};

}  // namespace ledger
