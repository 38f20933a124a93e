#pragma once

#include "ledger/chain/block.hpp"

#include <cstdint>
#include <string>

namespace ledger::consensus {

/// The block that opened an epoch, as the operator knows it: the seal of the epoch before, or the
/// genesis block of epoch 0. Whoever signed a chain that does not lead through it, it is not the
/// operator's.
struct TrustedAnchor {
    std::uint64_t epoch{};  ///< that it opened
    Height height;
    BlockId id;

    /// Why a chain in which this header is final does not lead through the anchor; empty when it
    /// may. Looks at nothing but numbers and the hash: one header of the epoch before, at or behind
    /// the anchor's height, is enough.
    std::string contradicted_by(const Header& header) const;
};

}  // namespace ledger::consensus
