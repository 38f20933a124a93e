#include "tests/property/lease_history.hpp"

#include "market/invariants.hpp"
#include "market/lease_draw.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace market {
namespace {

Address person(std::string_view name)
{
    return MarketWorld::address_of(name);
}

}  // namespace

LeaseGround::LeaseGround(ledger::AssetKind kind) : world{kind}
{
    std::vector<std::string> names{"tia", "pol", "dora"};
    for (std::size_t i = 0; i < LeaseWorld::verifiers; ++i)
        names.push_back("v" + std::to_string(i));
    for (const auto& name : names)
        world.put(person(name), Admitted{AccountClass::bulk, 1ull << 40, 0, 0});
    world.join(7);
    exact = world.offer();
    auto other = world.offering();
    other.profile.deterministic = false;
    other.profile.tolerance = {50};
    near = world.offer(other);
}

std::uint64_t LeaseHistory::Expected::held() const
{
    if (status == LeaseStatus::expired || status == LeaseStatus::settled ||
        status == LeaseStatus::slashed)
        return 0;
    const auto paid = rate * paid_s;
    const auto kept = is_job() ? (paid * 2'000 + 9'999) / 10'000 : 0;
    const auto fees = order.verify.fee.micros() * order.verify.samples;
    return order.escrow.micros() - paid + kept + fees + bond + deposit + challenge;
}

LeaseHistory::LeaseHistory(const LeaseGround& ground, std::mt19937_64& random, std::uint64_t number,
                           LeaseCounts& counts)
    : ground_{ground},
      random_{random},
      name_{std::to_string(number)},
      counts_{counts},
      memory_{ground.world.memory()},
      now_{{ground.world.now_ms()}},
      height_{ground.world.context().height.value},
      honest_juries_{random() % 2 == 0},
      honest_provider_{random() % 2 == 0}
{
}

void LeaseHistory::run()
{
    const auto steps = 20 + pick(70);
    for (std::uint64_t step = 0; step < steps; ++step) {
        block();
        if (testing::Test::HasFailure()) return;
    }
    std::uint64_t signed_for = 0;
    for (const auto& [id, lease] : leases_) {
        signed_for += lease.rate * lease.signed_s;
        if (lease.outcome != LeaseOutcome::none) ++counts_.outcomes[lease.outcome];
    }
    EXPECT_LE(earned_, signed_for) << "the provider is paid for co-signed time alone";
}

void LeaseHistory::block()
{
    ++height_;
    const bool disputed = std::any_of(leases_.begin(), leases_.end(), [](const auto& each) {
        return each.second.status == LeaseStatus::disputed;
    });
    // A jury has little time: mostly it is let sit.
    const auto wait = disputed && !chance(25) ? 0 : pick(20);
    now_.value += disputed && wait == 0 ? pick(2'000)
                  : wait < 13           ? pick(8'000)
                  : wait < 18           ? pick(60'000)
                                        : 100'000 + pick(350'000);
    const auto parent = ledger::retag<ledger::BlockId>(
        MarketWorld::hash_of(name_ + " at " + std::to_string(height_)));
    BlockExecution execution{memory_, ground_.world.network(), {{height_}, now_, {}, parent}};
    const auto made = draft();
    const auto id =
        ledger::retag<TxId>(MarketWorld::hash_of(name_ + "/" + std::to_string(++sent_)));
    if (!execution.add(checked(made, id))) {
        ADD_FAILURE() << "an envelope is refused";
        return;
    }
    ++counts_.transactions;
    const auto outcome = execution.finish();
    before_ = memory_;
    memory_.apply(outcome.diff);
    const auto& receipt = outcome.receipts.front();
    if (receipt.status == Status::applied) {
        ++counts_.applied[std::string{name_of(made.message)}];
        count_pay(made.message, receipt);
        follow(made.message, id);
    }
    for (const auto& what : broken_invariants(view(), ground_.world.network()))
        ADD_FAILURE() << what << " after " << name_of(made.message);
    compare();
}

CheckedTransaction LeaseHistory::checked(const Draft& made, const TxId& id)
{
    auto envelope =
        make_transaction(made.sender, {}, {nonces_[made.sender]++}, {}, 0, made.message);
    auto encoded = ledger::encode_transaction(envelope);
    return {std::move(envelope), made.message, id, {}, std::move(encoded)};
}

void LeaseHistory::compare()
{
    for (const auto& [id, expected] : leases_) {
        const auto lease = view().get<Lease>(id);
        EXPECT_EQ(lease.status, expected.status);
        EXPECT_EQ(lease.outcome, expected.outcome);
        EXPECT_EQ(lease.held().micros(), expected.held()) << "escrow leaves once";
        EXPECT_EQ(lease.paid_s, expected.paid_s);
        EXPECT_LE(lease.paid_s, expected.signed_s);
    }
}

void LeaseHistory::count_pay(const Message& message, const Receipt& receipt)
{
    if (!std::holds_alternative<LeaseClaim>(message) &&
        !std::holds_alternative<LeaseSettle>(message))
        return;
    for (const auto& event : receipt.events)
        if ((event.kind == EventKind::minted || event.kind == EventKind::earned) &&
            event.account == person("pol"))
            earned_ += event.amount.micros();
}

void LeaseHistory::follow(const Message& message, const TxId& tx)
{
    if (const auto* order = std::get_if<GpuOrder>(&message)) {
        orders_[ledger::retag<GpuOrderId>(tx)] = *order;
    } else if (const auto* bid = std::get_if<GpuBid>(&message)) {
        bids_[ledger::retag<GpuBidId>(tx)] = *bid;
    } else if (const auto* accept = std::get_if<LeaseAccept>(&message)) {
        const auto& taken = bids_.at(accept->bid);
        auto& lease = leases_[ledger::retag<LeaseId>(tx)];
        lease.order = orders_.at(accept->order);
        lease.exact = taken.offer == ground_.exact;
        lease.rate = taken.rate.micros();
        lease.bond = taken.bond.micros();
        lease.deposit = taken.deposit.micros();
        for (std::uint64_t i = 0; i < lease.order.verify.planted; ++i)
            lease.decoys.push_back(2 * i);
    } else if (const auto* timeout = std::get_if<LeaseTimeout>(&message)) {
        if (timeout->entry != GpuEntry::lease) return;
        auto& lease = leases_.at(ledger::retag<LeaseId>(timeout->id));
        EXPECT_EQ(lease.status, LeaseStatus::matched);
        lease.status = LeaseStatus::expired;
    } else if (const auto* start = std::get_if<LeaseStart>(&message)) {
        auto& lease = leases_.at(start->lease);
        EXPECT_EQ(lease.status, LeaseStatus::matched);
        lease.status = LeaseStatus::active;
        lease.deposit = 0;
    } else if (const auto* checkpoint = std::get_if<LeaseCheckpoint>(&message)) {
        auto& lease = leases_.at(checkpoint->lease);
        lease.checkpoints.emplace_back(checkpoint->seg_from, checkpoint->seg_to);
        // What was drafted beyond the last one that was applied is what it committed to.
        lease.committed.resize(checkpoint->seg_to);
    } else if (const auto* claim = std::get_if<LeaseClaim>(&message)) {
        auto& lease = leases_.at(claim->lease);
        EXPECT_GT(claim->seconds, lease.paid_s);
        lease.paid_s = claim->seconds;
    } else if (const auto* reclaim = std::get_if<LeaseReclaim>(&message)) {
        leases_.at(reclaim->lease).status = LeaseStatus::reclaiming;
    } else if (const auto* close = std::get_if<LeaseClose>(&message)) {
        auto& lease = leases_.at(close->lease);
        lease.status = LeaseStatus::verifying;
        lease.closed_ms = now_.value;
    } else if (const auto* assign = std::get_if<VerifyAssign>(&message)) {
        auto& lease = leases_.at(assign->lease);
        lease.assigned = true;
        lease.slots = view().get<Verification>(assign->lease).slots.size();
    } else if (const auto* report = std::get_if<VerifyReport>(&message)) {
        auto& lease = leases_.at(report->lease);
        EXPECT_TRUE(lease.reports.emplace(report->segment, report->result).second);
    } else if (const auto* reveal = std::get_if<VerifyReveal>(&message)) {
        auto& lease = leases_.at(reveal->lease);
        for (const auto& opening : reveal->openings) {
            EXPECT_EQ(opening.result, lease.committed.at(opening.segment));
            EXPECT_TRUE(lease.opened.insert(opening.segment).second);
        }
        lease.decoys_shown = lease.decoys_shown || !reveal->planted.empty();
    } else if (const auto* doubt = std::get_if<DisputeOpen>(&message)) {
        auto& lease = leases_.at(doubt->lease);
        EXPECT_FALSE(lease.doubted);
        lease.doubted = true;
        lease.challenge = doubt->bond.micros();
        lease.status = LeaseStatus::disputed;
    } else if (const auto* settle = std::get_if<LeaseSettle>(&message)) {
        follow_settle(settle->lease, leases_.at(settle->lease));
    }
}

void LeaseHistory::end(Expected& lease, LeaseStatus status, LeaseOutcome outcome)
{
    lease.status = status;
    lease.outcome = outcome;
}

void LeaseHistory::follow_settle(const LeaseId& id, Expected& lease)
{
    if (lease.status == LeaseStatus::disputed)
        return follow_jury(lease, View{before_}.get<LeaseDispute>(id));
    EXPECT_EQ(lease.status, LeaseStatus::verifying);
    if (!lease.assigned) {
        EXPECT_GE(now_.value, lease.closed_ms + params().t_move_s * 1'000);
        return end(lease, LeaseStatus::settled,
                   lease.is_job() ? LeaseOutcome::silent : LeaseOutcome::unverified);
    }
    if (lease.reports.size() < lease.slots) {
        EXPECT_GE(now_.value, lease.closed_ms + params().window_s * 1'000);
    }
    if (lease.opened.size() < lease.reports.size())
        return end(lease, LeaseStatus::slashed, LeaseOutcome::unopened);
    bool verified = false;
    for (const auto& [segment, result] : lease.reports) {
        const auto planted = std::find(lease.decoys.begin(), lease.decoys.end(), segment);
        const bool decoy =
            lease.decoys_shown && planted != lease.decoys.end() &&
            result ==
                decoy_of(LeaseWorld::planted(
                             lease.decoys, static_cast<std::size_t>(planted - lease.decoys.begin()))
                             .seed);
        if (lease.open_doubts.contains(segment)) {
            continue;
        } else if (result == lease.committed.at(segment) || lease.wrong.contains(segment)) {
            verified = true;
        } else if (decoy) {
            ++counts_.lazy;
        } else {
            lease.status = LeaseStatus::disputed;
            return;
        }
    }
    end(lease, LeaseStatus::settled, verified ? LeaseOutcome::verified : LeaseOutcome::silent);
}

void LeaseHistory::follow_jury(Expected& lease, const LeaseDispute& before)
{
    // It only seated the jury.
    if (!before.drawn) return;
    std::map<Hash, std::size_t> votes;
    std::size_t count = 0;
    for (const auto& juror : before.jurors) {
        if (!juror.revealed) continue;
        ++count;
        ++votes[juror.result];
    }
    if (count < before.jurors.size() || before.jurors.empty()) {
        EXPECT_GE(now_.value, before.opened_ms + 2 * params().t_jury_s * 1'000);
    }
    const auto agreeing = votes[before.committed];
    std::size_t most = 0;
    for (const auto& [value, number] : votes)
        if (value != before.committed) most = std::max(most, number);
    if (!lease.exact) most = count - agreeing;
    const bool enough = count >= params().jury_quorum;
    if (before.jurors.size() < params().jury_quorum) {
        lease.status = LeaseStatus::verifying;
        lease.challenge = 0;
        if (before.challenger != person("tia")) lease.open_doubts.insert(before.segment);
        return;
    }
    if (enough && 3 * agreeing >= 2 * count) {
        lease.status = LeaseStatus::verifying;
        lease.challenge = 0;
        if (before.challenger != person("tia")) lease.wrong.insert(before.segment);
        EXPECT_FALSE(honest_juries_ && lease.faked(before.segment)) << "a fake went through";
    } else if (enough && 3 * most >= 2 * count) {
        end(lease, LeaseStatus::slashed, LeaseOutcome::faked);
        EXPECT_FALSE(honest_juries_ && !lease.faked(before.segment)) << "an honest one is slashed";
    } else {
        end(lease, LeaseStatus::settled, LeaseOutcome::undecided);
    }
}

}  // namespace market
