// Bytes become what the other validators of four say to one core, and when. Whatever that is, the
// core signs nothing that convicts it, and what is final stays final.
#include "ledger/base/ensure.hpp"
#include "tests/support/consensus_puppets.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace sim;

struct Watch {
    std::map<View, std::set<BlockId>> notarized, finalized;
    std::set<View> nullified;
    std::uint64_t height = 0;

    void see(const Output& output)
    {
        for (const auto& record : output.records)
            if (const auto* vote = std::get_if<Vote>(&record)) {
                if (vote->kind == VoteKind::notarize) notarized[vote->view].insert(vote->id);
                if (vote->kind == VoteKind::finalize) finalized[vote->view].insert(vote->id);
                if (vote->kind == VoteKind::nullify) nullified.insert(vote->view);
                ensure(notarized[vote->view].size() <= 1, "one NOTARIZE a view");
                ensure(finalized[vote->view].size() <= 1, "one FINALIZE a view");
                ensure(finalized[vote->view].empty() || !nullified.contains(vote->view),
                       "NULLIFY excludes FINALIZE");
                ensure(
                    finalized[vote->view].empty() || finalized[vote->view] == notarized[vote->view],
                    "only what was notarized is finalized");
            }
        for (const auto& commit : output.commits)
            ensure(commit.block.header.height.value == ++height, "final blocks come in order");
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 200) return 0;
    Puppets puppets;
    Watch watch;
    puppets.application->submit(sim_transaction(1));
    std::vector<Puppets::Block> blocks;
    for (std::size_t i = 0; i + 2 < size; i += 3) {
        const auto who = Index{1} + data[i] / 16 % 3;
        const View view = 1 + data[i + 1] % 6;
        const auto* block = blocks.empty() ? nullptr : &blocks[data[i + 2] % blocks.size()];
        const auto id = block ? block->id : BlockId{{{9}}};
        const auto kind = static_cast<VoteKind>(data[i + 2] / 16 % 3);
        const auto named = kind == VoteKind::nullify ? BlockId{} : id;
        switch (data[i] % 8) {
            case 0:
            case 1:
                watch.see(puppets.say(puppets.vote(who, kind, view, named)));
                break;
            case 2:
                watch.see(puppets.say(puppets.certificate(VoteKind::nullify, view)));
                break;
            case 3:
                // Only a quorum's honest answer makes these: for a block, in its own view.
                if (block && block->header.view == view)
                    watch.see(puppets.say(puppets.certificate(VoteKind::notarize, view, id)));
                break;
            case 4:
                blocks.push_back(puppets.block(view,
                                               block && block->header.view < view ? block : nullptr,
                                               {}, puppets.now.wall.value + data[i + 2]));
                if (blocks.back().header.proposer != puppets.real)
                    watch.see(puppets.say(blocks.back().message));
                break;
            case 5:
                if (block)
                    watch.see(
                        puppets.say(Body{{block->header, block->justification, block->body}}));
                break;
            case 6:
                watch.see(puppets.wait(data[i + 2] * 20u));
                break;
            default: {
                // A crash and a start from what was recorded.
                const Base base{0, puppets.genesis, puppets.set, puppets.genesis, {}};
                puppets.restart(recover(base, puppets.log, {}, {}));
                watch.see(puppets.outputs.back());
            }
        }
    }
    return 0;
}
