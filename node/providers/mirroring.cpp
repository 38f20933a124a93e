#include "node/providers/mirroring.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace node {

using namespace ledger;

namespace {

constexpr std::size_t roots_at_once = 1'000;
constexpr std::size_t most_providers = 16;  ///< of one fetch

OwnBatch own_batch(const BatchInfo& info)
{
    OwnBatch batch;
    batch.complete = info.is_complete();
    for (const auto& holder : info.holders) {
        if (!is_mirror_holder(holder)) {
            batch.held_by_others = true;
            batch.operators = batch.operators || holder == operator_holder;
            continue;
        }
        ++batch.holds;
        // A name that nobody can read is of a time that is over.
        const auto hold = mirror_hold(holder).value_or(MirrorHold{0, 1});
        batch.hold = batch.hold ? std::max(*batch.hold, hold) : hold;
    }
    return batch;
}

}  // namespace

OwnStore look_at(BatchStore& store)
{
    OwnStore own;
    std::uint64_t needed = 0, mirrored = 0;
    std::optional<Hash> after;
    for (;;) {
        const auto roots = store.list(after, roots_at_once);
        for (const auto& root : roots) {
            const auto info = store.info(root);
            if (!info) continue;
            const auto batch = own_batch(*info);
            // What is still on its way counts whole.
            const auto bytes = std::max(info->stored_bytes, info->summary.bytes);
            if (!info->holders.empty()) needed += bytes;
            if (batch.hold && !batch.held_by_others) {
                ++own.mirrored;
                mirrored += bytes;
            }
            own.batches.emplace_hint(own.batches.end(), root, batch);
        }
        if (roots.size() < roots_at_once) break;
        after = roots.back();
    }
    own.quota_bytes = store.usage().quota_bytes;
    const auto left = [](std::uint64_t all, std::uint64_t used) {
        return all - std::min(all, used);
    };
    own.room_bytes = std::min(left(own.quota_bytes, needed), left(own.quota_bytes / 2, mirrored));
    return own;
}

Mirroring::Mirroring(const Parts& parts, const Settings& settings)
    : parts_{parts}, settings_{settings}, rules_{settings.times}
{
}

/// By this name alone of all a mirror's, or by none.
void Mirroring::hold(const Hash& root, const std::optional<MirrorHold>& hold)
{
    const auto name = hold ? holder_name(*hold) : std::string{};
    const auto info = parts_.store.info(root);
    if (!info) return;
    // The new name first: between the two a crash must not leave the batch without one.
    if (hold) {
        if (const auto done = parts_.store.pin(root, name); !done) {
            spdlog::warn("mirror: {} cannot be held: {}", to_hex0x(root.view()),
                         done.error().detail);
            return;
        }
    }
    for (const auto& other : info->holders)
        if (is_mirror_holder(other) && other != name)
            if (const auto done = parts_.store.unpin(root, other); !done)
                spdlog::warn("mirror: {} cannot be let go: {}", to_hex0x(root.view()),
                             done.error().detail);
}

void Mirroring::step(const ProviderBook& book, const OwnStore& own)
{
    const auto now = parts_.clock.now();
    const auto is_over = [&](const auto& known) {
        return known.second.until + settings_.longest_rest < now;
    };
    std::erase_if(resting_batches_, is_over);
    std::erase_if(resting_keepers_, is_over);
    const auto steps = rules_.look({book, own.batches, settings_.self, parts_.clock.wall(),
                                    settings_.mirrors, own.has_room()});
    lacking_ = rules_.lacking();
    for (const auto& one : steps.hold) hold(one.root, one.hold);
    for (const auto& root : steps.let_go)
        if (!active_.contains(root)) hold(root, {});
    for (const auto& wanted : steps.fetch) {
        if (active_.size() >= settings_.at_once) break;
        fetch(book, own, wanted);
    }
}

void Mirroring::fetch(const ProviderBook& book, const OwnStore& own,
                      const MirrorSteps::Fetch& wanted)
{
    const auto now = parts_.clock.now();
    const auto rests = [&](const auto& resting, const auto& key) {
        const auto found = resting.find(key);
        return found != resting.end() && found->second.until > now;
    };
    if (active_.contains(wanted.root) || rests(resting_batches_, wanted.root)) return;
    FetchOrder order;
    order.holder = holder_name(wanted.hold);
    order.most_bytes = own.room_bytes;
    order.reach = settings_.reach;
    std::vector<PublicKey> asked;
    for (const auto& keeper : book.keepers_of(wanted.root, parts_.clock.wall())) {
        if (order.providers.size() >= most_providers) break;
        if (keeper.key == settings_.self || rests(resting_keepers_, keeper.key)) continue;
        if (std::ranges::find(order.providers, keeper.url) != order.providers.end()) continue;
        order.providers.push_back(keeper.url);
        asked.push_back(keeper.key);
    }
    if (asked.empty()) return;
    const auto started = parts_.fetches.start(wanted.root, std::move(order));
    if (!started) return;
    spdlog::info("mirror: fetching {}, of which there are too few", to_hex0x(wanted.root.view()));
    active_.emplace(wanted.root, std::move(asked));
}

void Mirroring::rest(Rest& rest) const
{
    const auto shift = std::min(rest.failures++, 10u);
    rest.until =
        parts_.clock.now() + std::min(settings_.first_rest * (1 << shift), settings_.longest_rest);
}

bool Mirroring::notice_ends()
{
    const auto ended = std::erase_if(active_, [&](const auto& active) {
        const auto& [root, asked] = active;
        const auto status = parts_.fetches.status(root);
        if (status && status->state == "running") return false;
        if (status && status->state == "done") {
            resting_batches_.erase(root);
            for (const auto& key : asked) resting_keepers_.erase(key);
            spdlog::info("mirror: {} is here", to_hex0x(root.view()));
            return true;
        }
        spdlog::info("mirror: {} did not come: {}", to_hex0x(root.view()),
                     status ? status->error : "forgotten");
        rest(resting_batches_[root]);
        // Whoever gave something may give the rest next time.
        if (!status || status->bytes == 0)
            for (const auto& key : asked) rest(resting_keepers_[key]);
        return true;
    });
    return ended != 0;
}

}  // namespace node
