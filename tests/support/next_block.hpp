#pragma once

#include "node/core/chain.hpp"

namespace node {

/// How the consensus core begins a block on `parent`.
inline ledger::Header header_on(const Head& parent, std::uint64_t later_ms = 1)
{
    ledger::Header header;
    header.chain_id = parent.header.chain_id;
    header.view = parent.header.view + 1;
    header.height = {parent.header.height.value + 1};
    header.parent_id = parent.id;
    header.parent_view = parent.header.view;
    header.time_ms = {parent.header.time_ms.value + later_ms};
    header.valset_hash = parent.header.valset_hash;
    return header;
}

/// Puts a block without transactions on the head; F of it, which nobody signed, when it is said to
/// have one.
inline ledger::Result<ExecutedBlock> commit_empty(Chain& chain, bool has_certificate,
                                                  std::uint64_t seq)
{
    const auto built = chain.build(header_on(chain.head()), {});
    if (!built) return built.error();
    std::optional<ledger::Certificate> certificate;
    if (has_certificate) {
        certificate.emplace();
        certificate->kind = ledger::VoteKind::finalize;
        certificate->id = built->block->id;
    }
    return chain.commit(built->block->id, built->body, certificate, seq);
}

}  // namespace node
