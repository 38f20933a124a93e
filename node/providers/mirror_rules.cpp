#include "node/providers/mirror_rules.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

namespace {

/// What one look may cost, whatever strangers have written into the book.
constexpr std::size_t roots_of_look = 16'384;
constexpr std::size_t hashes_of_look = 262'144;
constexpr std::size_t most_lacking = 16'384;

Hash place_of(const Hash& root, const PublicKey& key)
{
    Bytes both;
    append(both, root.view());
    append(both, key.view());
    return sha256(both);
}

bool is_in(const std::vector<ProviderBook::Keeper>& keepers, const PublicKey& key)
{
    return std::ranges::binary_search(keepers, key, {}, &ProviderBook::Keeper::key);
}

MirrorHold hold_of(const ProviderBook::Wanted& wanted)
{
    return {wanted.until_s / 3'600, wanted.copies};
}

}  // namespace

void MirrorRules::look_at_own(const MirrorView& view, MirrorSteps& steps) const
{
    for (const auto& [root, batch] : view.own) {
        if (batch.hold && !view.mirrors) {
            steps.let_go.push_back(root);
            continue;
        }
        const auto wanted =
            view.mirrors ? view.book.wanted(root, view.now) : std::optional<ProviderBook::Wanted>{};
        if (!batch.hold) {
            // It is here by chance, and the next batch could push it out.
            if (wanted && batch.complete && !batch.held_by_others && view.has_room)
                steps.hold.push_back({root, hold_of(*wanted)});
            continue;
        }
        auto hold = *batch.hold;
        if (wanted) {
            hold.copies = wanted->copies;
            hold.hours = std::max(hold.hours, wanted->until_s / 3'600);
        }
        if (hold.is_over(view.now))
            steps.let_go.push_back(root);
        else if (hold != *batch.hold || batch.holds > 1)
            steps.hold.push_back({root, hold});
    }
}

bool MirrorRules::is_our_turn(const Hash& root, std::size_t missing, std::size_t rank, TimeMs now)
{
    auto found = lacking_.find(root);
    if (found == lacking_.end()) {
        if (lacking_.size() >= most_lacking) return false;
        found = lacking_.emplace(root, Lack{missing, rank, now.value}).first;
    }
    auto& lack = found->second;
    // Where there is somebody new before us, or one has been found, they get their time.
    if (lack.missing != missing || rank > lack.rank || now.value < lack.since_ms)
        lack.since_ms = now.value;
    lack.missing = missing;
    lack.rank = rank;
    const auto waited = now.value - lack.since_ms;
    const auto settle = static_cast<std::uint64_t>(times_.settle.count());
    const auto patience = static_cast<std::uint64_t>(times_.patience.count());
    return waited >= settle && rank < missing * (1 + waited / patience);
}

std::size_t MirrorRules::judge(const MirrorView& view, const Hash& root,
                               const std::vector<PublicKey>& mirrors, MirrorSteps& steps)
{
    const auto wanted = view.book.wanted(root, view.now);
    if (!wanted) {
        lacking_.erase(root);
        return 0;
    }
    const auto own = view.own.find(root);
    const bool is_here = own != view.own.end() && own->second.complete;
    auto keepers = view.book.keepers_of(root, view.now);
    // What our last page said of ourselves may have changed.
    std::erase_if(keepers, [&](const auto& keeper) { return keeper.key == view.self; });
    const auto have = keepers.size() + (is_here ? 1 : 0);
    if (have >= wanted->copies) {
        lacking_.erase(root);
        // Others were faster. What we have of it is of no use to anybody.
        if (!is_here && own != view.own.end() && own->second.hold) steps.let_go.push_back(root);
        return 0;
    }
    std::size_t hashes = 0;
    std::size_t rank = 0;
    if (!is_here && view.mirrors) {
        const auto place = place_of(root, view.self);
        for (const auto& mirror : mirrors) {
            if (mirror == view.self || is_in(keepers, mirror)) continue;
            ++hashes;
            if (place_of(root, mirror) < place) ++rank;
        }
    }
    const bool is_ours = is_our_turn(root, wanted->copies - have, rank, view.now);
    if (is_ours && !is_here && view.mirrors && view.has_room && !keepers.empty())
        steps.fetch.push_back({root, hold_of(*wanted)});
    return hashes;
}

MirrorSteps MirrorRules::look(const MirrorView& view)
{
    MirrorSteps steps;
    look_at_own(view, steps);
    std::erase_if(lacking_,
                  [&](const auto& known) { return !view.book.wanted(known.first, view.now); });
    const auto mirrors = view.book.mirrors(view.now);
    const auto roots = view.book.roots(cursor_, roots_of_look);
    cursor_ = roots.size() == roots_of_look ? std::optional{roots.back()} : std::nullopt;
    std::size_t hashes = 0;
    for (const auto& root : roots) {
        hashes += judge(view, root, mirrors, steps);
        if (hashes < hashes_of_look) continue;
        cursor_ = root;
        break;
    }
    return steps;
}

}  // namespace node
