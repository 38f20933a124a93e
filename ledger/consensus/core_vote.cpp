// R3, R5, R7 and R8: what this node says by itself.
#include "ledger/consensus/core.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"

namespace ledger::consensus {

bool Core::cast(VoteKind kind, View view, const BlockId& id)
{
    VoteGuard::Facts facts{current_, {}};
    if (const auto* certificate = held(VoteKind::notarize, view)) facts.notarized = certificate->id;
    const auto vote = guard_->cast(kind, view, id, facts, out_.records);
    if (!vote) return false;
    signed_up_to_ = std::max(signed_up_to_, {epoch_->number(), view});
    tally_->add(*vote);
    send_validators(*vote);
    return true;
}

bool Core::notarize()
{
    if (!guard_->is_ready()) return false;
    bool changed = false;
    if (const auto proposed = proposals_.find(current_);
        proposed != proposals_.end() && !guard_->vote(current_, VoteKind::notarize)) {
        for (const auto& id : proposed->second) {
            auto& block = blocks_.at(id);
            if (block.stage != Stage::executed || !block.justification) continue;
            const auto latest = now_.wall.value + times_.max_drift;
            if (block.header.time_ms.value > latest) {
                count(Event::proposal_waits_for_time);
                wake(now_.steady_ms + (block.header.time_ms.value - latest));
                continue;
            }
            const bool after_nullify = guard_->vote(current_, VoteKind::nullify);
            make_durable(block);
            if (!cast(VoteKind::notarize, current_, id)) continue;
            count(after_nullify ? Event::notarized_after_nullify : Event::notarized);
            changed = true;
            break;
        }
    }
    // Views that are over: the vote still helps the block to become final.
    for (auto at = certificates_.lower_bound({VoteKind::notarize, floor() + 1});
         at != certificates_.end() && at->first.first == VoteKind::notarize; ++at) {
        const auto& certificate = at->second;
        if (certificate.view >= current_ || guard_->vote(certificate.view, VoteKind::notarize))
            continue;
        const auto found = blocks_.find(certificate.id);
        // An N may name the block of another view if too many are faulty: E6 convicts who joins in.
        if (found == blocks_.end() || found->second.stage != Stage::executed ||
            !found->second.justification || found->second.header.view != certificate.view)
            continue;
        make_durable(found->second);
        if (!cast(VoteKind::notarize, certificate.view, certificate.id)) continue;
        count(Event::notarized_late);
        changed = true;
    }
    return changed;
}

bool Core::finalize_votes()
{
    if (!guard_->is_ready()) return false;
    bool changed = false;
    for (auto at = certificates_.lower_bound({VoteKind::notarize, floor() + 1});
         at != certificates_.end() && at->first.first == VoteKind::notarize; ++at) {
        const auto view = at->first.second;
        if (guard_->vote(view, VoteKind::finalize)) continue;
        if (!cast(VoteKind::finalize, view, at->second.id)) continue;
        if (view + 1 < current_) count(Event::finalized_late);
        changed = true;
    }
    return changed;
}

bool Core::nullify()
{
    if (!guard_->is_ready() || guard_->vote(current_, VoteKind::nullify)) return false;
    const auto leader = epoch_->leader(current_);
    std::optional<Event> why;
    if (tally_->power(current_, VoteKind::nullify, {}) >= epoch_->blocking())
        why = Event::nullified_by_power;
    else if (invalid_views_.contains(current_))
        why = Event::nullified_invalid;
    else if (timer_fired_ || (armed_at_ && now_.steady_ms >= *armed_at_ + timeout() && has_work()))
        why = Event::nullified_by_timer;
    else if (tally_->first(current_, VoteKind::nullify, leader) && has_work())
        why = Event::nullified_after_leader;
    else if (leader_is_silent() && has_work())
        why = Event::nullified_silent_leader;
    if (!why) return false;
    if (*why == Event::nullified_by_timer) {
        timer_fired_ = true;
        const auto heard = heard_.find(leader);
        if (guard_->index() != leader && (heard == heard_.end() || heard->second < entered_at_))
            missed_.insert(leader);
    }
    if (!cast(VoteKind::nullify, current_, {})) return false;
    count(*why);
    return true;
}

/// A hint of this node alone, and only while enough others are heard.
bool Core::leader_is_silent()
{
    const auto leader = epoch_->leader(current_);
    if (guard_->index() == leader || proposals_.contains(current_)) return false;
    const auto is_recent = [&](std::uint64_t at) { return at + times_.skip >= now_.steady_ms; };
    const auto heard = heard_.find(leader);
    const bool is_silent =
        missed_.contains(leader) || (heard != heard_.end() && !is_recent(heard->second));
    if (!is_silent) return false;
    std::uint64_t power = guard_->index() ? epoch_->power(*guard_->index()) : 0;
    for (const auto& [index, at] : heard_)
        if (index != guard_->index() && is_recent(at) && !missed_.contains(index))
            power += epoch_->power(index);
    return power >= epoch_->quorum();
}

std::optional<Core::Parent> Core::best_parent() const
{
    for (auto view = current_ - 1; view > floor(); --view) {
        for (const auto kind : {VoteKind::notarize, VoteKind::finalize})
            if (const auto* certificate = held(kind, view))
                if (const auto* header = executed(certificate->id))
                    return Parent{view, certificate->id, header};
        if (!held(VoteKind::nullify, view)) return {};
        if (current_ - view > MessageLimits::skipped_views) return {};
    }
    return Parent{floor(), tip_id_, &tip_};
}

Core::Parent Core::highest_executed() const
{
    for (auto at = certificates_.upper_bound({VoteKind::notarize, ~View{0}});
         at != certificates_.begin();) {
        --at;
        if (at->first.first != VoteKind::notarize) break;
        if (const auto* header = executed(at->second.id))
            return {at->first.second, at->second.id, header};
    }
    return {floor(), tip_id_, &tip_};
}

Justification Core::justify(const Parent& parent) const
{
    Justification made;
    if (parent.view != 0) {
        const auto* certificate =
            parent.view == floor() ? &*floor_certificate_ : held(VoteKind::notarize, parent.view);
        if (!certificate) certificate = held(VoteKind::finalize, parent.view);
        made.parent = *certificate;
    }
    for (auto view = parent.view + 1; view < current_; ++view)
        made.skipped.push_back(*held(VoteKind::nullify, view));
    return made;
}

bool Core::application_has_work(const Parent& parent)
{
    // Behind a seal nothing is ordered in this epoch.
    if (parent.view != 0 && parent.header->kind != BlockKind::normal) return false;
    const auto [at, fresh] = work_memo_.try_emplace(parent.id, false);
    if (fresh) at->second = application_.has_work(parent.id);
    return at->second;
}

bool Core::heartbeat_is_due(const Parent& parent)
{
    return times_.heartbeat != 0 &&
           now_.wall.value >= parent.header->time_ms.value + times_.heartbeat;
}

/// A notarized block is not final yet, and it is worth it or nobody knows.
bool Core::chain_is_unsettled() const
{
    for (auto at = certificates_.lower_bound({VoteKind::notarize, floor() + 1});
         at != certificates_.end() && at->first.first == VoteKind::notarize; ++at) {
        const auto found = blocks_.find(at->second.id);
        if (found == blocks_.end() || !found->second.body) return true;
        const auto& header = found->second.header;
        if (header.tx_count != 0 || header.kind != BlockKind::normal) return true;
    }
    return false;
}

/// When to propose on this parent, in steady_ms; empty while there is no reason.
std::optional<std::uint64_t> Core::propose_at(const Parent& parent)
{
    std::optional<std::uint64_t> at;
    if (tally_->power(current_, VoteKind::nullify, {}) >= epoch_->blocking() ||
        heartbeat_is_due(parent)) {
        at = now_.steady_ms;
    } else if (application_has_work(parent)) {
        at = parent_full_ ? entered_at_ + times_.batch : now_.steady_ms;
    } else if (chain_is_unsettled()) {
        at = entered_at_ + times_.t0 / 2;
    }
    if (!at) return {};
    const auto earliest =
        parent.header->time_ms.value + std::max<std::uint64_t>(1, times_.min_interval);
    if (earliest > now_.wall.value + times_.max_drift)
        at = std::max(*at, now_.steady_ms + (earliest - now_.wall.value - times_.max_drift));
    return at;
}

std::optional<Application::Built> Core::build(const Parent& parent, const Justification& just)
{
    Header header;
    header.chain_id = epoch_->chain_id();
    header.epoch = epoch_->number();
    header.view = current_;
    header.parent_id = parent.id;
    header.parent_view = parent.view;
    header.time_ms.value =
        std::max(now_.wall.value,
                 parent.header->time_ms.value + std::max<std::uint64_t>(1, times_.min_interval));
    header.proposer = *guard_->index();
    header.valset_hash = epoch_->set_hash();
    header.just_hash = justification_hash(just);
    if (parent.view != 0 && parent.header->kind != BlockKind::normal) {
        header.kind = BlockKind::tail;
        header.height = parent.header->height;
        header.tx_root = root_of({});
        header.body_bytes = encode_body({}).size();
        header.state_root = parent.header->state_root;
        header.receipts_root = root_of({});
        header.history_root = parent.header->history_root;
        return Application::Built{header, {}, {}};
    }
    header.height = {parent.header->height.value + 1};
    auto built = application_.build(header);
    if (!built) return {};
    return std::move(*built);
}

bool Core::propose()
{
    if (!guard_->is_ready() || epoch_->leader(current_) != guard_->index() || proposed_now_ ||
        guard_->has_proposed(current_) || guard_->vote(current_, VoteKind::nullify))
        return false;
    const auto parent = best_parent();
    if (!parent) return false;
    const auto at = propose_at(*parent);
    if (!at) return false;
    if (*at > now_.steady_ms) {
        wake(*at);
        return false;
    }
    auto justification = justify(*parent);
    auto built = build(*parent, justification);
    if (!built) return false;
    const auto skips = justification.skipped.size();
    const bool on_call = tally_->power(current_, VoteKind::nullify, {}) >= epoch_->blocking();
    const bool on_heartbeat = heartbeat_is_due(*parent);

    const auto id = block_id(built->header);
    Block block;
    block.header = built->header;
    block.justification = justification;
    block.wire_ids = built->wire_ids;
    block.body = built->body;
    block.stage = Stage::executed;
    block.durable = true;  // with the record of the proposal
    const auto message =
        guard_->propose(std::move(built->header), std::move(justification),
                        std::move(built->wire_ids), std::move(built->body), current_, out_.records);
    ensure(message.has_value(), "the guard allows a proposal that the rule allows");
    signed_up_to_ = std::max(signed_up_to_, {epoch_->number(), current_});
    block.signature = message->signature;
    proposed_now_ = true;

    count(Event::proposed);
    if (skips != 0) count(Event::proposed_on_skip);
    if (skips >= 3) count(Event::proposed_over_three);
    if (on_call) count(Event::proposed_empty_on_call);
    if (on_heartbeat) count(Event::heartbeat);
    if (block.header.kind == BlockKind::tail) count(Event::proposed_tail);
    proposals_[current_].push_back(id);
    blocks_.insert_or_assign(id, std::move(block));
    own_proposals_.emplace(current_, *message);
    send_validators(*message);
    return true;
}

}  // namespace ledger::consensus
