#include "market/rules/verify_rules.hpp"
#include "market/settlement.hpp"

#include <algorithm>

namespace market {
namespace {

/// Money of one lease at its end: what leaves it is counted here and goes somewhere once.
class Ending {
public:
    Ending(State& state, const Context& context, const LeaseId& id, Lease& lease)
        : state_{state},
          context_{context},
          id_{id},
          lease_{lease},
          terms_{state.get<GpuOrderRecord>(lease.order).ordered.verify},
          verification_{state.get<Verification>(id)}
    {
    }

    Hash subject() const { return ledger::retag<Hash>(id_); }
    Amount take(Amount& from, Amount amount)
    {
        from = from - amount;
        return amount;
    }
    void give(const Address& to, Amount amount, EventKind kind)
    {
        if (amount.is_zero()) return;
        credit(state_, to, amount);
        context_.emit(kind, to, amount, subject());
    }
    void destroy(Amount amount) { burn(state_, amount); }

    void bond_back() { give(lease_.provider, take(lease_.bond, lease_.bond), EventKind::unbonded); }
    void holdback_to_provider(Amount part)
    {
        settle_work(state_, context_, lease_.provider, take(lease_.holdback, part), subject());
    }
    void holdback_to_tenant()
    {
        give(lease_.tenant, take(lease_.holdback, lease_.holdback), EventKind::refunded);
    }
    void burn_holdback() { destroy(take(lease_.holdback, lease_.holdback)); }
    void burn_fees() { destroy(take(lease_.fees, lease_.fees)); }
    void challenge_back()
    {
        give(lease_.tenant, take(lease_.challenge, lease_.challenge), EventKind::refunded);
    }

    /// Half of a verifier's stake, or of a part of it, is the tenant's, half is burned.
    void slash_verifier(const Address& account, Amount most)
    {
        const auto taken = take_stake(state_, key(account), most);
        if (taken.is_zero()) return;
        context_.emit(EventKind::slashed, account, taken, subject());
        const auto to_tenant = taken.share_down(1, 2);
        destroy(taken - to_tenant);
        give(lease_.tenant, to_tenant, EventKind::compensated);
    }
    void burn_stake(const Address& account, Amount most)
    {
        const auto taken = take_stake(state_, key(account), most);
        if (taken.is_zero()) return;
        context_.emit(EventKind::slashed, account, taken, subject());
        destroy(taken);
    }
    VerifierKey key(const Address& account) const { return {terms_.arch_class, account}; }

    /// Pays the reports that nothing speaks against, and takes from those that were not made or
    /// not worked for.
    void count_reports(const LeaseDispute* faked = nullptr)
    {
        const auto order = state_.get<GpuOrderRecord>(lease_.order);
        const bool over = reports_over(context_, order, lease_, verification_);
        // The fee is a stranger's choice; a verifier never stands to lose more than a juror.
        const auto silence = std::min(terms_.fee, context_.params().lease.dispute_bond);
        for (const auto& slot : verification_.slots) {
            const bool approved_a_fake = faked && slot.reported && slot.segment == faked->segment &&
                                         slot.result == faked->committed;
            if (slot.verdict == SlotVerdict::lazy || approved_a_fake)
                slash_verifier(slot.verifier, Amount::max());
            else if (slot.reported && slot.verdict != SlotVerdict::wrong)
                settle_work(state_, context_, slot.verifier, take(lease_.fees, terms_.fee),
                            subject());
            else if (!slot.reported && over)
                burn_stake(slot.verifier, silence);
            end_duty(state_, key(slot.verifier));
        }
    }

    /// Whoever sat in a jury and did not find what it found.
    void dismiss(const JuryResult& result)
    {
        const auto bond = context_.params().lease.dispute_bond;
        for (const auto& account : result.others) {
            burn_stake(account, bond);
            end_duty(state_, key(account));
        }
        for (const auto& account : result.majority) end_duty(state_, key(account));
    }
    /// Shares out evenly; returns what does not divide.
    Amount pay_jury(const JuryResult& result, Amount pool)
    {
        if (result.majority.empty()) return pool;
        const auto each = pool.share_down(1, result.majority.size());
        auto left = pool;
        for (const auto& account : result.majority) {
            give(account, each, EventKind::compensated);
            left = left - each;
        }
        return left;
    }

    void finish(LeaseStatus status, LeaseOutcome outcome)
    {
        const auto rest = lease_.escrow + lease_.fees;
        lease_.escrow = lease_.fees = {};
        give(lease_.tenant, rest, EventKind::refunded);
        ledger::ensure(lease_.held().is_zero(), "a lease that ends holds nothing");
        lease_.status = status;
        lease_.outcome = outcome;
        lease_.ended_ms = context_.now_ms();
        state_.put(id_, lease_);
        state_.erase<Verification>(id_);
        state_.erase<LeaseDispute>(id_);
        context_.emit(EventKind::ended, lease_.provider, {}, subject());
    }

private:
    State& state_;
    const Context& context_;
    const LeaseId& id_;
    Lease& lease_;
    const VerifyTerms terms_;
    const Verification verification_;
};

/// What of a bond is lost: all of it where two runs give the same bits, else half.
Amount at_stake(const State& state, const Lease& lease)
{
    const auto profile = state.get<GpuOfferRecord>(lease.offer).offered.profile;
    return profile.deterministic ? lease.bond : lease.bond.share_down(1, 2);
}

}  // namespace

void end_verified(State& state, const Context& context, const LeaseId& id, Lease& lease,
                  LeaseOutcome outcome)
{
    Ending ending{state, context, id, lease};
    ending.holdback_to_provider(lease.holdback);
    ending.bond_back();
    ending.count_reports();
    ending.finish(LeaseStatus::settled, outcome);
}

void end_silent(State& state, const Context& context, const LeaseId& id, Lease& lease,
                bool tenant_failed)
{
    Ending ending{state, context, id, lease};
    ending.holdback_to_provider(lease.holdback.share_down(1, 2));
    ending.burn_holdback();
    ending.bond_back();
    ending.count_reports();
    if (tenant_failed) ending.burn_fees();
    ending.finish(LeaseStatus::settled, LeaseOutcome::silent);
}

void end_undecided(State& state, const Context& context, const LeaseId& id, Lease& lease,
                   const JuryResult& result)
{
    Ending ending{state, context, id, lease};
    const auto half_bond = lease.bond.share_down(1, 2);
    ending.destroy(ending.take(lease.bond, lease.bond - half_bond));
    ending.bond_back();
    const auto half = lease.holdback.share_down(1, 2);
    ending.destroy(ending.take(lease.holdback, lease.holdback - half));
    ending.holdback_to_tenant();
    // Who called this jury pays it, or a doubt with jurors of one's own would cost nothing.
    const auto pool = lease.challenge.share_down(1, 2);
    ending.destroy(ending.take(lease.challenge, lease.challenge - pool));
    ending.destroy(ending.pay_jury(result, ending.take(lease.challenge, pool)));
    ending.dismiss(result);
    ending.count_reports();
    ending.finish(LeaseStatus::settled, LeaseOutcome::undecided);
}

void end_unopened(State& state, const Context& context, const LeaseId& id, Lease& lease)
{
    Ending ending{state, context, id, lease};
    const auto lost = ending.take(lease.bond, at_stake(state, lease));
    context.emit(EventKind::slashed, lease.provider, lost, ending.subject());
    const auto to_tenant = lost.share_down(1, 2);
    ending.destroy(lost - to_tenant);
    ending.give(lease.tenant, to_tenant, EventKind::compensated);
    ending.holdback_to_tenant();
    ending.bond_back();
    ending.count_reports();
    ending.finish(LeaseStatus::slashed, LeaseOutcome::unopened);
}

void end_faked(State& state, const Context& context, const LeaseId& id, Lease& lease,
               const LeaseDispute& dispute, const JuryResult& result)
{
    Ending ending{state, context, id, lease};
    const auto lost = ending.take(lease.bond, at_stake(state, lease));
    context.emit(EventKind::slashed, lease.provider, lost, ending.subject());
    auto others = lost.share_down(1, 2);
    ending.destroy(lost - others);
    const auto challenger = ending.take(others, lost.share_down(1, 8));
    ending.give(dispute.challenger, challenger, EventKind::compensated);
    const auto pool = ending.take(others, lost.share_down(1, 8));
    others = others + ending.pay_jury(result, pool);
    ending.give(lease.tenant, others, EventKind::compensated);
    ending.holdback_to_tenant();
    ending.challenge_back();
    ending.bond_back();
    ending.dismiss(result);
    ending.count_reports(&dispute);
    ending.finish(LeaseStatus::slashed, LeaseOutcome::faked);
}

void adjourn(State& state, const Context& context, const LeaseId& id, Lease& lease,
             const JuryResult& result)
{
    Ending ending{state, context, id, lease};
    ending.challenge_back();
    ending.dismiss(result);
}

void punish_challenger(State& state, const Context& context, const LeaseId& id, Lease& lease,
                       const LeaseDispute& dispute, const JuryResult& result)
{
    Ending ending{state, context, id, lease};
    auto lost = ending.take(lease.challenge, lease.challenge);
    if (dispute.challenger != lease.tenant)
        lost =
            take_stake(state, ending.key(dispute.challenger), context.params().lease.dispute_bond);
    context.emit(EventKind::slashed, dispute.challenger, lost, ending.subject());
    auto others = lost.share_down(1, 2);
    ending.destroy(lost - others);
    const auto pool = ending.take(others, lost.share_down(1, 4));
    others = others + ending.pay_jury(result, pool);
    ending.give(lease.provider, others, EventKind::dispute_lost);
    ending.dismiss(result);
}

}  // namespace market
