#include "node/peers/address_book.hpp"
#include "node/peers/peer_scores.hpp"

#include <gtest/gtest.h>

#include <set>

namespace node {
namespace {

using ledger::TimeMs;
constexpr TimeMs noon{1'790'000'000'000};
constexpr std::uint64_t hour = 3'600'000;

NetAddress address(const std::string& text)
{
    return *address_from_text(text);
}

TEST(NetAddress, IsReadAndWrittenAsPeopleDo)
{
    for (const char* text : {"192.0.2.1:7000", "[2001:db8::1]:65535", "[::1]:1"})
        EXPECT_EQ(to_text(address(text)), text);
    EXPECT_EQ(to_text(address("[::ffff:192.0.2.1]:5")), "192.0.2.1:5");
    for (const char* text : {"", ":", "1.2.3.4", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:x",
                             "1.2.3:5", "2001:db8::1:5", "[1.2.3.4]:5", "host:5", "1.2.3.4: 5"})
        EXPECT_FALSE(address_from_text(text)) << text;
}

TEST(NetAddress, KnowsWhatCannotBeReachedFromEverywhere)
{
    for (const char* text : {"10.1.1.1:1", "172.16.0.1:1", "172.31.255.1:1", "192.168.0.1:1",
                             "127.0.0.1:1", "169.254.1.1:1", "0.0.0.1:1", "224.0.0.1:1",
                             "100.64.0.1:1", "192.0.2.1:1", "198.51.100.7:1", "203.0.113.9:1",
                             "[::1]:1", "[fe80::1]:1", "[fd00::1]:1", "[2001:db8::1]:1", "[::]:1"})
        EXPECT_FALSE(is_public(address(text).ip)) << text;
    for (const char* text : {"1.1.1.1:1", "172.32.0.1:1", "100.128.0.1:1", "[2a00::1]:1"})
        EXPECT_TRUE(is_public(address(text).ip)) << text;
}

TEST(NetAddress, IsGroupedBySizeOfWhatOnePartyHas)
{
    const auto group = [](const char* text) { return netgroup_of(address(text).ip); };
    EXPECT_EQ(group("1.2.3.4:1"), group("1.2.200.9:2"));
    EXPECT_NE(group("1.2.3.4:1"), group("1.3.3.4:1"));
    EXPECT_EQ(group("[2a00:1:2::1]:1"), group("[2a00:1:ffff::9]:1"));
    EXPECT_NE(group("[2a00:1::1]:1"), group("[2a00:2::1]:1"));
    EXPECT_NE(group("[2a00:1::1]:1"), group("42.0.0.1:1"));
}

class AddressBookTest : public testing::Test {
protected:
    AddressRecord record(const std::string& where, std::uint64_t sequence = 1)
    {
        AddressRecord made;
        made.key = ledger::public_key(ledger::SecretKey::generate(random));
        made.addresses = {address(where)};
        made.sequence = sequence;
        made.expires_s = noon.value / 1000 + RecordLimits::lifetime_s;
        return made;
    }
    static IpBytes source(const std::string& where) { return address(where + ":1").ip; }

    ledger::SeededRandom random{4};
    AddressBook book{random.next<ledger::Hash>()};
};

TEST_F(AddressBookTest, LimitsWhatOneSourceCanFill)
{
    // Ten thousand addresses of many netgroups, all from one source group.
    for (unsigned i = 0; i < 10'000; ++i)
        book.add(record(std::to_string(1 + i % 200) + "." + std::to_string(i / 200) + ".0.1:1"),
                 source("5.5.5.5"), noon);
    EXPECT_LE(book.new_count(), BookLimits::new_buckets_of_source * BookLimits::slots);
    EXPECT_GT(book.new_count(), BookLimits::slots);
    for (unsigned i = 0; i < 100; ++i)
        book.add(record(std::to_string(1 + i) + ".9.0.1:1"),
                 source(std::to_string(1 + i) + ".1.1.1"), noon);
    EXPECT_GT(book.new_count(), BookLimits::new_buckets_of_source * BookLimits::slots);
}

TEST_F(AddressBookTest, LimitsWhatOneNetgroupCanFillOfTheTried)
{
    for (unsigned i = 0; i < 2'000; ++i) {
        const auto peer =
            record("7.7." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250) + ":1");
        book.add(peer, source(std::to_string(1 + i % 200) + ".1.1.1"), noon);
        book.succeeded(peer.key, peer.addresses.front(), noon);
    }
    EXPECT_LE(book.tried_count(), BookLimits::tried_buckets_of_group * BookLimits::slots);
}

TEST_F(AddressBookTest, CountsATriedPeerToTheNetgroupInWhichItAnswered)
{
    // Each record begins with an address that is not its owner's, in a netgroup of its own.
    const auto answers = address("7.7.1.1:1");
    for (unsigned i = 0; i < 2'000; ++i) {
        auto peer = record("1." + std::to_string(i % 250) + "." + std::to_string(i / 250) + ".1:1");
        peer.addresses.push_back(answers);
        book.add(peer, source(std::to_string(1 + i % 200) + ".1.1.1"), noon);
        book.succeeded(peer.key, answers, noon);
    }
    EXPECT_LE(book.tried_count(), BookLimits::tried_buckets_of_group * BookLimits::slots);
    EXPECT_GT(book.tried_count(), BookLimits::slots);
}

TEST_F(AddressBookTest, FollowsATriedPeerToAnotherOfItsAddresses)
{
    auto peer = record("1.1.1.1:1");
    peer.addresses.push_back(address("2.2.2.2:2"));
    book.add(peer, source("9.9.9.9"), noon);
    book.succeeded(peer.key, peer.addresses[0], noon);
    book.succeeded(peer.key, peer.addresses[1], noon);
    EXPECT_EQ(book.find(peer.key)->answered, peer.addresses[1]);
    EXPECT_EQ(book.tried_count(), 1u);
    book.forget(peer.key);
    EXPECT_EQ(book.tried_count(), 0u) << "the place that it left is free";
}

TEST_F(AddressBookTest, LearnsNothingOfARecordFromAnAddressThatItDoesNotName)
{
    const auto peer = record("1.1.1.1:1");
    book.add(peer, source("9.9.9.9"), noon);
    book.succeeded(peer.key, address("2.2.2.2:2"), noon);
    EXPECT_EQ(book.tried_count(), 0u);
    EXPECT_FALSE(book.find(peer.key)->answered);
}

TEST_F(AddressBookTest, PrefersTheHigherSequenceAndForgetsWhereAPeerWas)
{
    auto peer = record("1.1.1.1:1", 5);
    EXPECT_TRUE(book.add(peer, source("9.9.9.9"), noon));
    book.succeeded(peer.key, peer.addresses.front(), noon);
    EXPECT_EQ(book.tried_count(), 1u);
    auto older = peer;
    older.sequence = 4;
    older.addresses = {address("6.6.6.6:6")};
    EXPECT_FALSE(book.add(older, source("9.9.9.9"), noon));
    auto moved = peer;
    moved.sequence = 6;
    moved.addresses = {address("2.2.2.2:2")};
    EXPECT_TRUE(book.add(moved, source("9.9.9.9"), noon));
    EXPECT_EQ(book.tried_count(), 0u);
    EXPECT_EQ(book.find(peer.key)->record.addresses, moved.addresses);
    EXPECT_FALSE(book.find(peer.key)->tried);
}

TEST_F(AddressBookTest, TestsTheHolderOfATriedSlotBeforeItGivesItAway)
{
    // Fill one netgroup's tried buckets until somebody has to wait.
    std::set<ledger::PublicKey> tried;
    ledger::PublicKey waiting;
    for (unsigned i = 0; i < 2'000 && book.next_test() == nullptr; ++i) {
        const auto peer =
            record("7.7." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250) + ":1");
        if (!book.add(peer, source(std::to_string(1 + i % 200) + ".1.1.1"), noon)) continue;
        book.succeeded(peer.key, peer.addresses.front(), noon);
        waiting = peer.key;
    }
    const auto* holder = book.next_test();
    ASSERT_NE(holder, nullptr);
    const auto held_by = holder->record.key;
    EXPECT_FALSE(book.find(waiting)->tried);

    // It answered an hour ago: nothing to test.
    auto book_with_fresh = book;
    book_with_fresh.settle({noon.value + hour});
    EXPECT_EQ(book_with_fresh.next_test(), nullptr);
    EXPECT_TRUE(book_with_fresh.find(held_by)->tried);

    // Long ago, but nobody has tested it yet: it stays.
    const TimeMs later{noon.value + 5 * hour};
    book.settle(later);
    EXPECT_TRUE(book.find(held_by)->tried);
    // The test failed: the slot changes hands.
    book.failed(held_by, later);
    book.settle(later);
    EXPECT_TRUE(book.find(waiting)->tried);
    const auto* old = book.find(held_by);
    EXPECT_TRUE(old == nullptr || !old->tried);
}

TEST_F(AddressBookTest, ForgetsThatAPeerWaitedWhenItAnswersWhereASlotIsFree)
{
    const auto elsewhere = address("9.9.9.9:1");
    AddressRecord waiting;
    for (unsigned i = 0; i < 2'000 && book.next_test() == nullptr; ++i) {
        waiting =
            record("7.7." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250) + ":1");
        waiting.addresses.push_back(elsewhere);
        if (!book.add(waiting, source(std::to_string(1 + i % 200) + ".1.1.1"), noon)) continue;
        book.succeeded(waiting.key, waiting.addresses.front(), noon);
    }
    ASSERT_NE(book.next_test(), nullptr);
    book.succeeded(waiting.key, elsewhere, noon);
    ASSERT_TRUE(book.find(waiting.key)->tried);
    EXPECT_EQ(book.next_test(), nullptr) << "nobody waits any more";
    const TimeMs later{noon.value + 5 * hour};
    book.failed(waiting.key, later);
    book.settle(later);
    EXPECT_TRUE(book.find(waiting.key)->tried) << "it does not wait for its own slot";
}

TEST_F(AddressBookTest, ForgetsThatAPeerWaitedWhenItsOwnPlaceIsTaken)
{
    std::vector<AddressRecord> added;
    for (unsigned i = 0; i < 2'000 && book.next_test() == nullptr; ++i) {
        added.push_back(
            record("7.7." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250) + ":1"));
        book.add(added.back(), source(std::to_string(1 + i % 200) + ".1.1.1"), noon);
        book.succeeded(added.back().key, added.back().addresses.front(), noon);
    }
    ASSERT_NE(book.next_test(), nullptr);
    // The one that waits says that it will be gone soon; others from its source come after that.
    auto waiting = added.back();
    const auto told_by = source(std::to_string(1 + (added.size() - 1) % 200) + ".1.1.1");
    waiting.sequence = 2;
    waiting.expires_s = noon.value / 1000 + 10;
    ASSERT_TRUE(book.add(waiting, told_by, noon));
    const TimeMs later{noon.value + 20'000};
    for (unsigned i = 0; i < 2'000 && book.find(waiting.key) != nullptr; ++i)
        book.add(record("7.7.100.1:" + std::to_string(1 + i)), told_by, later);
    ASSERT_EQ(book.find(waiting.key), nullptr);
    EXPECT_EQ(book.next_test(), nullptr);
    book.settle(later);
}

TEST_F(AddressBookTest, NeverOffersWhatIsExpiredOrFailedTooOften)
{
    auto expired = record("1.1.1.1:1");
    expired.expires_s = noon.value / 1000 + 10;
    const auto dead = record("2.2.2.2:1");
    book.add(expired, source("9.9.9.9"), noon);
    book.add(dead, source("9.9.9.9"), noon);
    for (unsigned i = 0; i < BookLimits::failures; ++i) book.failed(dead.key, noon);
    const TimeMs later{noon.value + 20'000};
    for (int i = 0; i < 50; ++i) EXPECT_EQ(book.choose(random, later, false), nullptr);
    EXPECT_TRUE(book.sample(random, later, 10).empty());
}

TEST_F(AddressBookTest, AnswersWithAQuarterOfWhatItKnows)
{
    for (unsigned i = 0; i < 40; ++i)
        book.add(record(std::to_string(1 + i) + ".9.0.1:1"),
                 source(std::to_string(1 + i) + ".1.1.1"), noon);
    const auto records = book.sample(random, noon, 128);
    EXPECT_EQ(records.size(), (book.new_count() + 3) / 4);
    EXPECT_EQ(book.sample(random, noon, 3).size(), 3u);
    std::set<ledger::PublicKey> keys;
    for (const auto& one : records) keys.insert(one.key);
    EXPECT_EQ(keys.size(), records.size());
}

TEST_F(AddressBookTest, IsRestoredAsItWas)
{
    for (unsigned i = 0; i < 300; ++i) {
        const auto peer = record(std::to_string(1 + i % 200) + "." + std::to_string(i) + ".0.1:1");
        book.add(peer, source(std::to_string(1 + i % 100) + ".1.1.1"), noon);
        if (i % 3 == 0) book.succeeded(peer.key, peer.addresses.front(), noon);
    }
    ledger::Hash salt;
    AddressBook first{salt};
    first.restore(book.entries(), noon);
    AddressBook second{salt};
    second.restore(first.entries(), noon);
    EXPECT_EQ(second.entries(), first.entries());
    EXPECT_GT(first.tried_count(), 50u);
}

class RecordTest : public testing::Test {
protected:
    std::string verdict(const AddressRecord& record) const
    {
        const auto good = check_record(record, genesis, noon);
        return good ? "fine" : std::string{name_of(good.error())};
    }
    AddressRecord signed_record(std::vector<NetAddress> addresses) const
    {
        return make_record(key, genesis, std::move(addresses), 1, noon);
    }

    ledger::SeededRandom random{6};
    ledger::SecretKey key = ledger::SecretKey::generate(random);
    ledger::BlockId genesis;
    NetAddress a = address("1.1.1.1:1"), b = address("2.2.2.2:2");
};

TEST_F(RecordTest, HoldsForOneNetworkUntilItExpires)
{
    const auto record = signed_record({b, a});
    EXPECT_EQ(verdict(record), "fine");
    ledger::BlockId other;
    other.bytes.fill(1);
    EXPECT_EQ(check_record(record, other, noon).error(), RecordFault::bad_signature);
    const TimeMs end{record.expires_s * 1000};
    EXPECT_EQ(check_record(record, genesis, end).error(), RecordFault::expired);
    EXPECT_TRUE(check_record(record, genesis, {end.value - 1000}));
}

TEST_F(RecordTest, NamesWhatIsWrong)
{
    EXPECT_EQ(verdict(signed_record({})), "no_address");
    EXPECT_EQ(verdict(signed_record(std::vector(5, a))), "too_many_addresses");
    EXPECT_EQ(verdict(signed_record({a, a})), "unordered_addresses");
    auto record = signed_record({a, b});
    std::swap(record.addresses[0], record.addresses[1]);
    EXPECT_EQ(verdict(record), "unordered_addresses");
    record = signed_record({{a.ip, 0}});
    EXPECT_EQ(verdict(record), "no_port");
    record = make_record(key, genesis, {a}, 1, {noon.value + 10 * hour});
    EXPECT_EQ(verdict(record), "lives_too_long");
    record = signed_record({a});
    record.sequence = 2;
    EXPECT_EQ(verdict(record), "bad_signature");
    record = signed_record({a});
    record.key.bytes[5] ^= 1;
    EXPECT_EQ(verdict(record), "bad_signature");
}

TEST_F(RecordTest, TravelsInOneEncodingWithABound)
{
    const auto record = signed_record({a, b});
    const std::vector<AddressRecord> some(3, record);
    EXPECT_EQ(*decode_records(encode_records(some)), some);
    const std::vector<AddressRecord> most(RecordLimits::records, record);
    EXPECT_LE(encode_records(most).size(), 32u * 1024);
    EXPECT_TRUE(decode_records(encode_records(most)));
    const std::vector<AddressRecord> many(RecordLimits::records + 1, record);
    EXPECT_FALSE(decode_records(encode_records(many)));
    EXPECT_FALSE(decode_records(ledger::Bytes{0xff, 0xff, 0xff, 0xff}));
}

TEST(PeerScores, FallWithTheSquareOfWhatIsWrong)
{
    PeerScores scores;
    ledger::PublicKey peer;
    scores.record(peer, Deed::invalid_message, noon);
    EXPECT_EQ(scores.score(peer, noon), -10'000);
    scores.record(peer, Deed::invalid_message, noon);
    EXPECT_EQ(scores.score(peer, noon), -40'000);
    EXPECT_EQ(scores.standing(peer, noon), PeerStanding::good);
    scores.record(peer, Deed::invalid_message, noon);
    EXPECT_EQ(scores.standing(peer, noon), PeerStanding::not_announced_to);
    scores.record(peer, Deed::invalid_message, noon);
    EXPECT_EQ(scores.standing(peer, noon), PeerStanding::not_served);
    for (int i = 0; i < 3; ++i) scores.record(peer, Deed::invalid_message, noon);
    EXPECT_EQ(scores.standing(peer, noon), PeerStanding::disconnected);
}

TEST(PeerScores, ForgiveWithTime)
{
    PeerScores scores;
    ledger::PublicKey peer;
    for (int i = 0; i < 8; ++i) scores.record(peer, Deed::protocol_abuse, noon);
    const auto worst = scores.score(peer, noon);
    const auto later = scores.score(peer, {noon.value + 300'000});
    EXPECT_LT(worst, later);
    EXPECT_NEAR(static_cast<double>(later), static_cast<double>(worst) / 4, 30'000);
    EXPECT_EQ(scores.score(peer, {noon.value + 24 * hour}), 0);
}

TEST(PeerScores, CapWhatGoodDeedsCanBuy)
{
    PeerScores scores;
    ledger::PublicKey peer;
    for (int i = 0; i < 5'000; ++i) scores.record(peer, Deed::delivered_first, noon);
    EXPECT_EQ(scores.score(peer, noon), 100'000);
    for (int i = 0; i < 1'000'000; i += 1'000)
        for (int k = 0; k < 3; ++k) scores.record(peer, Deed::broken_promise, noon);
    EXPECT_EQ(scores.score(peer, noon), 100'000 - 1'000'000'000);
}

TEST(PeerScores, RememberABoundedNumberAndTheWorstLongest)
{
    PeerScores scores{{.peers = 10}};
    ledger::PublicKey bad;
    bad.bytes[0] = 99;
    scores.record(bad, Deed::protocol_abuse, noon);
    for (std::uint8_t i = 0; i < 50; ++i) {
        ledger::PublicKey peer;
        peer.bytes[1] = i;
        scores.record(peer, Deed::delivered_first, noon);
    }
    EXPECT_EQ(scores.size(), 10u);
    EXPECT_EQ(scores.score(bad, noon), -20'000);
}

}  // namespace
}  // namespace node
