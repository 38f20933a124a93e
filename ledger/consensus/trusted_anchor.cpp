#include "ledger/consensus/trusted_anchor.hpp"

#include "ledger/base/hex.hpp"

namespace ledger::consensus {
namespace {

std::string number(std::uint64_t value)
{
    return std::to_string(value);
}

}  // namespace

std::string TrustedAnchor::contradicted_by(const Header& header) const
{
    // What follows a seal has its height, and is not part of the ledger: the seal speaks for it.
    if (header.kind == BlockKind::tail) return {};
    const bool is_before = header.epoch < epoch;
    const bool ends_epoch = header.kind == BlockKind::sealing && header.epoch + 1 == epoch;
    const auto expected =
        "the trusted checkpoint says " + to_hex0x(id.view()) + " at block " + number(height.value);
    if (header.height == height && (is_before || epoch == 0)) {
        const auto seen = block_id(header);
        if (seen == id) return {};
        return "block " + number(height.value) + " is " + to_hex0x(seen.view()) + ", and " +
               expected;
    }
    const auto where =
        "block " + number(header.height.value) + " is of epoch " + number(header.epoch);
    if (is_before && header.height > height)
        return where + ", and " + expected + " opened epoch " + number(epoch);
    if (ends_epoch) return where + " and ends it, and " + expected + " does";
    if (!is_before && header.height <= height)
        return where + ", and " + expected + " opened epoch " + number(epoch);
    return {};
}

}  // namespace ledger::consensus
