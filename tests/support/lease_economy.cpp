#include "tests/support/lease_economy.hpp"

#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace market {
namespace {

constexpr std::uint64_t pay_rate = 100'000;
constexpr std::uint64_t stake_each = 2'000'000'000;

std::string member(std::size_t number)
{
    return "w" + std::to_string(number);
}

ledger::Genesis by_default()
{
    auto genesis = MarketWorld::genesis();
    genesis.params.lease = {};
    genesis.params.byte_deposit = {};
    return genesis;
}

void done(Rejection outcome)
{
    if (outcome != Rejection::none)
        throw std::runtime_error{std::string{ledger::codec::enum_name(outcome)}};
}

std::vector<std::uint64_t> decoys()
{
    std::vector<std::uint64_t> at;
    for (std::uint64_t i = 0; i < LeaseEconomy::planted; ++i)
        at.push_back(i * LeaseEconomy::segments / LeaseEconomy::planted);
    return at;
}

/// What a verifier that computes nothing is shown for a segment.
Hash shown(const LeaseWorld& world, const LeaseId& id, std::uint64_t segment)
{
    const auto at = decoys();
    const auto planted = std::find(at.begin(), at.end(), segment);
    if (planted == at.end()) return world.opening(id, segment).result;
    return decoy_of(LeaseWorld::planted(at, static_cast<std::size_t>(planted - at.begin())).seed);
}

const Hash lie = MarketWorld::hash_of("the lie that all liars agreed on");

}  // namespace

LeaseEconomy::LeaseEconomy(std::uint64_t seed) : ground_{by_default()}, random_{seed}
{
    ground_.fund("tia", 10'000'000'000);
    ground_.fund("pol", 10'000'000'000);
    for (std::size_t i = 0; i < people; ++i) {
        ground_.fund(member(i), stake_each);
        done(ground_.apply(member(i), VerifierJoin{LeaseWorld::arch, Amount::micros(stake_each)}));
    }
    offer_ = ground_.offer();
    ground_.begin_block();
}

LeaseEconomy::Played LeaseEconomy::play(unsigned percent, const std::vector<Way>& ways)
{
    auto world = ground_;
    world.begin_block();
    std::map<Address, Way> people_by_way;
    for (std::size_t i = 0; i < people; ++i)
        people_by_way[MarketWorld::address_of(member(i))] = ways[i];

    auto order = world.ordering();
    order.job.total_steps = order.job.segment_steps * segments;
    order.escrow = Amount::micros(value);
    order.max_rate = Amount::micros(pay_rate);
    order.verify.samples = world.params().lease.samples;
    order.verify.fee = Amount::micros(report_fee);
    LeaseWorld::plant(order, decoys());
    // Another lease each time: other ids, another block.
    order.job.seed = random_();
    const auto secret = MarketWorld::hash_of("secret " + std::to_string(order.job.seed));
    order.beacon_commit = ledger::sha256(secret.view());
    const auto provider = world.balance("pol");
    const auto ordered = world.order(order);
    auto bid = world.bidding(ordered, offer_, pay_rate);
    bid.bond = Amount::micros(value / 4 * 5);
    const auto id = world.accept(ordered, world.bid(bid));
    done(world.apply("pol", LeaseStart{id, {}, MarketWorld::hash_of("c_0"), {}}));

    std::vector<std::uint64_t> all(segments);
    std::iota(all.begin(), all.end(), 0);
    std::shuffle(all.begin(), all.end(), random_);
    const auto count = segments * percent / 100;
    world.checkpoint(id, segments, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
    const auto seconds = value / pay_rate;
    const LeaseVoucher voucher{id, seconds, Amount::micros(value)};
    done(world.apply(
        "pol", LeaseClaim{id, seconds,
                          MarketWorld::sign("tia", voucher_digest(world.network(), voucher))}));
    done(world.apply("tia", LeaseClose{id, CloseReason::done}));
    world.next_block("closed " + std::to_string(order.job.seed));
    done(world.apply("tia", VerifyAssign{id, secret}));

    Played played;
    const auto holds = [&](const Address& who) {
        const auto stake = world.view().get<Verifier>({LeaseWorld::arch, who}).stake.micros();
        return static_cast<double>(world.balance(who) + stake);
    };
    for (const auto& slot : world.slots(id)) {
        if (++played.reports[slot.verifier] == 1)
            played.verifiers[slot.verifier] -= holds(slot.verifier);
    }
    settle(world, id, people_by_way);
    for (auto& [who, gained] : played.verifiers) gained += holds(who);
    played.provider = static_cast<double>(world.balance("pol")) - static_cast<double>(provider) -
                      static_cast<double>(value) * (100 - percent) / 100;
    return played;
}

void LeaseEconomy::settle(LeaseWorld& world, const LeaseId& id, const std::map<Address, Way>& ways)
{
    for (const auto& slot : world.slots(id)) {
        const auto way = ways.at(slot.verifier);
        const auto result = way == Way::honest ? LeaseWorld::true_result(slot.segment)
                            : way == Way::lazy ? shown(world, id, slot.segment)
                                               : lie;
        done(world.apply_as(slot.verifier, VerifyReport{id, slot.segment, result, {}}));
    }
    world.open_all(id);
    VerifyReveal reveal{id, {}, {}};
    for (std::size_t i = 0; i < planted; ++i)
        reveal.planted.push_back(LeaseWorld::planted(decoys(), i));
    done(world.apply("tia", reveal));
    world.pass_s(world.params().lease.t_move_s);
    while (!world.lease(id).ended()) {
        done(world.apply("dora", LeaseSettle{id}));
        if (world.lease(id).status != LeaseStatus::disputed) continue;
        judge(world, id, ways);
        done(world.apply("dora", LeaseSettle{id}));
    }
}

void LeaseEconomy::judge(LeaseWorld& world, const LeaseId& id, const std::map<Address, Way>& ways)
{
    world.next_block("jury " + std::to_string(random_()));
    const auto dispute = world.dispute(id);
    std::vector<Hash> votes;
    for (const auto& juror : world.jury(id)) {
        const auto way = ways.at(juror);
        votes.push_back(way == Way::honest ? LeaseWorld::true_result(dispute.segment)
                        : way == Way::lazy ? dispute.committed
                                           : lie);
    }
    world.vote(id, votes);
}

double LeaseEconomy::provider_gain(unsigned percent, const VerifierMix& mix, std::size_t runs)
{
    double sum = 0;
    for (std::size_t run = 0; run < runs; ++run) {
        std::vector<Way> ways;
        for (std::size_t i = 0; i < people; ++i) {
            const auto drawn = random_() % 100;
            ways.push_back(drawn < mix.lazy               ? Way::lazy
                           : drawn < mix.lazy + mix.lying ? Way::lying
                                                          : Way::honest);
        }
        sum += play(percent, ways).provider;
    }
    return sum / static_cast<double>(runs) / static_cast<double>(value);
}

double LeaseEconomy::verifier_gain(bool lazy, std::size_t runs)
{
    double sum = 0;
    unsigned reports = 0;
    for (std::size_t run = 0; run < runs; ++run) {
        std::vector<Way> ways(people, Way::honest);
        for (std::size_t i = 0; i < people / 2; ++i) ways[i] = Way::lazy;
        const auto played = play(0, ways);
        for (std::size_t i = 0; i < people; ++i) {
            const auto who = MarketWorld::address_of(member(i));
            if ((ways[i] == Way::lazy) != lazy || !played.reports.contains(who)) continue;
            const auto count = played.reports.at(who);
            const auto costs = lazy ? 0 : static_cast<double>(report_fee) / 2 * count;
            sum += played.verifiers.at(who) - costs;
            reports += count;
        }
    }
    return reports == 0 ? 0 : sum / reports / static_cast<double>(report_fee);
}

}  // namespace market
