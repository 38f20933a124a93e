// However bytes are cut, the same frames come out, and no more memory is taken than they deserve.
#include "ledger/base/ensure.hpp"
#include "node/transport/frame.hpp"

#include <algorithm>
#include <vector>

namespace {

using ledger::ByteView;

struct Outcome {
    std::vector<node::Frame> frames;
    bool refused = false;
    bool operator==(const Outcome&) const = default;
};

/// The first byte of `seed` and its successors choose the lengths of the pieces.
Outcome run(ByteView input, ByteView seed)
{
    node::FrameSplitter splitter;
    Outcome outcome;
    std::size_t at = 0, piece = 0;
    while (at < input.size() && !outcome.refused) {
        const std::size_t wanted = seed.empty() ? input.size() : 1u + seed[piece++ % seed.size()];
        auto rest = input.subspan(at, std::min(wanted, input.size() - at));
        at += rest.size();
        while (!rest.empty()) {
            auto step = splitter.take(rest);
            if (!step) {
                outcome.refused = true;
                break;
            }
            ledger::ensure(step->consumed != 0 && step->consumed <= rest.size(), "it goes on");
            ledger::ensure(splitter.held() <= std::max(node::FrameSplitter::first_step, 2 * at),
                           "memory follows what arrived");
            if (step->frame) outcome.frames.push_back(std::move(*step->frame));
            rest = rest.subspan(step->consumed);
        }
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView bytes{data, size};
    const auto cuts = bytes.first(std::min<std::size_t>(size, 8));
    const auto input = bytes.subspan(cuts.size());
    const auto whole = run(input, {});
    ledger::ensure(run(input, cuts) == whole, "segmentation changes nothing");
    ledger::Bytes again;
    for (const auto& frame : whole.frames) {
        const auto* rule = node::rule_of(frame.kind);
        ledger::ensure(
            rule && frame.payload.size() >= rule->least && frame.payload.size() <= rule->most,
            "frames keep their rules");
        ledger::append(again, *node::encode_frame(frame.kind, frame.payload));
    }
    ledger::ensure(std::equal(again.begin(), again.end(), input.begin()),
                   "a frame has one encoding");
    return 0;
}
