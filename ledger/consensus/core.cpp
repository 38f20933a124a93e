#include "ledger/consensus/core.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace ledger::consensus {

Core::Core(const CoreTimes& times, Durable durable, const Signer* signer, const Verifier& verifier,
           Application& application, std::uint64_t seed, std::optional<TrustedAnchor> trusted)
    : times_{times},
      trusted_{std::move(trusted)},
      signer_{signer},
      checker_{verifier},
      application_{application},
      random_{seed},
      anchor_{durable.base.anchor},
      tip_{durable.base.tip},
      tip_id_{block_id(durable.base.tip)},
      floor_certificate_{durable.base.finalized},
      signed_up_to_{durable.signed_up_to}
{
    epoch_ = std::make_shared<const Epoch>(anchor_.chain_id, durable.base.epoch, block_id(anchor_),
                                           durable.base.set);
    guard_.emplace(signer_, *epoch_, durable);
    tally_.emplace(*epoch_);
    for (const auto& [key, vote] : durable.votes) tally_->add(vote);
    for (auto& [key, certificate] : durable.certificates)
        certificates_.emplace(CertificateKey{certificate.kind, certificate.view}, certificate);
    for (auto& [view, proposal] : durable.proposals) own_proposals_.emplace(view, proposal.message);
    for (auto& [id, data] : durable.blocks) {
        Block block;
        block.header = data.header;
        block.justification = data.justification;
        block.body = std::move(data.body);
        block.durable = true;
        block.is_certified = true;
        proposals_[block.header.view].push_back(id);
        blocks_.emplace(id, std::move(block));
    }
    final_views_[floor()] = tip_id_;
}

Output Core::step(std::span<const Input> inputs, const Now& now)
{
    out_ = {};
    if (halted_) return {};
    now_ = now;
    work_memo_.clear();
    proposed_now_ = false;
    executed_bytes_ = 0;
    is_postponed_ = false;
    if (!started_) {
        started_ = true;
        guard_->settle(guard_->index() && epoch_->size() > 1);
        settle_until_ = now.steady_ms + times_.settle;
        status_at_ = now.steady_ms + times_.request;
    }
    for (const auto& input : inputs) {
        if (const auto* up = std::get_if<Connected>(&input)) {
            if (peers_.size() < CoreLimits::peers) peers_[up->peer].key = up->key;
            assign_validators();
            send({up->peer}, status());
        } else if (const auto* down = std::get_if<Disconnected>(&input)) {
            peers_.erase(down->peer);
        } else {
            const auto& received = std::get<Received>(input);
            if (peers_.contains(received.from)) receive(received.from, received.message);
        }
        if (halted_) break;
    }
    settle();
    advance();
    if (!halted_) repair();
    if (!halted_) schedule();
    if (is_postponed_) wake(now_.steady_ms);
    return std::move(out_);
}

void Core::advance()
{
    // Every pass that changes something casts a vote, stores a certificate or moves the floor:
    // there are only so many of these for the inputs of one step.
    for (int pass = 0; !halted_; ++pass) {
        ensure(pass < 100'000, "the rules reach a fixpoint");
        bool changed = form_certificates();
        update_view();
        changed = finalize() || changed;
        if (halted_) return;
        update_view();
        changed = examine_blocks() || changed;
        changed = notarize() || changed;
        changed = finalize_votes() || changed;
        changed = propose() || changed;
        changed = nullify() || changed;
        if (!changed) break;
    }
    if (!halted_) arm();
}

bool Core::form_certificates()
{
    bool changed = false;
    for (const auto& [view, kind] : tally_->take_quorums()) {
        if (view <= floor() || held(kind, view)) continue;
        if (const auto made = tally_->certificate(view, kind))
            changed = take_certificate(*made, true) || changed;
    }
    return changed;
}

void Core::update_view()
{
    View highest = floor();
    if (!certificates_.empty())
        for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) {
            const auto above = certificates_.upper_bound({kind, ~View{0}});
            if (above != certificates_.begin() && std::prev(above)->first.first == kind)
                highest = std::max(highest, std::prev(above)->first.second);
        }
    if (highest + 1 <= current_) return;
    current_ = highest + 1;
    enter_view();
}

void Core::enter_view()
{
    count(Event::view_entered);
    entered_at_ = now_.steady_ms;
    armed_at_.reset();
    timer_fired_ = false;
    resend_every_ = times_.retransmit;
    resend_at_ = now_.steady_ms + resend_every_;
    drop_stale_proposals();
    tally_->drop_below(std::max(floor() + 1, current_ > CoreLimits::views_behind
                                                 ? current_ - CoreLimits::views_behind
                                                 : View{1}));

    const Certificate* entry = nullptr;
    for (const auto kind : {VoteKind::nullify, VoteKind::notarize, VoteKind::finalize})
        if (const auto* found = held(kind, current_ - 1)) entry = found;
    if (!entry && floor_certificate_ && floor() == current_ - 1) entry = &*floor_certificate_;
    if (entry) {
        if (epoch_->size() <= CoreLimits::full_mesh) {
            send_validators(*entry);
        } else {
            std::vector<PeerId> some;
            if (const auto leader = peer_of(epoch_->leader(current_))) some.push_back(*leader);
            for (std::size_t i = 0; i < CoreLimits::entry_peers; ++i)
                if (const auto peer = next_peer(static_cast<std::uint32_t>(random_())))
                    if (std::find(some.begin(), some.end(), *peer) == some.end())
                        some.push_back(*peer);
            send(std::move(some), *entry);
        }
    }
    // A view with a stored proposal gets that one again, never another.
    if (const auto own = own_proposals_.find(current_); own != own_proposals_.end())
        send_validators(own->second);
}

void Core::drop_stale_proposals()
{
    for (auto at = blocks_.begin(); at != blocks_.end();) {
        const auto& [id, block] = *at;
        const auto view = block.header.view;
        const auto* own = guard_->vote(view, VoteKind::notarize);
        const auto* certificate = held(VoteKind::notarize, view);
        const bool keep = view >= current_ || block.is_certified || (own && own->id == id) ||
                          (certificate && certificate->id == id);
        if (keep) {
            ++at;
            continue;
        }
        std::erase(proposals_[view], id);
        at = blocks_.erase(at);
    }
    std::erase_if(proposals_, [](const auto& item) { return item.second.empty(); });
    invalid_views_.erase(invalid_views_.begin(), invalid_views_.lower_bound(current_));
    malformed_.erase(malformed_.begin(),
                     malformed_.lower_bound(current_ > CoreLimits::views_behind
                                                ? current_ - CoreLimits::views_behind
                                                : View{0}));
    own_proposals_.erase(own_proposals_.begin(), own_proposals_.lower_bound(current_));
}

/// min(t_max, t0 * 1.5^k), k = views entered since the last that finalization could explain.
std::uint64_t Core::timeout() const
{
    auto k = current_ > floor() + 2 ? current_ - floor() - 2 : 0;
    auto time = times_.t0;
    for (; k > 0 && time < times_.t_max; --k) time += (time + 1) / 2;
    return std::min(time, times_.t_max);
}

bool Core::has_work()
{
    if (chain_is_unsettled()) return true;
    const auto proposed = proposals_.find(current_);
    if (proposed != proposals_.end())
        for (const auto& id : proposed->second)
            if (blocks_.at(id).stage != Stage::invalid) return true;
    const auto parent = highest_executed();
    return application_has_work(parent) || heartbeat_is_due(parent);
}

void Core::arm()
{
    if (!has_work()) {
        if (armed_at_) count(Event::disarmed);
        armed_at_.reset();
        timer_fired_ = false;
        return;
    }
    if (armed_at_) return;
    armed_at_ = now_.steady_ms;
    resend_every_ = times_.retransmit;
    resend_at_ = now_.steady_ms + resend_every_;
    const auto leader = epoch_->leader(current_);
    if (guard_->index() != leader && application_has_work(highest_executed()))
        out_.push_to = peer_of(leader);
}

void Core::schedule()
{
    wake(status_at_);
    if (guard_->is_settling()) wake(settle_until_);
    if (armed_at_) {
        if (!guard_->vote(current_, VoteKind::nullify) && guard_->is_ready()) {
            if (!timer_fired_) wake(*armed_at_ + timeout());
            const auto heard = heard_.find(epoch_->leader(current_));
            if (heard != heard_.end() && heard->second + times_.skip >= now_.steady_ms)
                wake(heard->second + times_.skip + 1);
        }
        wake(resend_at_);
    } else if (times_.heartbeat != 0 && guard_->is_ready()) {
        const auto due = highest_executed().header->time_ms.value + times_.heartbeat;
        if (due > now_.wall.value) wake(now_.steady_ms + (due - now_.wall.value));
    }
}

void Core::wake(std::uint64_t at)
{
    at = std::max(at, now_.steady_ms);
    if (!out_.wake_at || at < *out_.wake_at) out_.wake_at = at;
}

void Core::halt(const std::string& reason, const Certificate* cause)
{
    if (halted_) return;
    halted_ = true;
    std::vector<Certificate> all;
    if (cause) all.push_back(*cause);
    for (const auto& [key, certificate] : certificates_) all.push_back(certificate);
    if (floor_certificate_) all.push_back(*floor_certificate_);
    for (const auto& [id, block] : blocks_)
        if (block.justification) {
            if (block.justification->parent) all.push_back(*block.justification->parent);
            for (const auto& skip : block.justification->skipped) all.push_back(skip);
        }
    out_.halt = Halt{reason, convict(all, *epoch_)};
}

Durable Core::durable() const
{
    Durable state;
    state.base = {epoch_->number(), anchor_, epoch_->set(), tip_, floor_certificate_};
    state.votes = guard_->votes();
    state.silenced = guard_->silenced();
    state.signed_up_to = signed_up_to_;
    for (const auto& [key, certificate] : certificates_)
        state.certificates.emplace(std::pair{key.second, key.first}, certificate);
    for (const auto& [id, block] : blocks_)
        if (block.durable)
            state.blocks.emplace(
                id, BlockData{block.header, block.justification, block.body.value_or(BlockBody{})});
    for (const auto& [view, message] : own_proposals_)
        if (const auto found = blocks_.find(block_id(message.header));
            found != blocks_.end() && found->second.body)
            state.proposals.emplace(view, OwnProposal{message, *found->second.body});
    return state;
}

Hash Core::state_hash() const
{
    codec::Writer writer;
    writer.put(epoch_->number());
    writer.put(current_);
    writer.put(floor());
    writer.put(tip_id_);
    for (const auto& [key, vote] : guard_->votes()) writer.put(vote);
    for (const auto& [key, certificate] : certificates_) {
        writer.put(certificate.kind);
        writer.put(certificate.view);
        writer.put(certificate.id);
    }
    for (const auto& [id, block] : blocks_) {
        writer.put(id);
        writer.put(block.body.has_value());
        writer.put(block.justification.has_value());
        writer.put(block.is_certified);
        writer.integer(static_cast<std::uint64_t>(block.stage), 1);
    }
    for (const auto& [view, message] : own_proposals_) writer.put(block_id(message.header));
    for (const auto view : invalid_views_) writer.put(view);
    for (const auto leader : missed_) writer.put(leader);
    writer.put(guard_->is_ready());
    writer.put(tally_->state());
    writer.put(timer_fired_);
    return sha256(writer.take());
}

std::size_t Core::kept() const
{
    return certificates_.size() + blocks_.size() + early_.size() + wanted_.size() +
           tally_->view_count() + malformed_.size() + own_proposals_.size() +
           guard_->votes().size() + known_evidence_.size() + final_views_.size();
}

std::string_view event_name(Event event)
{
    static constexpr std::array<std::string_view, event_count> names{"view entered",
                                                                     "proposed",
                                                                     "proposed over a skip",
                                                                     "proposed over three skips",
                                                                     "proposed empty on call",
                                                                     "proposed tail",
                                                                     "notarized",
                                                                     "notarized late",
                                                                     "notarized after nullify",
                                                                     "finalized late",
                                                                     "nullified by timer",
                                                                     "nullified by power",
                                                                     "nullified invalid",
                                                                     "nullified after leader",
                                                                     "nullified silent leader",
                                                                     "N formed",
                                                                     "X formed",
                                                                     "F formed",
                                                                     "N for another block",
                                                                     "N after X",
                                                                     "X after N",
                                                                     "committed",
                                                                     "committed several",
                                                                     "final without body",
                                                                     "sealed",
                                                                     "sealed by tail",
                                                                     "proposal invalid",
                                                                     "proposal waits for time",
                                                                     "body requested",
                                                                     "body received",
                                                                     "certs requested",
                                                                     "certs answered",
                                                                     "blocks requested",
                                                                     "blocks received",
                                                                     "epoch proof sent",
                                                                     "epoch proof taken",
                                                                     "early message",
                                                                     "evidence found",
                                                                     "resent",
                                                                     "settled",
                                                                     "disarmed",
                                                                     "heartbeat"};
    return names[static_cast<std::size_t>(event)];
}

}  // namespace ledger::consensus
