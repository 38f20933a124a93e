// R4 and R9: which blocks are good, and which are final.
#include "ledger/consensus/core.hpp"

#include "ledger/chain/transaction.hpp"
#include "ledger/codec/binary.hpp"

#include <algorithm>

namespace ledger::consensus {

const Header* Core::executed(const BlockId& id) const
{
    if (id == tip_id_) return &tip_;
    const auto found = blocks_.find(id);
    if (found == blocks_.end() || found->second.stage != Stage::executed) return nullptr;
    return &found->second.header;
}

bool Core::examine_blocks()
{
    bool changed = false;
    for (bool again = true; again;) {
        again = false;
        for (auto& [id, block] : blocks_)
            if (block.stage == Stage::waiting && examine(block)) again = changed = true;
    }
    return changed;
}

/// True when the block is not waiting any more.
bool Core::examine(Block& block)
{
    const auto& header = block.header;
    const auto refuse = [&] {
        reject(block);
        return true;
    };
    if (header.parent_view < floor()) return refuse();
    const bool has_body = assemble(block);
    if (header.parent_view == floor()) {
        if (header.parent_id != tip_id_) return refuse();
    } else {
        const auto parent = blocks_.find(header.parent_id);
        if (parent == blocks_.end()) return false;
        if (parent->second.header.view != header.parent_view) return refuse();
        if (parent->second.stage == Stage::invalid) return refuse();
    }
    const auto* parent = executed(header.parent_id);
    if (!parent || !has_body) return false;
    if (wrong_on_parent(header, *parent)) return refuse();
    if (block.is_certified && executed_bytes_ > CoreLimits::step_bytes) {
        is_postponed_ = true;
        return false;
    }
    executed_bytes_ += header.body_bytes;
    if (header.kind != BlockKind::tail && !application_.execute(header, *block.body))
        return refuse();
    block.stage = Stage::executed;
    return true;
}

void Core::reject(Block& block)
{
    block.stage = Stage::invalid;
    block.body.reset();
    block.wire_ids.clear();
    if (block.signature && block.header.view >= current_) {
        invalid_views_.insert(block.header.view);
        count(Event::proposal_invalid);
    }
}

/// Gives the block its body out of what the application has; true when it is whole.
bool Core::assemble(Block& block)
{
    if (block.body) return true;
    const auto& header = block.header;
    if (header.tx_count == 0 && header.tx_root == root_of({})) {
        block.body.emplace();
        return true;
    }
    if (block.wire_ids.empty()) return false;
    BlockBody body;
    for (const auto& id : block.wire_ids) {
        auto transaction = application_.transaction(id);
        if (!transaction) return false;
        body.push_back(std::move(*transaction));
    }
    if (body.size() != header.tx_count || root_of(body) != header.tx_root ||
        encode_body(body).size() != header.body_bytes) {
        // The list is not signed: it may be wrong where the block is right.
        block.wire_ids.clear();
        return false;
    }
    block.body = std::move(body);
    return true;
}

const char* Core::wrong_on_parent(const Header& header, const Header& parent) const
{
    const bool is_sealed = header.parent_view != 0 && parent.kind != BlockKind::normal;
    if (is_sealed != (header.kind == BlockKind::tail))
        return "behind a seal, and only there, blocks are its tail";
    if (is_sealed) {
        if (header.height != parent.height || header.state_root != parent.state_root ||
            header.history_root != parent.history_root)
            return "the tail of a seal changes nothing";
    } else if (header.height.value != parent.height.value + 1) {
        return "not the next height";
    }
    if (header.time_ms.value <
        parent.time_ms.value + std::max<std::uint64_t>(1, times_.min_interval))
        return "time does not advance enough";
    return nullptr;
}

void Core::make_durable(Block& block)
{
    if (block.durable) return;
    block.durable = true;
    out_.records.emplace_back(
        BlockData{block.header, block.justification, block.body.value_or(BlockBody{})});
}

bool Core::finalize()
{
    for (auto at = certificates_.upper_bound({VoteKind::finalize, ~View{0}});
         at != certificates_.begin();) {
        --at;
        if (at->first.first != VoteKind::finalize) break;
        std::vector<BlockId> path;
        bool is_whole = false;
        for (auto id = at->second.id;;) {
            const auto found = blocks_.find(id);
            if (found == blocks_.end()) break;
            auto& block = found->second;
            if (block.stage == Stage::invalid) {
                halt("a final block does not lead to the roots in its header", &at->second);
                return false;
            }
            block.is_certified = true;
            path.push_back(id);
            const auto& header = block.header;
            // What peers send of it is refused sooner: this one is our own, or the log's.
            if (const auto why = elsewhere(header); !why.empty()) {
                refused_ = why;
                halt(why, &at->second);
                return false;
            }
            if (header.parent_view <= floor()) {
                if (header.parent_id != tip_id_ || header.parent_view != floor()) {
                    halt("a final block does not extend the final chain", &at->second);
                    return false;
                }
                is_whole = blocks_.at(path.front()).stage == Stage::executed;
                break;
            }
            id = header.parent_id;
        }
        if (!is_whole) {
            count(Event::final_without_body);
            continue;
        }
        std::reverse(path.begin(), path.end());
        const auto certificate = at->second;
        commit(path, certificate);
        return true;
    }
    return false;
}

void Core::commit(const std::vector<BlockId>& path, const Certificate& certificate)
{
    std::vector<BlockId> ledger_path;
    std::optional<BlockId> seal;
    for (const auto& id : path) {
        auto& block = blocks_.at(id);
        make_durable(block);
        final_views_[block.header.view] = id;
        if (block.header.kind == BlockKind::tail) continue;
        ledger_path.push_back(id);
        if (block.header.kind == BlockKind::sealing) seal = id;
    }
    while (final_views_.size() > CoreLimits::final_views) final_views_.erase(final_views_.begin());
    for (const auto& id : ledger_path) {
        const auto& block = blocks_.at(id);
        Commit made{id, {block.header, block.justification, *block.body}, {}};
        if (const auto* own = held(VoteKind::finalize, block.header.view); own && own->id == id)
            made.certificate = *own;
        out_.commits.push_back(std::move(made));
        count(Event::committed);
    }
    if (ledger_path.size() > 1) count(Event::committed_several);

    if (seal) {
        EpochProof proof;
        for (auto at = std::find(path.begin(), path.end(), *seal); at != path.end(); ++at)
            proof.path.push_back(blocks_.at(*at).header);
        proof.finalized = certificate;
        count(proof.path.size() == 1 ? Event::sealed : Event::sealed_by_tail);
        next_epoch(*seal, std::move(proof));
        return;
    }
    tip_id_ = path.back();
    tip_ = blocks_.at(tip_id_).header;
    parent_full_ = tip_.body_bytes > BlockLimits::body_bytes / 2 ||
                   tip_.tx_count > BlockLimits::transactions / 2;
    floor_certificate_ = certificate;
    out_.records.emplace_back(Finalized{tip_, certificate});
    guard_->raise_floor(certificate.view);
    forget_settled();
    // Followers hear of finality from here; validators have counted the votes themselves.
    std::vector<PeerId> followers;
    for (const auto& [id, peer] : peers_)
        if (!peer.validator) followers.push_back(id);
    if (!followers.empty()) send(std::move(followers), certificate);
}

void Core::forget_settled()
{
    std::erase_if(certificates_, [&](const auto& item) { return item.first.second <= floor(); });
    std::erase_if(blocks_, [&](const auto& item) { return item.second.header.view <= floor(); });
    proposals_.erase(proposals_.begin(), proposals_.upper_bound(floor()));
    own_proposals_.erase(own_proposals_.begin(), own_proposals_.upper_bound(floor()));
    invalid_views_.erase(invalid_views_.begin(), invalid_views_.upper_bound(floor()));
    malformed_.erase(malformed_.begin(), malformed_.upper_bound(floor()));
    tally_->drop_below(floor() + 1);
}

/// An F at or below the floor: the same blocks are final here, or something is badly wrong.
void Core::note_conflict(const Certificate& certificate)
{
    // The oldest that is remembered: below it nothing can be said.
    if (final_views_.empty() || final_views_.begin()->first > certificate.view) return;
    const auto known = final_views_.find(certificate.view);
    if (known != final_views_.end() && known->second == certificate.id) return;
    if (!checker_.check(certificate, *epoch_)) return;
    halt("another block is final as well", &certificate);
}

}  // namespace ledger::consensus
