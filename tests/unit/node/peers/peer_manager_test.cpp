#include "node/peers/peer_manager.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace node {
namespace {

using ledger::PublicKey;
using ledger::TimeMs;

constexpr TimeMs manager_noon{1'790'000'000'000};

TimeMs after(TimeMs time, std::uint64_t ms)
{
    return {time.value + ms};
}

class PeerManagerTest : public testing::Test {
protected:
    PeerManagerTest() { genesis.bytes.fill(9); }

    ledger::SecretKey new_key() { return ledger::SecretKey::generate(random); }
    /// A peer at 1.`a`.`b`.1 who signs where it is.
    AddressRecord record(unsigned a, unsigned b = 1, std::uint64_t sequence = 1)
    {
        return make_record(new_key(), genesis, {at(a, b)}, sequence, manager_noon);
    }
    static NetAddress at(unsigned a, unsigned b = 1)
    {
        return *address_from_text("1." + std::to_string(a) + "." + std::to_string(b) + ".1:7000");
    }
    PeerManager manager(PeerLimits limits = {}) { return {limits, own, genesis, random}; }
    std::size_t learn(PeerManager& peers, const std::vector<AddressRecord>& records,
                      TimeMs now = manager_noon)
    {
        return peers.learn(records, teacher, at(200).ip, now);
    }
    /// Knows `count` peers of different netgroups.
    std::vector<AddressRecord> crowd(PeerManager& peers, unsigned count)
    {
        std::vector<AddressRecord> records;
        for (unsigned i = 0; i < count; ++i) {
            records.push_back(record(i));
            peers.learn({records.back()}, teacher, at(i + 1).ip, manager_noon);
        }
        return records;
    }
    /// Takes orders and says that all of them came to be.
    std::size_t connect_all(PeerManager& peers, TimeMs now)
    {
        std::size_t connected = 0;
        for (const auto& dial : peers.dials(now))
            connected +=
                peers.admit(dial.peer, dial.address, dial, now).verdict == Admission::taken;
        return connected;
    }
    static std::size_t count(const std::vector<DialOrder>& dials, ConnectionUse use)
    {
        return static_cast<std::size_t>(std::count_if(
            dials.begin(), dials.end(), [&](const DialOrder& dial) { return dial.use == use; }));
    }
    PublicKey stranger() { return ledger::public_key(new_key()); }

    ledger::SeededRandom random{3};
    PublicKey own = ledger::public_key(new_key());
    PublicKey teacher = ledger::public_key(new_key());
    ledger::BlockId genesis;
};

TEST_F(PeerManagerTest, FillsItsSlotsFromWhatItKnowsAndNoMore)
{
    auto peers = manager();
    crowd(peers, 60);
    auto now = manager_noon;
    for (int i = 0; i < 40; ++i, now = after(now, 1'000)) connect_all(peers, now);
    EXPECT_EQ(peers.count(ConnectionUse::full), 8u);
    EXPECT_EQ(peers.count(ConnectionUse::certificates_only), 2u);
    EXPECT_EQ(count(peers.dials(now), ConnectionUse::full), 0u);
}

TEST_F(PeerManagerTest, DialsOneOfANetgroup)
{
    auto peers = manager();
    for (unsigned i = 1; i < 30; ++i) peers.learn({record(7, i)}, teacher, at(i).ip, manager_noon);
    auto now = manager_noon;
    for (int i = 0; i < 20; ++i, now = after(now, 1'000)) connect_all(peers, now);
    EXPECT_EQ(peers.count(ConnectionUse::full) + peers.count(ConnectionUse::certificates_only), 1u);
}

TEST_F(PeerManagerTest, DialsOneOfANetgroupWhicheverAddressOfARecordItTakes)
{
    // Records that begin with an address somebody made up, each in another netgroup; the two that
    // answer lie in one.
    auto peers = manager({.retry_ms = 1});
    for (unsigned i = 1; i < 120; ++i)
        peers.learn({make_record(new_key(), genesis, {at(i), at(250, i), at(250, i + 130)}, 1,
                                 manager_noon)},
                    teacher, at(i).ip, manager_noon);
    const auto real = netgroup_of(at(250).ip);
    std::size_t connected = 0, failed = 0;
    auto now = manager_noon;
    for (int i = 0; i < 400; ++i, now = after(now, 5'000)) {
        for (const auto& dial : peers.dials(now)) {
            if (netgroup_of(dial.address.ip) != real) {
                peers.dial_failed(dial, now);
                ++failed;
                continue;
            }
            peers.admit(dial.peer, dial.address, dial, now);
            connected += dial.use != ConnectionUse::feeler;
            if (dial.use == ConnectionUse::feeler) peers.gone(dial.peer, now);
        }
    }
    EXPECT_EQ(connected, 1u);
    EXPECT_GT(failed, 10u);
}

TEST_F(PeerManagerTest, DialsAPeerWhereItAnsweredAndAfterAFailureAnywhere)
{
    auto peers = manager({.feeler_ms = 1ull << 60, .retry_ms = 1});
    const auto peer =
        make_record(new_key(), genesis, {at(1), at(2), at(3), at(4)}, 1, manager_noon);
    learn(peers, {peer});
    peers.set_validators({peer.key});  // always dialled
    auto now = manager_noon;
    const auto dial = [&] {
        now = after(now, 10'000);
        return peers.dials(now).at(0);
    };
    const auto first = dial();
    peers.admit(peer.key, first.address, first, now);
    peers.gone(peer.key, now);
    for (int i = 0; i < 20; ++i) {
        const auto next = dial();
        EXPECT_EQ(next.address, first.address);
        peers.dial_dropped(next);
    }
    std::set<NetAddress> dialled;
    for (int i = 0; i < 40; ++i) {
        const auto next = dial();
        dialled.insert(next.address);
        peers.dial_failed(next, now);
    }
    EXPECT_EQ(dialled.size(), 4u);
}

TEST_F(PeerManagerTest, NeverDialsTheSameTwiceOrMoreThanMayBePending)
{
    auto peers = manager({.pending_dials = 3});
    crowd(peers, 40);
    const auto first = peers.dials(manager_noon);
    EXPECT_EQ(first.size(), 3u);
    EXPECT_TRUE(peers.dials(manager_noon).empty());
    peers.dial_failed(first[0], manager_noon);
    const auto next = peers.dials(after(manager_noon, 1));
    ASSERT_EQ(next.size(), 1u);
    EXPECT_NE(next[0].peer, first[0].peer) << "it waits first";
}

TEST_F(PeerManagerTest, WaitsTwiceAsLongAfterEachFailure)
{
    auto peers = manager({.feeler_ms = 1ull << 60,
                          .retry_ms = 1'000,
                          .retry_limit_ms = 60'000,
                          .reserved_retry_limit_ms = 8'000});
    const auto friend_key = stranger();
    peers.add_fixed(friend_key, at(5));
    auto now = manager_noon;
    std::uint64_t least = 1'000;
    for (int failure = 0; failure < 6; ++failure) {
        const auto dials = peers.dials(now);
        ASSERT_EQ(dials.size(), 1u);
        EXPECT_EQ(dials[0].use, ConnectionUse::reserved);
        peers.dial_failed(dials[0], now);
        EXPECT_TRUE(peers.dials(after(now, least - 1)).empty());
        now = after(now, least + least / 4);
        least = std::min<std::uint64_t>(least * 2, 8'000);
    }
}

TEST_F(PeerManagerTest, GivesEveryReservedPeerItsTurnWhenManyNeverAnswer)
{
    auto peers = manager({.pending_dials = 2,
                          .feeler_ms = 1ull << 60,
                          .retry_ms = 1'000,
                          .reserved_retry_limit_ms = 2'000});
    for (std::uint8_t i = 1; i <= 12; ++i) peers.add_fixed(stranger(), at(i));
    std::map<PublicKey, int> tries;
    auto now = manager_noon;
    // An attempt takes longer than the pause after it.
    for (int round = 0; round < 60; ++round) {
        const auto dials = peers.dials(now);
        now = after(now, 5'000);
        for (const auto& dial : dials) {
            ++tries[dial.peer];
            peers.dial_failed(dial, now);
        }
    }
    ASSERT_EQ(tries.size(), 12u);
    for (const auto& [peer, count] : tries) EXPECT_EQ(count, 10);
}

TEST_F(PeerManagerTest, TakesARecordAsAHintOnlyFromWhoSignedIt)
{
    auto peers = manager();
    auto good = record(1);
    EXPECT_EQ(learn(peers, {good}), 1u);
    EXPECT_EQ(learn(peers, {good}), 0u) << "known already";
    auto moved = record(2);
    moved.addresses = {at(3)};
    EXPECT_EQ(learn(peers, {moved}), 0u);
    EXPECT_LT(peers.score(teacher, manager_noon), 0);
    EXPECT_EQ(peers.connected(), 0u);
}

TEST_F(PeerManagerTest, LeavesOutItselfAndPrivateAddresses)
{
    auto peers = manager();
    auto key = new_key();
    PeerManager self{{}, ledger::public_key(key), genesis, random};
    EXPECT_EQ(learn(self, {make_record(key, genesis, {at(1)}, 1, manager_noon)}), 0u);
    const auto lan = *address_from_text("192.168.1.5:7000");
    const auto hidden = make_record(new_key(), genesis, {lan}, 1, manager_noon);
    EXPECT_EQ(learn(peers, {hidden}), 0u);
    auto office = manager({.private_addresses = true});
    EXPECT_EQ(learn(office, {hidden}), 1u);
}

TEST_F(PeerManagerTest, KeepsSlotsForValidatorsWhoProveTheirKeys)
{
    auto peers = manager({.inbound = 1});
    const auto validator = stranger(), one = stranger(), two = stranger();
    peers.set_validators({validator});
    EXPECT_EQ(peers.admit(one, at(1), {}, manager_noon).verdict, Admission::taken);
    EXPECT_EQ(peers.admit(validator, at(2), {}, manager_noon).use, ConnectionUse::reserved);
    EXPECT_EQ(peers.admit(two, at(3), {}, manager_noon).verdict, Admission::no_slot);
    EXPECT_EQ(peers.connected(), 2u);
}

TEST_F(PeerManagerTest, DialsValidatorsWhoseRecordsItKnows)
{
    auto peers = manager({.full_outbound = 0, .feeler_ms = 1ull << 60});
    const auto known = record(4);
    learn(peers, {known});
    peers.set_validators({known.key, stranger()});
    const auto dials = peers.dials(manager_noon);
    ASSERT_EQ(count(dials, ConnectionUse::reserved), 1u);
    EXPECT_EQ(dials[0].peer, known.key);
}

TEST_F(PeerManagerTest, SendsAFeelerNowAndThen)
{
    auto peers = manager({.full_outbound = 0, .certificate_outbound = 0, .feeler_ms = 60'000});
    crowd(peers, 5);
    const auto first = peers.dials(manager_noon);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].use, ConnectionUse::feeler);
    peers.admit(first[0].peer, first[0].address, first[0], manager_noon);
    peers.gone(first[0].peer, manager_noon);
    EXPECT_EQ(peers.book().tried_count(), 1u);
    EXPECT_TRUE(peers.dials(after(manager_noon, 59'999)).empty());
    EXPECT_EQ(peers.dials(after(manager_noon, 60'000)).size(), 1u);
}

TEST_F(PeerManagerTest, ProtectsInboundPeersWhoAreGoodAtSomethingFromEviction)
{
    auto peers = manager({.inbound = 40, .protected_each = 4});
    std::vector<PublicKey> keys;
    for (unsigned i = 0; i < 40; ++i) {
        keys.push_back(stranger());
        // Eight from netgroups of their own, the rest from one.
        const auto address = i < 8 ? at(i) : at(100, i);
        ASSERT_EQ(peers.admit(keys.back(), address, {}, after(manager_noon, i)).verdict,
                  Admission::taken);
    }
    for (unsigned i = 36; i < 40; ++i) peers.measured(keys[i], std::chrono::milliseconds{1});
    for (unsigned i = 32; i < 36; ++i)
        peers.record(keys[i], Deed::delivered_first, after(manager_noon, 1'000));
    // The youngest of the crowded group without a virtue is number 31.
    const auto verdict = peers.admit(stranger(), at(99), {}, after(manager_noon, 2'000));
    EXPECT_EQ(verdict.verdict, Admission::taken);
    EXPECT_EQ(verdict.evicted, keys[31]);
}

TEST_F(PeerManagerTest, BansByNameForAWhileAndLongerTheNextTime)
{
    auto peers = manager({.ban_ms = 1'000});
    const auto bad = stranger();
    peers.ban(bad, "frame_too_large", manager_noon);
    EXPECT_EQ(peers.admit(bad, at(1), {}, after(manager_noon, 999)).verdict, Admission::banned);
    EXPECT_EQ(peers.admit(bad, at(1), {}, after(manager_noon, 1'000)).verdict, Admission::taken);
    EXPECT_TRUE(peers.take_disconnects(after(manager_noon, 1'000)).empty());
    peers.ban(bad, "again", after(manager_noon, 1'000));
    EXPECT_EQ(peers.take_disconnects(after(manager_noon, 2'999)), std::vector{bad});
}

TEST_F(PeerManagerTest, ForgetsEarlierBansADayAfterTheLastOneEnded)
{
    auto peers = manager({.ban_ms = 1'000});
    const auto bad = stranger();
    const auto banned = [&](TimeMs now) {
        return peers.admit(bad, at(1), {}, now).verdict == Admission::banned;
    };
    constexpr std::uint64_t day = 24ull * 3600 * 1000;
    peers.ban(bad, "first", manager_noon);
    const auto second = after(manager_noon, 1'000 + day);
    peers.ban(bad, "within a day", second);
    EXPECT_TRUE(banned(after(second, 1'999)));
    const auto third = after(second, 2'000 + day + 1);
    peers.ban(bad, "after a day", third);
    EXPECT_TRUE(banned(after(third, 999)));
    EXPECT_FALSE(banned(after(third, 1'000)));
}

TEST_F(PeerManagerTest, RemembersWhoWasBannedOftenWhenManyOthersAre)
{
    auto peers = manager({.ban_ms = 1'000});
    const auto bad = stranger();
    peers.ban(bad, "once", manager_noon);
    peers.ban(bad, "twice", manager_noon);  // until 2,000
    for (std::size_t i = 0; i < 2 * BanList::limit; ++i)
        peers.ban(stranger(), "once", manager_noon);  // until 1,000
    const auto later = after(manager_noon, 2'000);
    peers.ban(bad, "again", later);
    EXPECT_EQ(peers.admit(bad, at(1), {}, after(later, 3'999)).verdict, Admission::banned);
    EXPECT_EQ(peers.admit(bad, at(1), {}, after(later, 4'000)).verdict, Admission::taken);
}

TEST_F(PeerManagerTest, NeverHangsUpOnPeersBecauseTheyShareAnAddress)
{
    auto peers = manager();
    std::vector<PublicKey> same;
    for (int i = 0; i < 32; ++i) {
        same.push_back(stranger());
        EXPECT_EQ(peers.admit(same.back(), at(1), {}, manager_noon).verdict, Admission::taken);
    }
    EXPECT_EQ(peers.standing(same[0], manager_noon), PeerStanding::not_served);
    EXPECT_TRUE(peers.take_disconnects(manager_noon).empty());
    // Deeds count as ever.
    for (int i = 0; i < 5; ++i) peers.record(same[0], Deed::protocol_abuse, manager_noon);
    EXPECT_EQ(peers.take_disconnects(manager_noon), std::vector{same[0]});
}

TEST_F(PeerManagerTest, NeverBansAValidatorByItself)
{
    auto peers = manager();
    const auto validator = stranger();
    peers.set_validators({validator});
    peers.ban(validator, "frame_too_large", manager_noon);
    EXPECT_EQ(peers.admit(validator, at(1), {}, manager_noon).verdict, Admission::taken);
}

TEST_F(PeerManagerTest, HangsUpWhenAScoreFallsTooFarAndRemembersItAfterwards)
{
    auto peers = manager();
    const auto bad = stranger();
    peers.admit(bad, at(1), {}, manager_noon);
    for (int i = 0; i < 5; ++i) peers.record(bad, Deed::protocol_abuse, manager_noon);
    EXPECT_EQ(peers.standing(bad, manager_noon), PeerStanding::disconnected);
    EXPECT_EQ(peers.take_disconnects(manager_noon), std::vector{bad});
    peers.gone(bad, manager_noon);
    EXPECT_EQ(peers.standing(bad, manager_noon), PeerStanding::disconnected);
    EXPECT_EQ(peers.admit(bad, at(2), {}, manager_noon).verdict, Admission::backing_off);
    // It did wrong as often as anybody may in some minutes, but signed nothing wrong: no ban.
    const auto later = after(manager_noon, 600'000);
    EXPECT_EQ(peers.admit(bad, at(2), {}, later).verdict, Admission::taken);
    EXPECT_TRUE(peers.take_disconnects(later).empty());
}

TEST_F(PeerManagerTest, ReconnectsToItsAnchorsFirstAfterARestart)
{
    auto before = manager();
    crowd(before, 60);
    auto now = manager_noon;
    for (int i = 0; i < 40; ++i, now = after(now, 1'000)) connect_all(before, now);
    const auto saved = before.save(now);

    auto restarted = manager({.pending_dials = 2});
    // An eclipse: the attacker has filled the victim's ears in the meantime.
    ASSERT_TRUE(restarted.load(saved, now));
    for (unsigned i = 0; i < 1'000; ++i)
        restarted.learn({record(i % 4 + 220, i / 4)}, teacher, at(220).ip, now);
    const auto dials = restarted.dials(now);
    ASSERT_EQ(count(dials, ConnectionUse::full), 2u);
    auto again = manager({.pending_dials = 2});
    ASSERT_TRUE(again.load(saved, now));
    EXPECT_EQ(again.dials(now)[0].peer, dials[0].peer);
    EXPECT_EQ(again.save(now), [&] {
        auto third = manager();
        EXPECT_TRUE(third.load(again.save(now), now));
        return third.save(now);
    }());
    for (const auto& dial : dials) {
        const auto* known = before.book().find(dial.peer);
        ASSERT_NE(known, nullptr);
        EXPECT_TRUE(known->tried);
    }
}

TEST_F(PeerManagerTest, RefusesAFileThatIsNotExactlyWhatItWrote)
{
    auto peers = manager();
    crowd(peers, 3);
    peers.ban(stranger(), "x", manager_noon);
    const auto good = peers.save(manager_noon);
    const auto verdict = [&](ledger::ByteView bytes) {
        auto other = manager();
        const auto loaded = other.load(bytes, manager_noon);
        if (loaded) return std::string{"fine"};
        EXPECT_EQ(loaded.error().kind, ledger::ErrorKind::corrupt);
        EXPECT_EQ(other.book().new_count(), 0u);
        return loaded.error().detail;
    };
    EXPECT_EQ(verdict(good), "fine");
    EXPECT_EQ(verdict({}), "the file of peers is too short");
    for (std::size_t at = 0; at < good.size(); at += 7) {
        auto bytes = good;
        bytes[at] ^= 1;
        EXPECT_EQ(verdict(bytes), "the file of peers does not fit its checksum");
    }
    EXPECT_EQ(verdict(ledger::Bytes(PeerManager::saved_limit + 1)),
              "the file of peers is too large");
    genesis.bytes.fill(1);
    EXPECT_EQ(verdict(good), "the file of peers belongs to another network");
}

TEST_F(PeerManagerTest, RaisesAnAlarmWhenAllPeersLieInOneNetgroup)
{
    auto peers = manager();
    peers.admit(stranger(), at(1, 1), {}, manager_noon);
    EXPECT_FALSE(peers.one_netgroup_alarm());
    peers.admit(stranger(), at(1, 2), {}, manager_noon);
    EXPECT_TRUE(peers.one_netgroup_alarm());
    peers.admit(stranger(), at(2), {}, manager_noon);
    EXPECT_FALSE(peers.one_netgroup_alarm());
}

TEST_F(PeerManagerTest, CountsPeersBehindOneAddressAgainstThem)
{
    auto peers = manager();
    std::vector<PublicKey> same;
    for (int i = 0; i < 6; ++i) {
        same.push_back(stranger());
        peers.admit(same.back(), at(1), {}, manager_noon);
    }
    EXPECT_EQ(peers.score(same[0], manager_noon), -20'000);  // two above the allowance of four
    peers.gone(same[5], manager_noon);
    peers.gone(same[4], manager_noon);
    EXPECT_EQ(peers.score(same[0], manager_noon), 0);
}

}  // namespace
}  // namespace node
