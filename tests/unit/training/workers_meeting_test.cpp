#include "tests/unit/training/workers.hpp"
#include "training/workers/rendezvous.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>

/// Workers that no program has started together, and strangers at the place where they meet.
namespace training {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

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

/// Where workers meet, in a folder of tests.
class MeetingTest : public testing::Test {
protected:
    static RendezvousAddress at(const std::string& name)
    {
        const auto path = testing::TempDir() + name;
        std::filesystem::remove(path);
        return *RendezvousAddress::read(path);
    }
    std::unique_ptr<Link> link(std::uint32_t number, std::uint32_t workers,
                               const Patience& patience = short_patience) const
    {
        auto channel = meet(address_, patience);
        EXPECT_TRUE(channel) << channel.error().detail;
        return std::make_unique<Link>(std::move(*channel), number, workers, patience);
    }
    std::unique_ptr<Link> welcome(std::uint32_t number, std::uint32_t workers) const
    {
        auto made = link(number, workers);
        const auto done = made->greet();
        EXPECT_TRUE(done) << done.error().detail;
        return made;
    }
    void expect_sent_away(std::uint32_t number, std::uint32_t workers, const char* why) const
    {
        const auto made = link(number, workers);
        const auto done = made->greet();
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().detail, why);
        EXPECT_EQ(made->status_or(0), refused_status);
    }
    static std::optional<Refusal> never() { return {}; }

    RendezvousAddress address_ = at("meeting_test.socket");
};

TEST_F(MeetingTest, BringsWorkersTogetherAndSendsOthersAway)
{
    {
        auto opened = Rendezvous::open(address_);
        ASSERT_TRUE(opened) << opened.error().detail;
        struct stat status {};
        ASSERT_EQ(stat(address_.host.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600) << "for nobody else";
        EXPECT_FALSE(Rendezvous::open(address_)) << "somebody waits there already";
        std::vector<std::unique_ptr<Link>> links;
        std::jthread others{[&] {
            auto stranger = *meet(address_, short_patience);
            ASSERT_TRUE(
                stranger.send(std::vector<std::byte>(40, std::byte{'x'}), Clock::now() + 1s));
            links.push_back(welcome(2, 3));
            expect_sent_away(2, 3, "there is a worker 2 already");
            expect_sent_away(0, 3, "there is a worker 0 already");
            expect_sent_away(3, 3, "there is no worker 3 of 3");
            expect_sent_away(1, 4, "this training is one of 3 workers");
            links.push_back(welcome(1, 3));
        }};
        auto found = opened->wait_for(3, short_patience, never);
        others.join();
        ASSERT_TRUE(found) << found.error().why;
        ASSERT_EQ(found->size(), 2);
        // Their places are those that they greeted for.
        send_away((*found)[0], {refused_status, "you are 1"}, Clock::now() + 1s);
        EXPECT_EQ(links[1]->join({}).error().detail, "you are 1");
    }
    EXPECT_FALSE(std::filesystem::exists(address_.host)) << "it takes its socket with it";
}

TEST_F(MeetingTest, StrangersThatSayNothingKeepNobodyWaiting)
{
    auto opened = Rendezvous::open(address_);
    ASSERT_TRUE(opened);
    const Patience patience{5s, 20s, 5s};
    std::vector<Channel> strangers;
    const std::vector<std::byte> half(20);
    for (int i = 0; i < 40; ++i) {
        strangers.push_back(*meet(address_, patience));
        if (i % 2 != 0) continue;
        ASSERT_TRUE(strangers.back().send(half, Clock::now() + 1s));
    }
    const auto made = link(1, 2, patience);
    std::jthread other{[&] { EXPECT_TRUE(made->greet()); }};
    const auto began = Clock::now();
    EXPECT_TRUE(opened->wait_for(2, patience, never));
    EXPECT_LT(Clock::now() - began, 4s) << "less than one of them may be silent";
}

TEST_F(MeetingTest, StrangersInAnyNumberArePutOutWhereTheyFillTheHall)
{
    auto opened = Rendezvous::open(address_);
    ASSERT_TRUE(opened);
    const Patience patience{5s, 20s, 20s};
    std::unique_ptr<Link> made;
    std::jthread others{[&] {
        std::vector<Channel> strangers;
        for (std::uint32_t i = 0; i < 2 * most_workers; ++i)
            strangers.push_back(*meet(address_, patience));
        // The first of them learn that they are put out, long before their time is over.
        std::vector<std::byte> bytes(1);
        EXPECT_EQ(strangers.front().receive(bytes, Clock::now() + 10s).error().detail, "is gone");
        made = link(1, 2, patience);
        EXPECT_TRUE(made->greet());
    }};
    EXPECT_TRUE(opened->wait_for(2, patience, never));
}

TEST_F(MeetingTest, OneThatEndsBeforeAllAreThereLeavesItsPlace)
{
    auto opened = Rendezvous::open(address_);
    ASSERT_TRUE(opened);
    std::vector<std::unique_ptr<Link>> links;
    std::jthread others{[&] {
        welcome(1, 3).reset();
        std::this_thread::sleep_for(500ms);
        links.push_back(welcome(1, 3));
        links.push_back(welcome(2, 3));
    }};
    const auto found = opened->wait_for(3, {1s, 10s, 1s}, never);
    others.join();
    ASSERT_TRUE(found) << found.error().why;
    EXPECT_FALSE((*found)[0].is_hung_up());
}

TEST_F(MeetingTest, AllThatHaveComeAreToldWhyTheOthersNeedNot)
{
    auto opened = Rendezvous::open(address_);
    ASSERT_TRUE(opened);
    std::atomic<bool> has_come = false;
    std::jthread other{[&] {
        const auto made = welcome(1, 3);
        has_come = true;
        const auto joined = made->join({});
        ASSERT_FALSE(joined);
        EXPECT_EQ(joined.error().detail, "row 7 is bad");
        EXPECT_EQ(made->status_or(0), 4);
    }};
    const auto found = opened->wait_for(3, {1s, 10s, 1s}, [&]() -> std::optional<Refusal> {
        if (!has_come) return {};
        return Refusal{4, "row 7 is bad"};
    });
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().why, "row 7 is bad");
}

TEST_F(MeetingTest, WhoComesLateIsToldAtOnce)
{
    auto opened = Rendezvous::open(address_);
    ASSERT_TRUE(opened);
    std::jthread door{[&](const std::stop_token& stop) {
        opened->send_others_away({refused_status, "the training has begun"}, short_patience,
                                 [&] { return !stop.stop_requested(); });
    }};
    auto stranger = *meet(address_, short_patience);
    const auto began = Clock::now();
    expect_sent_away(1, 2, "the training has begun");
    expect_sent_away(1, 2, "the training has begun");
    EXPECT_LT(Clock::now() - began, 1s);
}

TEST_F(MeetingTest, TakesTheSocketOfOneThatWasEndedByForce)
{
    const auto left = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, address_.host.c_str(), address_.host.size() + 1);
    ASSERT_EQ(bind(left, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    ASSERT_EQ(listen(left, 1), 0);
    EXPECT_FALSE(Rendezvous::open(address_)) << "it is there";
    close(left);
    EXPECT_TRUE(Rendezvous::open(address_));
    // Whatever else lies there is left alone.
    std::ofstream{address_.host} << "mine";
    EXPECT_FALSE(Rendezvous::open(address_));
    EXPECT_TRUE(std::filesystem::exists(address_.host));
    std::filesystem::remove(address_.host);
}

TEST(RendezvousTest, SaysWhoDidNotCome)
{
    const auto path = testing::TempDir() + "rendezvous_late.socket";
    std::filesystem::remove(path);
    const auto address = *RendezvousAddress::read(path);
    auto opened = Rendezvous::open(address);
    ASSERT_TRUE(opened);
    const auto none =
        opened->wait_for(3, {1s, 1s, 1s}, []() -> std::optional<Refusal> { return {}; });
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().why, path + ": these workers did not come: 1 2");
    EXPECT_EQ(none.error().status, deserted_status);
    const auto away = *RendezvousAddress::read(testing::TempDir() + "nobody.socket");
    EXPECT_FALSE(meet(away, {1s, 0s, 1s}));
}

}  // namespace
}  // namespace training
