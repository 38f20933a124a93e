#include "wallet/rental/worker.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <fstream>

namespace wallet::rental {
namespace {

using namespace std::chrono_literals;

/// A shell in the place of the trainer.
struct WorkerTest : testing::Test {
    Worker::Options options(const std::string& script)
    {
        Worker::Options made;
        made.program = "/bin/sh";
        made.arguments = {"-c", script};
        made.output = folder.path() / "out";
        made.errors = folder.path() / "err";
        return made;
    }
    std::unique_ptr<Worker> start(const std::string& script)
    {
        auto worker = Worker::start(options(script));
        EXPECT_TRUE(worker) << worker.error().detail;
        return std::move(*worker);
    }
    std::string said(const char* name) const { return tail_of(folder.path() / name); }
    /// Whether `claim` comes true in time.
    static bool comes(const std::function<bool()>& claim)
    {
        for (int i = 0; i < 500; ++i) {
            if (claim()) return true;
            std::this_thread::sleep_for(20ms);
        }
        return false;
    }

    ledger::TemporaryFolder folder;
};

TEST_F(WorkerTest, ReadsItsInputAndTellsHowItEnded)
{
    auto made = options("cat; echo no >&2; exit 7");
    made.input = [](const Put& put) {
        for (int i = 0; i < 1'000; ++i)
            if (auto done = put(ledger::as_bytes(std::string(1'000, 'x'))); !done) return done;
        return put(ledger::as_bytes("end"));
    };
    auto worker = *Worker::start(std::move(made));
    EXPECT_EQ(worker->wait(), 7);
    EXPECT_EQ(worker->ended(), 7);
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "out"), 1'000'003u);
    EXPECT_TRUE(said("out").ends_with("xend"));
    EXPECT_EQ(said("err"), "no");
}

TEST_F(WorkerTest, EndsAlsoWhenItReadsNothingOfItsInput)
{
    auto made = options("exit 0");
    bool failed = false;
    made.input = [&](const Put& put) {
        ledger::Result<void> done;
        for (int i = 0; done && i < 10'000; ++i) done = put(ledger::Bytes(10'000));
        failed = !done;
        return done;
    };
    {
        auto worker = *Worker::start(std::move(made));
        EXPECT_EQ(worker->wait(), 0);
    }
    EXPECT_TRUE(failed);
}

TEST_F(WorkerTest, StandsStillWhilePaused)
{
    auto worker = start("while :; do echo x; sleep 0.02; done");
    const auto size = [&] { return std::filesystem::file_size(folder.path() / "out"); };
    ASSERT_TRUE(comes([&] { return size() > 4; }));
    worker->pause();
    std::this_thread::sleep_for(100ms);
    const auto before = size();
    std::this_thread::sleep_for(300ms);
    EXPECT_EQ(size(), before);
    EXPECT_FALSE(worker->ended());
    worker->resume();
    EXPECT_TRUE(comes([&] { return size() > before + 4; }));
}

TEST_F(WorkerTest, IsAskedToEndAndMadeTo)
{
    auto worker = start("trap 'exit 3' INT; while :; do sleep 0.02; done");
    std::this_thread::sleep_for(200ms);
    worker->pause();
    EXPECT_EQ(worker->stop(10s), 3) << "though it was paused";
    auto deaf = start("trap '' INT; echo up; while :; do sleep 0.02; done");
    ASSERT_TRUE(comes([&] { return said("out") == "up"; }));
    EXPECT_EQ(deaf->stop(200ms), 128 + SIGKILL);
}

TEST_F(WorkerTest, CountsProcessorTime)
{
    auto worker = start("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done");
    EXPECT_TRUE(comes([&] { return worker->cpu_ms() > 0 || worker->ended(); }));
    worker->wait();
    EXPECT_GT(worker->cpu_ms(), 0u);
}

TEST_F(WorkerTest, DiesWithTheProgramThatStartedIt)
{
    const auto child = ::fork();
    if (child == 0) {
        auto worker = start("echo $$; while :; do sleep 0.02; done");
        ::pause();
        ::_exit(0);
    }
    ASSERT_TRUE(comes([&] { return !said("out").empty(); }));
    const auto pid = static_cast<pid_t>(std::stol(said("out")));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(comes([&] {
        // One that nobody waits for is dead, too.
        std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
        std::string text{std::istreambuf_iterator<char>{stat}, {}};
        return text.empty() || text.find(") Z ") != std::string::npos;
    }));
}

TEST_F(WorkerTest, HasNoDescriptorsOfThisProgram)
{
    std::ofstream kept{folder.path() / "secret"};
    EXPECT_EQ(start("ls /proc/$$/fd | wc -w > " + (folder.path() / "count").string())->wait(), 0);
    std::ifstream counted{folder.path() / "count"};
    int count = 0;
    counted >> count;
    EXPECT_LE(count, 4) << "0, 1 and 2, and one of the shell's";
}

TEST_F(WorkerTest, WritesNoFileAboveItsBound)
{
    auto made = options("head -c 100000 /dev/zero");
    made.most_file_bytes = 10'000;
    auto worker = *Worker::start(std::move(made));
    EXPECT_NE(worker->wait(), 0);
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "out"), 10'000u);
}

TEST_F(WorkerTest, IsNotFoundWhereItIsNot)
{
    auto made = options("");
    made.program = folder.path() / "nothing";
    const auto worker = Worker::start(std::move(made));
    ASSERT_FALSE(worker);
    EXPECT_EQ(worker.error().kind, ledger::ErrorKind::not_found);
    EXPECT_FALSE(program_beside("sh").empty()) << "in PATH";
    EXPECT_TRUE(program_beside("no-such-program").empty());
}

}  // namespace
}  // namespace wallet::rental
