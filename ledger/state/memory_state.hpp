#pragma once

#include "ledger/state/view.hpp"

#include <cstddef>

namespace ledger {

/// The state in memory: for tests, simulations and what has no disk. Never throws StateFault.
class MemoryState final : public StateView {
public:
    void apply(const StateDiff& diff);
    std::size_t size() const { return entries_.size(); }

    std::optional<Bytes> get(ByteView key) const override;
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override;

private:
    std::map<Bytes, Bytes, BytewiseLess> entries_;
};

}  // namespace ledger
