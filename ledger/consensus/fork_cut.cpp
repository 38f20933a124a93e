#include "ledger/consensus/fork_cut.hpp"

#include "ledger/consensus/checks.hpp"

#include <algorithm>

namespace ledger::consensus {
namespace {

/// The longest chain behind the tip that ends in a block with a good F.
std::vector<Commit> newest_final(const Base& base, std::span<const Commit> blocks,
                                 const Epoch& epoch, const Verifier& verifier)
{
    std::vector<Commit> chain;
    std::size_t final = 0;
    auto parent = block_id(base.tip);
    auto height = base.tip.height.value;
    for (bool found = true; found;) {
        found = false;
        for (const auto& block : blocks) {
            const auto& header = block.block.header;
            if (header.parent_id != parent || header.height.value != height + 1 ||
                header.epoch != base.epoch || block_id(header) != block.id)
                continue;
            const bool is_final = block.certificate && block.certificate->id == block.id &&
                                  block.certificate->kind == VoteKind::finalize &&
                                  block.certificate->view == header.view &&
                                  check_certificate(*block.certificate, epoch, verifier);
            if (!is_final && block.certificate) continue;
            chain.push_back(block);
            if (is_final) final = chain.size();
            parent = block.id;
            ++height;
            found = true;
            break;
        }
    }
    chain.resize(final);
    return chain;
}

}  // namespace

Result<std::vector<Record>> accept_fork_risk(const Base& base, std::span<const Commit> blocks,
                                             const SignedUpTo& signed_up_to, const Signer& signer,
                                             const Verifier& verifier)
{
    if (base.set.size() != 1)
        return Error{ErrorKind::denied, "with more than one validator the others decide"};
    if (base.set.front().consensus_key != signer.key())
        return Error{ErrorKind::denied, "the key is not the validator's"};
    const Epoch epoch{base.anchor.chain_id, base.epoch, block_id(base.anchor), base.set};

    std::vector<Record> records;
    View floor = base.finalized ? base.finalized->view : 0;
    for (const auto& block : newest_final(base, blocks, epoch, verifier)) {
        records.emplace_back(block.block);
        if (!block.certificate) continue;
        records.emplace_back(Finalized{block.block.header, *block.certificate});
        floor = block.certificate->view;
    }
    const auto last = std::max(floor, signed_up_to.epoch == base.epoch ? signed_up_to.view : 0) +
                      ForkCutLimits::views_apart - 1;
    if (last - floor > MessageLimits::skipped_views)
        return Error{ErrorKind::full, "more views were lost than a proposal can justify"};
    records.emplace_back(ForkCut{base.epoch, floor + 1, last});
    for (auto view = floor + 1; view <= last; ++view) {
        Vote vote{VoteKind::nullify, base.epoch, view, {}, 0, {}};
        vote.signature = signer.sign(vote_digest(epoch.subject(vote.kind, view, {})));
        records.emplace_back(vote);
        records.emplace_back(
            Certificate{vote.kind, base.epoch, view, {}, {0x80}, {vote.signature}});
    }
    return records;
}

}  // namespace ledger::consensus
