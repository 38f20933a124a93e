// What arrives from peers: checked, cheapest first, and put where the rules look for it.
#include "ledger/consensus/core.hpp"
#include "ledger/consensus/justification.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/epoch_proof.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace ledger::consensus {
namespace {

/// Blocks and their bodies are too much to keep for an epoch that may never come.
bool is_small(const Message& message)
{
    return std::holds_alternative<Vote>(message) || std::holds_alternative<Certificate>(message) ||
           (std::holds_alternative<Propose>(message) &&
            std::get<Propose>(message).wire_ids.size() <= 1'000 &&
            std::get<Propose>(message).justification.skipped.empty());
}

bool is_whole(const BlockData& block)
{
    return block.body.size() == block.header.tx_count &&
           root_of(block.body) == block.header.tx_root &&
           encode_body(block.body).size() == block.header.body_bytes;
}

}  // namespace

const Certificate* Core::held(VoteKind kind, View view) const
{
    const auto found = certificates_.find({kind, view});
    return found == certificates_.end() ? nullptr : &found->second;
}

void Core::receive(PeerId from, const Message& message)
{
    const auto& peer = peers_.at(from);
    if (peer.validator) {
        heard_[*peer.validator] = now_.steady_ms;
        missed_.erase(*peer.validator);
    }
    std::visit([&](const auto& value) { on(from, value); }, message);
}

/// False when the message is of another epoch, which then is answered or, if early, kept.
bool Core::is_ours(PeerId from, std::uint64_t epoch, const Message& message)
{
    if (epoch == epoch_->number()) return true;
    if (epoch == epoch_->number() + 1 && early_.size() < CoreLimits::early_messages &&
        is_small(message)) {
        count(Event::early_message);
        early_.push_back({from, message});
    }
    answer_other_epoch(from, epoch);
    return false;
}

void Core::misbehaved(PeerId peer, const std::string& what)
{
    out_.misbehaved.push_back({peer, what});
}

/// Why this header cannot be final on a chain through the trusted anchor; empty when it can.
std::string Core::elsewhere(const Header& header) const
{
    auto why = trusted_ ? trusted_->contradicted_by(header) : std::string{};
    if (!why.empty()) why.insert(0, "a final chain does not lead through the trusted checkpoint: ");
    return why;
}

void Core::refuse(PeerId from, const std::string& why)
{
    refused_ = why;
    misbehaved(from, why);
}

void Core::accuse(const Evidence& evidence)
{
    const auto hash = sha256(codec::encode(evidence));
    if (known_evidence_.size() >= CoreLimits::known_evidence ||
        !known_evidence_.insert(hash).second)
        return;
    count(Event::evidence_found);
    out_.evidence.push_back(evidence);
    send_validators(evidence);
}

void Core::on(PeerId from, const Evidence& evidence)
{
    if (known_evidence_.contains(sha256(codec::encode(evidence)))) return;
    const auto epoch = !evidence.votes.empty()       ? evidence.votes.front().epoch
                       : !evidence.proposals.empty() ? evidence.proposals.front().header.epoch
                                                     : epoch_->number();
    if (epoch != epoch_->number()) return;
    if (!judge(evidence, *epoch_, checker_.verifier()))
        return misbehaved(from, "evidence that shows nothing");
    accuse(evidence);
}

void Core::on(PeerId from, const Vote& vote)
{
    if (!is_ours(from, vote.epoch, vote)) return;
    if (vote.view <= floor() || vote.view > current_ + CoreLimits::views_ahead ||
        vote.view + CoreLimits::views_behind < current_ || vote.voter >= epoch_->size())
        return;
    if (tally_->is_full(vote) || held(vote.kind, vote.view)) return;
    if (const auto good = check_vote(vote, *epoch_, checker_.verifier()); !good)
        return misbehaved(from, good.error().detail);
    watch_own_key(vote);
    take_vote(vote);
}

void Core::take_vote(const Vote& vote)
{
    tally_->add(vote);
    for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize})
        if (const auto* other = tally_->first(vote.view, kind, vote.voter))
            if (const auto evidence = contradiction(vote, *other)) accuse(*evidence);
    const auto malformed = malformed_.find(vote.view);
    if (malformed != malformed_.end() && block_id(malformed->second.first) == vote.id)
        accuse_voters(malformed->second.first, malformed->second.second);
}

/// E6 against everyone whose vote for this block is here.
void Core::accuse_voters(const Header& header, const Justification& justification)
{
    if (encode_justification(justification).size() > MessageLimits::evidence_justification_bytes)
        return;
    const auto id = block_id(header);
    for (Index voter = 0; voter < epoch_->size(); ++voter)
        for (const auto kind : {VoteKind::notarize, VoteKind::finalize})
            if (const auto* vote = tally_->first(header.view, kind, voter);
                vote && vote->id == id) {
                Evidence evidence;
                evidence.fault = Fault::vote_for_invalid;
                evidence.votes = {*vote};
                evidence.block = header;
                evidence.justification = justification;
                accuse(evidence);
            }
}

/// A vote of our own key that we do not know: another process signs with it, or the log has lost
/// what it once held. Either way this one stops.
void Core::watch_own_key(const Vote& vote)
{
    if (vote.voter != guard_->index() || vote.view <= floor()) return;
    const auto* own = guard_->vote(vote.view, vote.kind);
    if (!own || own->id != vote.id) guard_->silence("a vote of this key is not in the log");
}

/// Whether every block from this one down to the tip is known.
bool Core::reaches_tip(const BlockId& id) const
{
    auto at = id;
    for (auto below = ~View{0};;) {
        const auto found = blocks_.find(at);
        if (found == blocks_.end() || found->second.header.view >= below) return false;
        const auto& header = found->second.header;
        if (header.parent_view <= floor())
            return header.parent_view == floor() && header.parent_id == tip_id_;
        below = header.view;
        at = header.parent_id;
    }
}

/// Whether what is held is of a chain that the trusted checkpoint refuses. No block at or behind
/// the checkpoint is kept of such a chain, so its F leads nowhere, and would keep the right chain's
/// F of that view out for good.
bool Core::yields(const Certificate& first, const Certificate& other) const
{
    return trusted_ && first.kind == VoteKind::finalize && !reaches_tip(first.id) &&
           reaches_tip(other.id);
}

bool Core::take_certificate(const Certificate& certificate, bool is_verified)
{
    const auto [kind, view] = std::pair{certificate.kind, certificate.view};
    if (view <= floor()) {
        if (kind == VoteKind::finalize) note_conflict(certificate);
        return true;
    }
    const auto* first = held(kind, view);
    if (first && first->id == certificate.id) return true;
    if (!is_verified && !checker_.check(certificate, *epoch_)) return false;
    for (const auto other : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize})
        if (const auto* beside = held(other, view)) {
            const std::vector<Certificate> both{certificate, *beside};
            for (const auto& evidence : convict(both, *epoch_)) accuse(evidence);
        }
    for (const auto& vote : votes_in(certificate, *epoch_)) watch_own_key(vote);
    if (first && !yields(*first, certificate)) return true;

    const bool has_x = held(VoteKind::nullify, view);
    const bool has_n = held(VoteKind::notarize, view);
    if (kind == VoteKind::notarize) {
        count(Event::n_formed);
        const auto* own = guard_->vote(view, VoteKind::notarize);
        if (own && own->id != certificate.id) count(Event::n_for_other_block);
        if (has_x) count(Event::n_after_x);
        if (const auto block = blocks_.find(certificate.id); block != blocks_.end())
            block->second.is_certified = true;
    } else if (kind == VoteKind::nullify) {
        count(Event::x_formed);
        if (has_n) count(Event::x_after_n);
    } else {
        count(Event::f_formed);
    }
    certificates_.insert_or_assign(CertificateKey{kind, view}, certificate);
    out_.records.emplace_back(certificate);
    return true;
}

void Core::on(PeerId from, const Certificate& certificate)
{
    if (!is_ours(from, certificate.epoch, certificate)) return;
    if (!take_certificate(certificate, false))
        misbehaved(from, "a certificate that does not verify");
}

void Core::on(PeerId from, const Certs& certs)
{
    auto& peer = peers_.at(from);
    peer.certs_asked_until = 0;
    for (const auto& certificate : certs.certificates) {
        if (!is_ours(from, certificate.epoch, certificate)) return;
        if (!take_certificate(certificate, false))
            return misbehaved(from, "a certificate that does not verify");
    }
}

void Core::on(PeerId from, const Propose& propose)
{
    const auto& header = propose.header;
    if (!is_ours(from, header.epoch, propose)) return;
    const auto view = header.view;
    if (view <= floor() || view > current_ + CoreLimits::views_ahead) return;
    const auto id = block_id(header);
    const auto* notarized = held(VoteKind::notarize, view);
    if (view < current_ && !(notarized && notarized->id == id)) return;
    if (header.proposer != epoch_->leader(view))
        return misbehaved(from, "not the leader's proposal");
    if (!elsewhere(header).empty()) return;
    auto& known = proposals_[view];
    if (const auto have = blocks_.find(id); have != blocks_.end() && have->second.justification) {
        if (have->second.wire_ids.empty() && !have->second.body)
            have->second.wire_ids = propose.wire_ids;
        return;
    }
    const SignedHeader signed_header{header, propose.signature};
    if (!check_signature(signed_header, *epoch_, checker_.verifier()))
        return misbehaved(from, "a proposal's signature does not verify");
    for (const auto& other : known) {
        const auto& first = blocks_.at(other);
        if (first.signature && other != id)
            accuse(two_proposals(signed_header, {first.header, *first.signature}));
    }
    if (known.size() >= CoreLimits::proposals_per_view && !(notarized && notarized->id == id))
        return;
    if (justification_hash(propose.justification) != header.just_hash)
        return misbehaved(from, "not the justification that the header names");

    const auto structure = check_structure(header, propose.justification, *epoch_, checker_);
    if (!structure) {
        count(Event::proposal_invalid);
        if (view >= current_) invalid_views_.insert(view);
        const auto [at, fresh] =
            malformed_.try_emplace(view, std::pair{header, propose.justification});
        if (fresh) accuse_voters(header, propose.justification);
        return;
    }
    // A parent below the floor cannot become final any more; it is no fault of the proposer's.
    if (header.parent_view < floor()) return;
    if (std::find(known.begin(), known.end(), id) == known.end()) known.push_back(id);
    auto& block = blocks_[id];
    block.header = header;
    block.justification = propose.justification;
    block.signature = propose.signature;
    if (!block.body) block.wire_ids = propose.wire_ids;
    block.is_certified = block.is_certified || (notarized && notarized->id == id);
    if (propose.justification.parent) take_certificate(*propose.justification.parent, true);
    for (const auto& skip : propose.justification.skipped) take_certificate(skip, true);
}

/// A whole block that was asked for under this id.
void Core::take_block(const BlockData& data, const BlockId& id)
{
    const auto& header = data.header;
    if (header.epoch != epoch_->number() || header.view <= floor()) return;
    auto& block = blocks_[id];
    block.header = header;
    block.is_certified = true;
    if (!block.justification && data.justification &&
        check_structure(header, *data.justification, *epoch_, checker_))
        block.justification = data.justification;
    if (!block.body && block.stage == Stage::waiting) block.body = data.body;
    // Only now can a voter keep it: what was stored before had no body.
    wanted_.erase(id);
}

void Core::on(PeerId from, const Body& body)
{
    const auto id = block_id(body.block.header);
    if (!wanted_.contains(id)) return;
    if (!is_whole(body.block)) return misbehaved(from, "a body that is not the header's");
    if (const auto why = elsewhere(body.block.header); !why.empty()) {
        // A block that is merely proposed may be elsewhere without anybody's fault.
        const auto* final = held(VoteKind::finalize, body.block.header.view);
        if (final && final->id == id) refuse(from, why);
        return;
    }
    count(Event::body_received);
    take_block(body.block, id);
}

void Core::on(PeerId from, const Blocks& blocks)
{
    auto& peer = peers_.at(from);
    if (peer.blocks_asked_until == 0) return;
    peer.blocks_asked_until = 0;
    if (blocks.finalized.epoch != epoch_->number()) return;
    std::vector<Header> path;
    for (const auto& block : blocks.blocks) {
        if (!is_whole(block)) return misbehaved(from, "a body that is not the header's");
        path.push_back(block.header);
    }
    path.insert(path.end(), blocks.path.begin(), blocks.path.end());
    if (!check_final_path(path, blocks.finalized, *epoch_, checker_))
        return misbehaved(from, "blocks that are not proven final");
    for (const auto& header : path)
        if (const auto why = elsewhere(header); !why.empty()) return refuse(from, why);
    count(Event::blocks_received);
    range_at_ = now_.steady_ms;
    for (const auto& block : blocks.blocks) {
        if (block.header.view > floor()) application_.expect(block.header, block.body);
        take_block(block, block_id(block.header));
    }
    for (const auto& header : blocks.path) {
        if (header.view <= floor()) continue;
        auto& block = blocks_[block_id(header)];
        block.header = header;
        block.is_certified = true;
    }
    take_certificate(blocks.finalized, true);
}

}  // namespace ledger::consensus
