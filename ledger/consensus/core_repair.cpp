// R10, R11 and section 7: saying again what may have been lost, and asking for what is missing.
#include "ledger/consensus/core.hpp"

#include "ledger/codec/binary.hpp"

#include <algorithm>

namespace ledger::consensus {

void Core::send(std::vector<PeerId> to, Message message)
{
    if (!to.empty()) out_.sends.push_back({std::move(to), std::move(message)});
}

void Core::send_validators(const Message& message)
{
    std::vector<PeerId> to;
    for (const auto& [id, peer] : peers_)
        if (peer.validator) to.push_back(id);
    send(std::move(to), message);
}

void Core::send_everybody(const Message& message)
{
    std::vector<PeerId> to;
    for (const auto& [id, peer] : peers_) to.push_back(id);
    send(std::move(to), message);
}

std::optional<PeerId> Core::peer_of(Index index) const
{
    for (const auto& [id, peer] : peers_)
        if (peer.validator == index) return id;
    return {};
}

/// Everybody in turn, beginning with validators.
std::optional<PeerId> Core::next_peer(std::uint32_t turn) const
{
    std::vector<PeerId> all;
    for (const auto& [id, peer] : peers_)
        if (peer.validator) all.push_back(id);
    for (const auto& [id, peer] : peers_)
        if (!peer.validator) all.push_back(id);
    if (all.empty()) return {};
    return all[turn % all.size()];
}

Status Core::status() const
{
    return {epoch_->number(),   tip_.height, floor(),
            floor_certificate_, current_,    guard_->is_settling()};
}

/// With others about, a node that starts first hears from a quorum what they know of its votes.
void Core::settle()
{
    if (!guard_->is_settling()) return;
    std::uint64_t power = epoch_->power(*guard_->index());
    for (const auto& [id, peer] : peers_)
        if (peer.validator && peer.has_status) power += epoch_->power(*peer.validator);
    if (power < epoch_->quorum() && now_.steady_ms < settle_until_) return;
    guard_->settle(false);
    count(Event::settled);
}

void Core::repair()
{
    if (now_.steady_ms >= status_at_) {
        status_at_ = now_.steady_ms + (guard_->is_settling() ? times_.request : times_.status);
        send_everybody(status());
    }
    if (armed_at_ && now_.steady_ms >= resend_at_) {
        resend();
        resend_every_ = std::min(resend_every_ * 2, times_.retransmit_max);
        resend_at_ = now_.steady_ms + resend_every_;
    }
    want_blocks();
    ask_for_range();
    ask_for_certs();
}

void Core::resend()
{
    count(Event::resent);
    if (const auto own = own_proposals_.find(current_); own != own_proposals_.end())
        send_validators(own->second);
    // A certificate says all that the votes of its kind would.
    std::vector<Vote> votes;
    for (const auto& [key, vote] : guard_->votes())
        if (!held(key.second, key.first)) votes.push_back(vote);
    const auto most = 4 * CoreLimits::certs_resent;
    for (std::size_t i = 0; i < votes.size(); ++i)
        if (i < most || i + most >= votes.size()) send_validators(votes[i]);

    Certs certs;
    std::vector<const Certificate*> above;
    std::map<std::pair<View, VoteKind>, const Certificate*> by_view;
    for (const auto& [key, certificate] : certificates_)
        by_view.emplace(std::pair{key.second, key.first}, &certificate);
    for (const auto& [key, certificate] : by_view) above.push_back(certificate);
    if (floor_certificate_) certs.certificates.push_back(*floor_certificate_);
    for (std::size_t i = 0; i < above.size(); ++i)
        if (i < CoreLimits::certs_resent || i + CoreLimits::certs_resent >= above.size())
            certs.certificates.push_back(*above[i]);
    if (!certs.certificates.empty()) send_validators(certs);
}

std::vector<Certificate> Core::certs_between(View from, View to, std::size_t most) const
{
    std::vector<Certificate> found;
    std::size_t bytes = 0;
    for (auto view = std::max(from, floor() + 1); view <= to && view < current_; ++view)
        for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize})
            if (const auto* certificate = held(kind, view)) {
                bytes += 128 + 64 * certificate->signatures.size();
                if (found.size() == most || bytes > MessageLimits::certs_bytes / 2) return found;
                found.push_back(*certificate);
            }
    return found;
}

void Core::on(PeerId from, const Status& status)
{
    if (!is_ours(from, status.epoch, status)) return;
    auto& peer = peers_.at(from);
    peer.has_status = true;
    peer.view = status.current_view;
    if (status.finalized && status.finalized->epoch == epoch_->number() &&
        status.finalized->kind == VoteKind::finalize && !take_certificate(*status.finalized, false))
        return misbehaved(from, "a certificate that does not verify");

    if (status.current_view > current_ && now_.steady_ms >= peer.certs_asked_until) {
        peer.certs_asked_until = now_.steady_ms + times_.request;
        count(Event::certs_requested);
        send({from}, GetCerts{epoch_->number(), std::max(current_, View{1}), status.current_view});
    }
    // An answer is far longer than what asks for it.
    if (now_.steady_ms < peer.status_answer_after) return;
    peer.status_answer_after = now_.steady_ms + times_.retransmit;
    Certs certs;
    if (floor() > status.finalized_view && floor_certificate_)
        certs.certificates.push_back(*floor_certificate_);
    if (current_ > status.current_view)
        for (auto& certificate : certs_between(std::max(status.current_view, View{1}), current_ - 1,
                                               CoreLimits::certs_per_answer))
            certs.certificates.push_back(std::move(certificate));
    // Behind by more than one answer: what it needs first is to enter our view.
    if (current_ > status.current_view)
        for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize})
            if (const auto* entry = held(kind, current_ - 1)) certs.certificates.push_back(*entry);
    if (!certs.certificates.empty()) send({from}, std::move(certs));
    if (status.settling && peer.validator)
        for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize})
            for (auto view = current_ > 1 ? current_ - 1 : 1; view <= current_; ++view)
                if (const auto* vote = tally_->first(view, kind, *peer.validator))
                    send({from}, *vote);
    // Never two that settle answering each other.
    if (status.settling && !guard_->is_settling()) send({from}, this->status());
}

void Core::on(PeerId from, const GetCerts& asked)
{
    if (!is_ours(from, asked.epoch, asked)) return;
    Certs certs;
    if (asked.from <= floor() && floor_certificate_)
        certs.certificates.push_back(*floor_certificate_);
    for (auto& certificate : certs_between(asked.from, asked.to, CoreLimits::certs_per_answer))
        certs.certificates.push_back(std::move(certificate));
    count(Event::certs_answered);
    if (!certs.certificates.empty()) send({from}, std::move(certs));
}

void Core::on(PeerId from, const GetBody& asked)
{
    const auto found = blocks_.find(asked.id);
    if (found != blocks_.end() && found->second.body) {
        send({from},
             Body{{found->second.header, found->second.justification, *found->second.body}});
    } else if (const auto final = application_.final_block(asked.id)) {
        send({from}, Body{final->block});
    }
}

void Core::on(PeerId from, const GetBlocks& asked)
{
    Blocks blocks;
    std::size_t bytes = 0;
    std::optional<Commit> last;
    for (auto height = asked.from; blocks.blocks.size() < CoreLimits::blocks_per_answer;
         ++height.value) {
        auto block = application_.final_block(height);
        if (!block || (last && last->block.header.epoch != block->block.header.epoch)) break;
        bytes += block->block.header.body_bytes;
        if (!blocks.blocks.empty() && bytes > CoreLimits::answer_bytes) break;
        // Who wants final blocks needs no reasons for them.
        block->block.justification.reset();
        blocks.blocks.push_back(block->block);
        last = std::move(block);
    }
    if (!last) return;
    while (!last->certificate && blocks.path.size() < MessageLimits::path_headers) {
        const auto& header = last->block.header;
        if (header.kind == BlockKind::sealing) {
            const auto proof = proof_of(header.epoch);
            if (!proof || block_id(proof->path.front()) != last->id) return;
            blocks.path.insert(blocks.path.end(), proof->path.begin() + 1, proof->path.end());
            last->certificate = proof->finalized;
            break;
        }
        last = application_.final_block(Height{header.height.value + 1});
        if (!last) return;
        blocks.path.push_back(last->block.header);
    }
    if (!last->certificate) return;
    blocks.finalized = *last->certificate;
    send({from}, std::move(blocks));
}

/// Asks for blocks that certificates or proposals of the current view name and nobody has sent,
/// from one peer after another.
void Core::want_blocks()
{
    std::vector<std::pair<BlockId, Index>> missing;
    const auto want = [&](const BlockId& id, View view) {
        // Down to the first ancestor that is missing.
        auto at = id;
        auto at_view = view;
        while (at_view > floor()) {
            const auto found = blocks_.find(at);
            const bool is_there = found != blocks_.end();
            if (!is_there || (!found->second.body && found->second.stage == Stage::waiting))
                missing.emplace_back(at, epoch_->leader(at_view));
            else if (found->second.is_certified && !found->second.justification &&
                     held(VoteKind::notarize, at_view) && at == id &&
                     found->second.stage != Stage::invalid)
                missing.emplace_back(at, epoch_->leader(at_view));
            if (!is_there) return;
            at = found->second.header.parent_id;
            at_view = found->second.header.parent_view;
        }
    };
    for (const auto kind : {VoteKind::finalize, VoteKind::notarize}) {
        std::size_t looked = 0;
        for (auto at = certificates_.upper_bound({kind, ~View{0}});
             at != certificates_.begin() && looked < CoreLimits::wanted_blocks; ++looked) {
            --at;
            if (at->first.first != kind) break;
            want(at->second.id, at->first.second);
        }
    }
    if (const auto proposed = proposals_.find(current_); proposed != proposals_.end())
        for (const auto& id : proposed->second)
            if (blocks_.at(id).stage == Stage::waiting) want(id, current_);

    std::map<BlockId, Wanted> still;
    for (const auto& [id, leader] : missing) {
        if (still.size() == CoreLimits::wanted_blocks) break;
        const auto [at, fresh] = still.emplace(id, Wanted{});
        if (!fresh) continue;
        auto& wanted = at->second;
        if (const auto before = wanted_.find(id); before != wanted_.end()) wanted = before->second;
        if (wanted.ask_again <= now_.steady_ms) {
            auto peer = wanted.tries == 0 ? peer_of(leader) : std::nullopt;
            if (!peer) peer = next_peer(wanted.tries + leader);
            wanted.ask_again = now_.steady_ms + times_.request;
            ++wanted.tries;
            if (peer) {
                count(Event::body_requested);
                send({*peer}, GetBody{id});
            }
        }
        wake(wanted.ask_again);
    }
    wanted_ = std::move(still);
}

/// A final block whose way from the tip is not known: ask for the heights behind the tip.
void Core::ask_for_range()
{
    const auto above = certificates_.upper_bound({VoteKind::finalize, ~View{0}});
    if (above == certificates_.begin() || std::prev(above)->first.first != VoteKind::finalize) {
        range_tries_ = 0;
        return;
    }
    if (now_.steady_ms < range_at_) return wake(range_at_);
    // The first height behind the tip whose body is not here; it is asked for while those before
    // it are executed.
    auto from = tip_.height.value + 1;
    std::size_t bytes = 0;
    auto id = tip_id_;
    while (from < tip_.height.value + CoreLimits::blocks_per_answer) {
        const auto next = std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& item) {
            return item.second.header.parent_id == id && item.second.is_certified &&
                   item.second.body && item.second.header.kind != BlockKind::tail;
        });
        if (next == blocks_.end()) break;
        id = next->first;
        if (next->second.stage == Stage::waiting) bytes += next->second.header.body_bytes;
        ++from;
    }
    if (id == std::prev(above)->second.id || bytes > CoreLimits::ahead_bytes) return;
    range_at_ = now_.steady_ms + times_.request;
    wake(range_at_);
    const auto peer = next_peer(range_tries_++);
    if (!peer) return;
    peers_.at(*peer).blocks_asked_until = range_at_;
    count(Event::blocks_requested);
    send({*peer}, GetBlocks{{from}});
}

/// The leader of a view may lack the reasons for its proposal.
void Core::ask_for_certs()
{
    if (!guard_->is_ready() || epoch_->leader(current_) != guard_->index() ||
        guard_->has_proposed(current_) || best_parent() || !has_work())
        return;
    if (now_.steady_ms < certs_at_) return wake(certs_at_);
    certs_at_ = now_.steady_ms + times_.request;
    wake(certs_at_);
    auto from = current_ - 1;
    while (from > floor() + 1 && (held(VoteKind::nullify, from) || held(VoteKind::notarize, from)))
        --from;
    const auto id = next_peer(certs_tries_++);
    if (!id) return;
    count(Event::certs_requested);
    send({*id}, GetCerts{epoch_->number(), floor() + 1, from});
}

}  // namespace ledger::consensus
