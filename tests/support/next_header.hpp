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

}  // namespace node
