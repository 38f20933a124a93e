// What people send in a random history of leases: mostly what the table expects next, now and then
// something else.
#include "tests/property/lease_history.hpp"

#include "ledger/crypto/merkle.hpp"

#include <algorithm>

namespace market {
namespace {

Address person_named(std::string_view name)
{
    return MarketWorld::address_of(name);
}

Hash salt_for(const Address& juror)
{
    return ledger::sha256(juror.view());
}

template <class Map>
auto& any_of_map(Map& map, std::uint64_t number)
{
    auto at = map.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(number % map.size()));
    return *at;
}

}  // namespace

Address LeaseHistory::somebody()
{
    static const std::vector<std::string> names{"tia", "pol", "dora", "v0", "v1", "v2"};
    return person_named(names[pick(names.size())]);
}

LeaseHistory::Draft LeaseHistory::draft()
{
    if (chance(25)) return of_others();
    std::vector<GpuOrderId> waiting;
    for (const auto& [id, order] : orders_)
        if (view().get<GpuOrderRecord>(id).status == GpuOrderStatus::ordered) waiting.push_back(id);
    std::vector<LeaseId> open;
    for (const auto& [id, lease] : leases_)
        if (lease.held() != 0) open.push_back(id);
    if (open.empty() && waiting.empty()) return order();
    if (open.empty() || (!waiting.empty() && chance(6)))
        return of_order(waiting[pick(waiting.size())]);
    if (chance(40)) return order();
    const auto disputed = std::find_if(open.begin(), open.end(), [&](const LeaseId& each) {
        return leases_.at(each).status == LeaseStatus::disputed;
    });
    if (disputed != open.end() && !chance(5)) return of_dispute(*disputed);
    const auto id = chance(30) ? any_of_map(leases_, random_()).first : open[pick(open.size())];
    auto& lease = leases_.at(id);
    switch (lease.status) {
        case LeaseStatus::matched:
            if (chance(6))
                return {somebody(), LeaseTimeout{GpuEntry::lease, ledger::retag<Hash>(id)}};
            return {person_named("pol"), LeaseStart{id, {}, MarketWorld::hash_of("c_0"), {1, 2}}};
        case LeaseStatus::active:
        case LeaseStatus::reclaiming:
            return of_running(id, lease);
        case LeaseStatus::disputed:
            return chance(3) ? of_checked(id, lease) : of_dispute(id);
        case LeaseStatus::verifying:
        case LeaseStatus::expired:
        case LeaseStatus::settled:
        case LeaseStatus::slashed:
            break;
    }
    return of_checked(id, lease);
}

LeaseHistory::Draft LeaseHistory::order()
{
    auto made = ground_.world.ordering(chance(8) ? JobKind::raw : JobKind::train);
    made.expires = now_.value / 1'000 + 60 + pick(4'000);
    made.escrow = Amount::micros(2'000 + pick(9'000));
    if (made.job.kind != JobKind::raw && chance(2)) {
        std::vector<std::uint64_t> at;
        for (std::uint64_t i = 0; i < 1 + pick(10); ++i) at.push_back(2 * i);
        LeaseWorld::plant(made, at);
    }
    return {person_named("tia"), made};
}

LeaseHistory::Draft LeaseHistory::bid(const GpuOrderId& id)
{
    const bool near = chance(4);
    auto made = ground_.world.bidding(id, near ? ground_.near : ground_.exact, 9 + pick(4));
    made.start_by = now_.value / 1'000 + 1 + pick(600);
    // Of machines that differ twice as much is asked.
    made.bond = Amount::micros((near ? 22'000 : 11'000) + pick(500));
    made.deposit = Amount::micros(360 + pick(360));
    return {person_named("pol"), made};
}

LeaseHistory::Draft LeaseHistory::of_order(const GpuOrderId& id)
{
    std::vector<GpuBidId> bids;
    view().scan<GpuBidRecord>(id.view(), [&](const GpuBidKey& key, const GpuBidRecord&) {
        bids.push_back(key.bid);
        return true;
    });
    if (chance(20)) return {somebody(), LeaseTimeout{GpuEntry::order, ledger::retag<Hash>(id)}};
    if (chance(25)) return {somebody(), GpuCancel{GpuEntry::order, ledger::retag<Hash>(id)}};
    if (bids.empty() || chance(4)) return bid(id);
    const auto taken = bids[pick(bids.size())];
    if (chance(12)) return {somebody(), GpuCancel{GpuEntry::bid, ledger::retag<Hash>(taken)}};
    return {person_named("tia"), LeaseAccept{id, taken}};
}

LeaseHistory::Draft LeaseHistory::of_running(const LeaseId& id, Expected& lease)
{
    const auto kind = pick(20);
    if (kind < 7 && lease.is_job() && lease.order.job.total_steps != 0) {
        const auto from = lease.checkpoints.empty() ? 0 : lease.checkpoints.back().second;
        const auto to = from + 1 + pick(12);
        lease.committed.resize(from);
        for (auto segment = from; segment < to; ++segment)
            lease.committed.push_back(honest_provider_ || chance(2)
                                          ? LeaseWorld::true_result(segment)
                                          : LeaseWorld::fake_result(segment));
        const auto first = lease.committed.begin() + static_cast<std::ptrdiff_t>(from);
        const auto leaves = LeaseWorld::salted_leaves({first, lease.committed.end()});
        return {person_named("pol"),
                LeaseCheckpoint{id, from, to, ledger::merkle_root(leaves), {}}};
    }
    if (kind < 14) {
        const auto seconds = lease.paid_s + pick(200);
        const LeaseVoucher voucher{id, seconds, Amount::micros(lease.rate * seconds)};
        const bool forged = chance(10);
        if (!forged) lease.signed_s = std::max(lease.signed_s, seconds);
        return {person_named(chance(4) ? "tia" : "pol"),
                LeaseClaim{id, seconds,
                           MarketWorld::sign(forged ? "pol" : "tia",
                                             voucher_digest(ground_.world.network(), voucher))}};
    }
    if (kind < 15) return {person_named(chance(5) ? "tia" : "pol"), LeaseReclaim{id}};
    const auto reason = static_cast<CloseReason>(pick(5));
    return {person_named(chance(2) ? "tia" : "pol"), LeaseClose{id, reason}};
}

SegmentOpening LeaseHistory::opening(const Expected& lease, std::uint64_t segment) const
{
    for (std::uint32_t number = 0; number < lease.checkpoints.size(); ++number) {
        const auto [from, to] = lease.checkpoints[number];
        if (segment < from || segment >= to) continue;
        const auto start = lease.committed.begin();
        const auto leaves = LeaseWorld::salted_leaves(
            {start + static_cast<std::ptrdiff_t>(from), start + static_cast<std::ptrdiff_t>(to)});
        return {segment, number, lease.committed.at(segment),
                ledger::merkle_path(leaves, 2 * (segment - from))};
    }
    return {segment, 0, {}, {}};
}

LeaseHistory::Draft LeaseHistory::report(const LeaseId& id, Expected& lease)
{
    for (const auto& slot : view().get<Verification>(id).slots) {
        if (slot.reported || chance(3)) continue;
        auto result = LeaseWorld::true_result(slot.segment);
        const auto way = pick(20);
        if (way < 5) {
            // It repeats what the tenant shows: decoys, and else what the provider claims.
            result = lease.committed.at(slot.segment);
            const auto at = std::find(lease.decoys.begin(), lease.decoys.end(), slot.segment);
            if (at != lease.decoys.end())
                result =
                    decoy_of(LeaseWorld::planted(
                                 lease.decoys, static_cast<std::size_t>(at - lease.decoys.begin()))
                                 .seed);
        } else if (way == 5) {
            result = MarketWorld::hash_of("a lie");
        } else if (way == 6) {
            result = {};
        }
        return {chance(30) ? somebody() : slot.verifier,
                VerifyReport{id, slot.segment, result, {}}};
    }
    return {somebody(), LeaseSettle{id}};
}

LeaseHistory::Draft LeaseHistory::reveal(const LeaseId& id, Expected& lease)
{
    VerifyReveal made{id, {}, {}};
    for (const auto& slot : view().get<Verification>(id).slots)
        if (slot.reported && !slot.opened && !chance(8))
            made.openings.push_back(opening(lease, slot.segment));
    if (!made.openings.empty()) return {person_named(chance(4) ? "tia" : "pol"), made};
    for (std::size_t i = 0; i < lease.decoys.size(); ++i)
        made.planted.push_back(LeaseWorld::planted(lease.decoys, i));
    return {person_named("tia"), made};
}

LeaseHistory::Draft LeaseHistory::of_checked(const LeaseId& id, Expected& lease)
{
    const auto kind = pick(20);
    if (!lease.assigned && kind < 11)
        return {person_named("tia"), VerifyAssign{id, chance(12) ? Hash{} : LeaseWorld::secret()}};
    if (kind < 11) return report(id, lease);
    if (kind < 16) return reveal(id, lease);
    if (kind == 16 && !lease.committed.empty() && !lease.checkpoints.empty())
        return {person_named("tia"),
                DisputeOpen{id, opening(lease, pick(lease.checkpoints.back().second)),
                            Amount::micros(900 + pick(500))}};
    if (kind == 17) return of_running(id, lease);
    return {chance(2) ? person_named("pol") : somebody(), LeaseSettle{id}};
}

LeaseHistory::Draft LeaseHistory::of_dispute(const LeaseId& id)
{
    const auto dispute = view().get<LeaseDispute>(id);
    std::vector<Address> waiting;  // with something left to do
    bool all_committed = dispute.drawn;
    for (const auto& juror : dispute.jurors) {
        all_committed = all_committed && juror.committed;
        if (!juror.revealed) waiting.push_back(juror.account);
    }
    if ((dispute.drawn && waiting.empty()) || chance(12)) return {somebody(), LeaseSettle{id}};
    if (!dispute.drawn)
        for (int i = 0; i < 7; ++i) waiting.push_back(person_named("v" + std::to_string(i)));
    const auto juror = waiting[pick(waiting.size())];
    const auto said = said_.find({id, juror});
    const bool over = all_committed || now_.value >= dispute.opened_ms + params().t_jury_s * 1'000;
    if (said != said_.end() && (over || chance(12)))
        return {juror, JuryReveal{id, dispute.segment, said->second, salt_for(juror)}};
    auto result = LeaseWorld::true_result(dispute.segment);
    if (!honest_juries_) {
        const auto way = pick(6);
        if (way < 2) result = dispute.committed;
        if (way == 2) result = MarketWorld::hash_of("a juror's lie");
    }
    // Of a lease's second jury the first one's words are forgotten.
    said_[{id, juror}] = result;
    return {juror,
            JuryCommit{id, dispute.segment,
                       jury_commitment(id, dispute.segment, juror, result, salt_for(juror))}};
}

LeaseHistory::Draft LeaseHistory::of_others()
{
    const auto kind = pick(6);
    if (kind < 2) return {person_named("v6"), VerifierLeave{LeaseWorld::arch}};
    if (kind < 4)
        return {person_named("v6"),
                VerifierJoin{LeaseWorld::arch, Amount::micros(9'500 + pick(20'000))}};
    auto offered = ground_.world.offering();
    offered.expires = now_.value / 1'000 + 1 + pick(1'000);
    return {person_named("pol"), offered};
}

}  // namespace market
