#include "tests/unit/training/workers.hpp"
#include "training/checkpoint/worker_counts.hpp"
#include "training/workers/rendezvous.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <memory>

namespace training {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Kind = Message::Kind;

constexpr Patience short_patience{1s, 3s, 1s};

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

TEST(WorkerCountsTest, SayWhoTookWhichStep)
{
    WorkerCounts counts{3};
    counts.change(40, 2);
    counts.change(70, 2);
    counts.change(90, 1);
    EXPECT_EQ(counts.text(), "3,2@40,1@90");
    EXPECT_EQ(counts.after(0), 3);
    EXPECT_EQ(counts.after(39), 3);
    EXPECT_EQ(counts.after(40), 2);
    EXPECT_EQ(counts.after(1'000), 1);
    // What was to come after a step that is taken again is forgotten.
    counts.change(80, 2);
    EXPECT_EQ(counts.text(), "3,2@40");
    counts.change(40, 3);
    EXPECT_EQ(counts.text(), "3");
    counts.change(0, 1);
    EXPECT_TRUE(counts.is_one());
}

TEST(WorkerCountsTest, ReadWhatTheyWriteAndNothingElse)
{
    for (const auto* text : {"1", "64", "3,2@40", "1,64@1,1@18446744073709551615"}) {
        const auto read = WorkerCounts::read(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->text(), text);
    }
    for (const auto* text :
         {"", "0", "65", "-1", "+1", "03", "3@0", "3,2", "3,2@0", "3,3@5", "3,2@5,1@5", "3,2@5,1@4",
          "3,", ",3", "3,2@", "3,2@x", "3 ", "3,2@18446744073709551616", "x"})
        EXPECT_FALSE(WorkerCounts::read(text)) << text;
    EXPECT_EQ(WorkerCounts::read("65").error().detail,
              "'65' is no number of workers from 1 to 64, nor several with the steps after which "
              "they change, as 3,2@40");
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
            ledger::Hash beginning;
            beginning.bytes.fill(static_cast<std::uint8_t>(i));
            EXPECT_FALSE(link_of(team, i)->join(beginning));
        });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::failed);
    EXPECT_EQ(end.why,
              "worker 1 begins with something else than worker 0: another model, recipe, samples, "
              "number of threads or checkpoint");
}

TEST(HubTest, DoesNotBeginWithFewer)
{
    Team team{2, quick()};
    team.run(0, [&] { EXPECT_FALSE(link_of(team, 0)->join({})); });
    team.run(1, [&] { link_of(team, 1).reset(); });
    const auto end = team.end();
    EXPECT_EQ(end.kind, Hub::End::Kind::failed);
    EXPECT_EQ(end.why, "worker 1 is gone, before training began");
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

TEST(RendezvousTest, TakesAddressesOfNumbersAndPaths)
{
    const auto read = [](const char* text) { return RendezvousAddress::read(text); };
    EXPECT_FALSE(read("127.0.0.1:4711")->is_open_to_others);
    EXPECT_FALSE(read("127.9.9.9:1")->is_open_to_others);
    EXPECT_FALSE(read("[::1]:4711")->is_open_to_others);
    EXPECT_TRUE(read("0.0.0.0:4711")->is_open_to_others);
    EXPECT_TRUE(read("[::]:4711")->is_open_to_others);
    EXPECT_TRUE(read("10.0.0.1:65535")->is_open_to_others);
    EXPECT_FALSE(read("./socket")->is_open_to_others);
    for (const auto* text : {"", "localhost:1", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536",
                             "127.0.0.1:x", "[::1:1", ":1", "socket"})
        EXPECT_FALSE(read(text)) << text;
    EXPECT_FALSE(read(("/" + std::string(200, 'x')).c_str()));
}

TEST(RendezvousTest, BringsWorkersTogetherAndSendsOthersAway)
{
    const auto path = testing::TempDir() + "rendezvous_test.socket";
    std::filesystem::remove(path);
    const auto address = *RendezvousAddress::read(path);
    {
        auto opened = Rendezvous::open(address);
        ASSERT_TRUE(opened) << opened.error().detail;
        struct stat status {};
        ASSERT_EQ(stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600) << "for nobody else";
        EXPECT_FALSE(Rendezvous::open(address)) << "somebody waits there already";
        const auto greeting = [&](std::uint32_t number, std::uint32_t workers) {
            auto channel = meet(address, short_patience);
            EXPECT_TRUE(channel) << channel.error().detail;
            auto link =
                std::make_unique<Link>(std::move(*channel), number, workers, short_patience);
            EXPECT_TRUE(link->greet());
            return link;
        };
        std::vector<std::unique_ptr<Link>> links;
        auto stranger = *meet(address, short_patience);
        ASSERT_TRUE(stranger.send(std::vector<std::byte>(40, std::byte{'x'}), Clock::now() + 1s));
        links.push_back(greeting(2, 3));
        links.push_back(greeting(2, 3));
        links.push_back(greeting(0, 3));
        links.push_back(greeting(1, 4));
        links.push_back(greeting(1, 3));
        auto found = opened->wait_for(3, short_patience, [] { return true; });
        ASSERT_TRUE(found) << found.error().detail;
        ASSERT_EQ(found->size(), 2);
        EXPECT_EQ(links[1]->join({}).error().detail, "there is a worker 2 already");
        EXPECT_EQ(links[2]->join({}).error().detail, "there is a worker 0 already");
        EXPECT_EQ(links[3]->join({}).error().detail, "this training is one of 3 workers");
        // Their places are those that they greeted for.
        Message head;
        head.kind = Kind::stop;
        EXPECT_TRUE(send((*found)[0], head, "you are 1", Clock::now() + 1s));
        EXPECT_EQ(links[4]->join({}).error().detail, "you are 1");
    }
    EXPECT_FALSE(std::filesystem::exists(path)) << "it takes its socket with it";
}

TEST(RendezvousTest, SaysWhoDidNotCome)
{
    const auto path = testing::TempDir() + "rendezvous_late.socket";
    std::filesystem::remove(path);
    const auto address = *RendezvousAddress::read(path);
    auto opened = Rendezvous::open(address);
    ASSERT_TRUE(opened);
    const auto none = opened->wait_for(3, {1s, 1s, 1s}, [] { return true; });
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().detail, path + ": these workers did not come: 1 2");
    const auto away = *RendezvousAddress::read(testing::TempDir() + "nobody.socket");
    EXPECT_FALSE(meet(away, {1s, 0s, 1s}));
}

}  // namespace
}  // namespace training
