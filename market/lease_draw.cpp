#include "market/lease_draw.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>
#include <set>

namespace market {
namespace {

/// A number below `below`, even but for one part in 2^64 / below: stakes and segments are counted
/// in 128 bits of the hash.
std::uint64_t number_below(const Hash& beacon, std::string_view tag, std::uint32_t number,
                           std::uint64_t below)
{
    ledger::codec::Writer writer;
    writer.put(beacon);
    writer.raw(ledger::as_bytes(tag));
    writer.put(number);
    const auto hash = ledger::tagged_sha256("millrace/lease-draw/v1", writer.take());
    __extension__ using Wide = unsigned __int128;
    Wide drawn = 0;
    for (std::size_t i = 0; i < 16; ++i) drawn = drawn << 8 | hash.bytes[i];
    return static_cast<std::uint64_t>(drawn % below);
}

Amount stake_of(const std::vector<Candidate>& all)
{
    Amount sum;
    for (const auto& candidate : all) sum = sum + candidate.stake;
    return sum;
}

}  // namespace

std::optional<Hash> verify_beacon(const View& view, const LeaseId& id, const Lease& lease,
                                  const Hash& secret)
{
    const auto block = view.find<Beacon>(lease.closed_height);
    if (!block) return {};
    ledger::codec::Writer writer;
    writer.put(secret);
    writer.put(block->block);
    writer.put(id);
    return ledger::tagged_sha256("millrace/verify/v1", writer.take());
}

std::optional<Hash> jury_beacon(const View& view, const LeaseId& id, const LeaseDispute& dispute)
{
    const auto block = view.find<Beacon>(dispute.opened);
    if (!block) return {};
    ledger::codec::Writer writer;
    writer.put(block->block);
    writer.put(id);
    writer.put(dispute.segment);
    return ledger::tagged_sha256("millrace/jury-draw/v1", writer.take());
}

std::vector<std::uint64_t> draw_segments(const Hash& beacon, std::uint64_t segments,
                                         std::uint32_t count)
{
    const auto wanted = std::min<std::uint64_t>(segments, count);
    std::set<std::uint64_t> drawn;
    for (std::uint32_t number = 0; drawn.size() < wanted; ++number) {
        auto segment = number_below(beacon, "segment", number, segments);
        // What was drawn before gives way to the next one that was not.
        while (!drawn.insert(segment).second) segment = segment + 1 == segments ? 0 : segment + 1;
    }
    return {drawn.begin(), drawn.end()};
}

std::vector<Candidate> candidates(const View& view, const Network& network,
                                  const std::string& arch_class, Height at,
                                  const std::vector<Address>& without)
{
    std::vector<Candidate> found;
    view.scan<Verifier>(
        ledger::codec::encode(arch_class), [&](const VerifierKey& key, const Verifier& verifier) {
            const bool was_there =
                verifier.joined < at && (verifier.left.value == 0 || verifier.left >= at);
            const bool is_other =
                std::find(without.begin(), without.end(), key.account) == without.end();
            if (was_there && is_other && verifier.stake >= network.params().lease.min_stake)
                found.push_back({key.account, verifier.stake});
            return true;
        });
    return found;
}

std::optional<std::size_t> draw_one(const Hash& beacon, std::string_view tag, std::uint32_t number,
                                    const std::vector<Candidate>& all)
{
    const auto whole = stake_of(all).micros();
    if (whole == 0) return {};
    auto at = number_below(beacon, tag, number, whole);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (at < all[i].stake.micros()) return i;
        at -= all[i].stake.micros();
    }
    return {};
}

std::vector<Address> draw_jury(const Hash& beacon, std::vector<Candidate> all, std::uint32_t count)
{
    std::vector<Address> jury;
    for (std::uint32_t number = 0; number < count; ++number) {
        const auto drawn = draw_one(beacon, "juror", number, all);
        if (!drawn) break;
        jury.push_back(all[*drawn].account);
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(*drawn));
    }
    return jury;
}

}  // namespace market
