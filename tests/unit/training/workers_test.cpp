#include "tests/unit/training/workers.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <memory>

namespace training {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Kind = Message::Kind;

TEST(SumsTest, HaveTheBitsOfTheOrderInWhichTheyAreAdded)
{
    const Sums large{{1e16}, {1e8F}};
    const Sums small{{1}, {1}};
    Sums forwards = large;
    for (int i = 0; i < 10; ++i) add(forwards, small);
    Sums backwards = small;
    for (int i = 0; i < 9; ++i) add(backwards, small);
    add(backwards, large);
    EXPECT_EQ(forwards, large);
    EXPECT_NE(forwards, backwards);
}

Beginning beginning(const char* recipe, const char* threads, const char* state)
{
    Beginning made;
    made.add("the recipe", recipe);
    made.add("--threads", threads);
    made.add("the state", state);
    return made;
}

TEST(BeginningTest, NamesWhatDiffers)
{
    const std::string one(66, '1');
    const std::string two(66, '2');
    const auto first = beginning(one.c_str(), "1", "a");
    EXPECT_EQ(first.differences_from(first), "");
    EXPECT_EQ(beginning(two.c_str(), "1", "a").differences_from(first), "the recipe");
    EXPECT_EQ(beginning(two.c_str(), "2", "b").differences_from(first),
              "the recipe, --threads (2 instead of 1)");
    EXPECT_EQ(beginning(one.c_str(), "1", "b").differences_from(first),
              "the state (b instead of a)");
    EXPECT_EQ(Beginning{}.differences_from(first),
              "what has to be alike: it is another version of the program");
}

TEST(BeginningTest, IsReadAsItWasWritten)
{
    const auto whole = beginning("a: b", "", "c");
    const auto read = Beginning::read(whole.text());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text(), whole.text());
    EXPECT_TRUE(Beginning::read(""));
    std::string many;
    for (int i = 0; i < 65; ++i) many += "x: y\n";
    for (const auto& text :
         {std::string{"the recipe\n"}, std::string{"a: b"}, std::string{"\n"}, many})
        EXPECT_FALSE(Beginning::read(text)) << text;
}

TEST(ChannelTest, WaitsForNobodyForEver)
{
    auto [here, there] = connected();
    std::vector<std::byte> bytes(8);
    const auto began = Clock::now();
    const auto got = here.receive(bytes, began + 200ms);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().detail, "says nothing");
    EXPECT_LT(Clock::now() - began, 2s);
    EXPECT_FALSE(here.is_open());
    // What nobody takes cannot be sent without an end, either.
    auto [full, idle] = connected();
    const std::vector<std::byte> much(64 << 20);
    EXPECT_EQ(full.send(much, Clock::now() + 200ms).error().detail, "says nothing");
}

TEST(ChannelTest, TakesOneByteNowAndThenForNoSignOfLife)
{
    auto [here, there] = connected();
    std::atomic<bool> ends = false;
    std::thread slow{[&, &out = there] {
        const std::byte one{};
        while (!ends && out.send({&one, 1}, Clock::now() + 1s)) std::this_thread::sleep_for(20ms);
    }};
    std::vector<std::byte> bytes(1'000);
    const auto began = Clock::now();
    EXPECT_FALSE(here.receive(bytes, began + 300ms));
    EXPECT_LT(Clock::now() - began, 3s);
    ends = true;
    slow.join();
}

TEST(ChannelTest, TimeInWhichTheProgramStandsStillDoesNotCount)
{
    auto [here, there] = connected();
    const auto child = fork();
    if (child == 0) {
        std::vector<std::byte> bytes(8);
        _exit(here.receive(bytes, Clock::now() + 1s) ? 0 : 1);
    }
    const std::vector<std::byte> half(4);
    ASSERT_TRUE(there.send(half, Clock::now() + 1s));
    std::this_thread::sleep_for(200ms);
    ASSERT_EQ(kill(child, SIGSTOP), 0);
    std::this_thread::sleep_for(3s);
    ASSERT_TRUE(there.send(half, Clock::now() + 1s));
    ASSERT_EQ(kill(child, SIGCONT), 0);
    int status = 1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(ChannelTest, SaysThatTheOtherEndIsGone)
{
    auto [here, there] = connected();
    there.close();
    std::vector<std::byte> bytes(8);
    EXPECT_EQ(here.receive(bytes, Clock::now() + 5s).error().detail, "is gone");
    // Sending there is an error, not the end of the program.
    auto [other, gone] = connected();
    gone.close();
    EXPECT_EQ(other.send(bytes, Clock::now() + 5s).error().detail, "is gone");
}

TEST(MessagesTest, AreRefusedBeforeThereIsRoomForThem)
{
    const auto refused = [](Message head, std::size_t spoilt = SIZE_MAX) {
        auto [here, there] = connected();
        std::vector<std::byte> bytes(40);
        const std::uint32_t mark = 0x314b574d;
        std::memcpy(bytes.data(), &mark, 4);
        std::memcpy(bytes.data() + 4, &head.kind, 4);
        const std::uint32_t rest[] = {head.flags, head.place,  head.workers,
                                      head.wide,  head.narrow, head.text};
        std::memcpy(bytes.data() + 16, rest, sizeof rest);
        if (spoilt < bytes.size()) bytes[spoilt] ^= std::byte{1};
        EXPECT_TRUE(there.send(bytes, Clock::now() + 1s));
        const auto read = receive_head(here, {4'096, 1'000'000}, Clock::now() + 1s);
        EXPECT_EQ(here.is_open(), read.has_value());
        return !read;
    };
    Message sums;
    sums.kind = Kind::sums;
    sums.wide = 1'000;
    EXPECT_FALSE(refused(sums));
    EXPECT_TRUE(refused(sums, 0)) << "another mark";
    auto wrong = sums;
    wrong.narrow = 0xffffffff;
    EXPECT_TRUE(refused(wrong)) << "too many numbers";
    wrong = sums;
    wrong.text = 1;
    EXPECT_TRUE(refused(wrong)) << "numbers and text";
    wrong = sums;
    wrong.kind = Kind::farewell;
    EXPECT_TRUE(refused(wrong)) << "numbers of a farewell";
    Message text;
    text.text = 4'097;
    EXPECT_TRUE(refused(text)) << "a long text";
    text.text = 0;
    text.workers = 65;
    EXPECT_TRUE(refused(text)) << "too many workers";
    text.workers = 0;
    text.kind = Kind{7};
    EXPECT_TRUE(refused(text)) << "no kind";
}

Hub::Options quick()
{
    Hub::Options options;
    options.patience = short_patience;
    return options;
}

std::unique_ptr<Link> link_of(Team& team, std::uint32_t number)
{
    return team.link(number, short_patience);
}

TEST(HubTest, GivesEverybodyTheSumInTheOrderOfTheirPlaces)
{
    Team team{3, quick()};
    const std::vector<Sums> shards{{{1e16}, {1e8F}}, {{1}, {1}}, {{-1e16}, {-1e8F}}};
    auto expected = shards[0];
    add(expected, shards[1]);
    add(expected, shards[2]);
    std::vector<Sums> got(3);
    for (std::uint32_t i = 0; i < 3; ++i)
        team.run(i, [&, i] {
            const auto link = link_of(team, i);
            ASSERT_TRUE(link->join({}));
            for (std::uint64_t step = 0; step < 20; ++step) {
                // The last is the first to come.
                std::this_thread::sleep_for((3 - i) * 2ms);
                got[i] = shards[i];
                ASSERT_TRUE(link->add_up(step, got[i]));
                ASSERT_EQ(got[i], expected);
            }
            link->wish(wish_done);
            Sums none;
            EXPECT_TRUE(link->add_up(20, none));
        });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::done);
    EXPECT_TRUE(end.lost.empty());
}

TEST(HubTest, TellsTheOthersWhoIsGoneAndTheyGoOn)
{
    auto options = quick();
    std::vector<std::uint32_t> given_up;
    options.give_up = [&](std::uint32_t number) { given_up.push_back(number); };
    Team team{3, std::move(options)};
    for (std::uint32_t i = 0; i < 3; ++i)
        team.run(i, [&, i] {
            const auto link = link_of(team, i);
            ASSERT_TRUE(link->join({}));
            Sums one{{1}, {}};
            ASSERT_TRUE(link->add_up(0, one));
            if (i == 0) return;  // the connection is closed
            one = {{1}, {}};
            EXPECT_FALSE(link->add_up(1, one));
            ASSERT_TRUE(link->has_changed());
            const auto lost = link->take_changes();
            ASSERT_EQ(lost.size(), 1);
            EXPECT_EQ(lost[0].number, 0);
            EXPECT_EQ(lost[0].why, "is gone");
            EXPECT_FALSE(link->has_changed());
            EXPECT_EQ(link->workers(), 2);
            EXPECT_EQ(link->place(), i - 1);
            EXPECT_EQ(link->number(), i);
            link->wish(wish_done);
            one = {{1}, {}};
            ASSERT_TRUE(link->add_up(0, one));
            EXPECT_EQ(one.wide[0], 2);
        });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::done);
    EXPECT_EQ(end.first, 1);
    ASSERT_EQ(end.lost.size(), 1);
    EXPECT_EQ(given_up, std::vector<std::uint32_t>{0});
}

TEST(HubTest, LosesWhoIsSilentOrSaysSomethingElse)
{
    Team team{4, quick()};
    const auto began = Clock::now();
    for (std::uint32_t i = 0; i < 4; ++i)
        team.run(i, [&, i] {
            const auto link = link_of(team, i);
            ASSERT_TRUE(link->join({}));
            if (i == 0) std::this_thread::sleep_for(3s);
            Sums some{{1}, {1}};
            if (i == 2) some.narrow.push_back(1);
            const bool is_good = static_cast<bool>(link->add_up(i == 3 ? 7 : 0, some));
            EXPECT_FALSE(is_good);
            ASSERT_EQ(link->has_changed(), i == 1);
            if (i != 1) return;
            EXPECT_EQ(link->take_changes().size(), 3);
            EXPECT_LT(Clock::now() - began, 2900ms) << "nobody waits for what is never said";
            link->wish(wish_done);
            some = {{1}, {1}};
            EXPECT_TRUE(link->add_up(0, some));
            EXPECT_EQ(some.wide[0], 1);
        });
    const auto end = team.end();
    ASSERT_EQ(end.lost.size(), 3);
    EXPECT_EQ(end.lost[0].why, "says nothing");
    EXPECT_EQ(end.lost[1].why, "is at another step");
    EXPECT_EQ(end.lost[2].why, "is at another step");
}

TEST(HubTest, SaysThatNobodyIsLeft)
{
    Team team{2, quick()};
    for (std::uint32_t i = 0; i < 2; ++i)
        team.run(i, [&, i] { ASSERT_TRUE(link_of(team, i)->join({})); });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::all_lost);
    EXPECT_EQ(end.lost.size(), 2);
}

TEST(HubTest, EndsAllWhenOneSaysWhyItCannotGoOn)
{
    Team team{2, quick()};
    for (std::uint32_t i = 0; i < 2; ++i)
        team.run(i, [&, i] {
            const auto link = link_of(team, i);
            ASSERT_TRUE(link->join({}));
            if (i == 1) {
                EXPECT_TRUE(link->leave(4, "row 7 is bad"));
                return;
            }
            Sums none;
            const auto added = link->add_up(0, none);
            ASSERT_FALSE(added);
            EXPECT_EQ(added.error().detail, "row 7 is bad");
            EXPECT_EQ(link->status_or(0), 4) << "all end with the status of the one that failed";
            EXPECT_TRUE(link->was_stopped());
            EXPECT_FALSE(link->has_changed());
        });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::failed);
    EXPECT_EQ(end.status, 4);
    EXPECT_EQ(end.why, "row 7 is bad");
}

TEST(HubTest, BeginsOnlyWithWorkersThatBeginWithTheSame)
{
    Team team{2, quick()};
    for (std::uint32_t i = 0; i < 2; ++i)
        team.run(i, [&, i] {
            const auto link = link_of(team, i);
            const auto joined = link->join(beginning("same", i == 0 ? "1" : "2", "state"));
            ASSERT_FALSE(joined);
            EXPECT_EQ(joined.error().detail,
                      "worker 1 differs from worker 0 in --threads (2 instead of 1)");
            EXPECT_EQ(link->status_or(0), refused_status);
        });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::failed);
    EXPECT_EQ(end.status, refused_status);
}

TEST(HubTest, EndsWhenItIsInterruptedBeforeAllAreReady)
{
    auto options = quick();
    options.patience.joining = 60s;
    const auto began = Clock::now();
    options.interrupted = [began] { return Clock::now() > began + 200ms; };
    Team team{2, std::move(options)};
    std::atomic<bool> is_over = false;
    team.run(0, [&] {
        const auto link = link_of(team, 0);
        EXPECT_FALSE(link->join({}));
        EXPECT_EQ(link->status_or(0), interrupted_status);
        is_over = true;
    });
    team.run(1, [&] {
        const auto reads_samples = link_of(team, 1);
        while (!is_over) std::this_thread::sleep_for(10ms);
    });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::failed);
    EXPECT_EQ(end.status, interrupted_status);
    EXPECT_LT(Clock::now() - began, 20s);
}

TEST(LinkTest, DoesNotWaitForOthersWhenItIsInterrupted)
{
    auto [here, there] = connected();
    Link link{std::move(there), 1, 2, {60s, 60s, 1s}};
    const auto began = Clock::now();
    const auto joined = link.join({}, [&] { return Clock::now() < began + 200ms; });
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().detail, "interrupted, before training began");
    EXPECT_LT(Clock::now() - began, 20s);
    // The others are told, and end with the same status.
    EXPECT_TRUE(link.leave(interrupted_status, joined.error().detail));
    EXPECT_EQ(receive_head(here, {}, Clock::now() + 1s)->kind, Kind::ready);
    const auto farewell = receive_head(here, {}, Clock::now() + 1s);
    ASSERT_TRUE(farewell);
    EXPECT_EQ(farewell->kind, Kind::farewell);
    EXPECT_EQ(farewell->place, 130);
}

TEST(LinkTest, EndsWithAStatusOfTheProgramWhateverItIsTold)
{
    for (const auto& [said, expected] :
         {std::pair{0, 2}, {1, 1}, {2, 2}, {3, 2}, {4, 4}, {5, 5}, {130, 130}, {256, 2}, {-1, 2}}) {
        auto [here, there] = connected();
        Link link{std::move(there), 0, 2, short_patience};
        EXPECT_EQ(link.status_or(7), 7);
        send_away(here, {said, "go"}, Clock::now() + 1s);
        EXPECT_FALSE(link.join({}));
        EXPECT_EQ(link.status_or(7), expected) << said;
    }
}

TEST(HubTest, DoesNotBeginWithFewer)
{
    Team team{2, quick()};
    team.run(0, [&] { EXPECT_FALSE(link_of(team, 0)->join({})); });
    team.run(1, [&] { link_of(team, 1).reset(); });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::failed);
    EXPECT_EQ(end.why, "worker 1 is gone, before training began");
    EXPECT_EQ(end.status, deserted_status);
}

TEST(HubTest, TellsAllWhatOneAsksFor)
{
    Team team{2, quick()};
    for (std::uint32_t i = 0; i < 2; ++i)
        team.run(i, [&, i] {
            const auto link = link_of(team, i);
            ASSERT_TRUE(link->join({}));
            Sums none;
            ASSERT_TRUE(link->add_up(0, none));
            EXPECT_EQ(link->wishes(), 0);
            if (i == 1) link->wish(wish_interrupt);
            ASSERT_TRUE(link->add_up(1, none));
            EXPECT_EQ(link->wishes(), wish_interrupt);
            link->wish(wish_done);
            ASSERT_TRUE(link->add_up(1, none));
        });
    EXPECT_EQ(team.end().kind, Hub::End::Kind::done);
}

}  // namespace
}  // namespace training
