// Bytes choose which certificates stand in a justification, in which order and how spoiled; a
// naive oracle says whether they are the ones that the views call for.
#include "ledger/base/ensure.hpp"
#include "tests/support/consensus_puppets.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace sim;

/// Kind, view and quality of one certificate, as drawn.
struct Drawn {
    VoteKind kind;
    View view;
    bool is_good;
};

bool is_called_for(View parent, View view, const std::optional<Drawn>& first,
                   const std::vector<Drawn>& skipped)
{
    if (parent >= view) return false;
    if (first.has_value() != (parent > 0)) return false;
    if (first && (first->kind == VoteKind::nullify || first->view != parent || !first->is_good))
        return false;
    std::vector<View> wanted;
    for (auto at = parent + 1; at < view; ++at) wanted.push_back(at);
    if (wanted.size() != skipped.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (skipped[i].kind != VoteKind::nullify || skipped[i].view != wanted[i] ||
            !skipped[i].is_good)
            return false;
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static Puppets puppets;
    static const auto parent_block = puppets.block(1, nullptr);
    if (size < 3 || size > 40) return 0;
    const View parent = data[0] % 4;
    const View view = 1 + data[1] % 6;
    const auto draw = [](std::uint8_t byte) {
        return Drawn{static_cast<VoteKind>(byte % 3), View{1} + byte / 3 % 6, byte < 192};
    };
    const auto make = [&](const Drawn& drawn) {
        auto made = puppets.certificate(
            drawn.kind, drawn.view, drawn.kind == VoteKind::nullify ? BlockId{} : parent_block.id);
        if (!drawn.is_good) made.signatures.back().bytes[1] ^= 1;
        return made;
    };
    Header header = parent_block.header;
    header.view = view;
    header.parent_view = parent;
    header.parent_id = parent == 0 ? puppets.core->epoch().anchor() : parent_block.id;
    Justification justification;
    std::optional<Drawn> first;
    if (data[2] != 0) {
        first = draw(data[2]);
        justification.parent = make(*first);
    }
    std::vector<Drawn> skipped;
    for (std::size_t i = 3; i < size; ++i) {
        skipped.push_back(draw(data[i]));
        justification.skipped.push_back(make(skipped.back()));
    }
    header.just_hash = justification_hash(justification);
    CertificateChecker checker{puppets.verifier};
    const auto& epoch = puppets.core->epoch();
    const bool is_taken = check_shape(justification, header, epoch) &&
                          check_certificates(justification, epoch, checker);
    ledger::ensure(is_taken == is_called_for(parent, view, first, skipped),
                   "a justification is taken when the views call for it, and only then");
    return 0;
}
