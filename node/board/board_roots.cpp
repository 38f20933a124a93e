#include "node/board/board_roots.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"
#include "market/lease_queries.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr std::string_view prefix = "lease-";
constexpr std::string_view provider_prefix = "lent--";
static_assert(prefix.size() == provider_prefix.size());
/// Of the order's id.
constexpr std::size_t name_bytes = (holder_bytes - prefix.size()) / 2;
constexpr std::size_t roots_at_once = 1'000;

bool is_lease_holder(std::string_view holder)
{
    return holder.size() == holder_bytes &&
           (holder.starts_with(prefix) || holder.starts_with(provider_prefix)) &&
           from_hex(holder.substr(prefix.size()));
}

}  // namespace

std::string lease_holder(const market::GpuOrderId& order, BatchSide side)
{
    return std::string{side == BatchSide::tenant ? prefix : provider_prefix} +
           to_hex(order.view().first(name_bytes));
}

bool is_holder_over(const market::View& view, const std::string& holder, TimeMs now)
{
    const auto begin = from_hex(holder.substr(prefix.size()));
    bool is_over = true;
    view.scan<market::GpuOrderRecord>(*begin, [&](const market::GpuOrderId& order, const auto&) {
        is_over = market::is_over(view, order, now.value);
        return is_over;
    });
    return is_over;
}

bool BoardRoots::Wish::fits(const BatchManifest& batch) const
{
    if (batch.bytes > bytes) return false;
    return !manifest || *manifest == sha256(as_bytes(transfer::manifest_text(batch)));
}

BoardRoots::BoardRoots(BatchStore& store, const BoardRootLimits& limits)
    : store_{store}, limits_{limits}
{
    visit([this](const BatchInfo& info, const std::string& holder) {
        wishes_[info.summary.root].push_back({holder, {}, info.summary.bytes});
        shares_[holder].bytes += info.summary.bytes;
        ++shares_[holder].batches;
    });
}

/// All that the store holds for orders.
void BoardRoots::visit(
    const std::function<void(const BatchInfo&, const std::string& holder)>& see) const
{
    std::optional<Hash> after;
    for (;;) {
        const auto roots = store_.list(after, roots_at_once);
        if (roots.empty()) return;
        after = roots.back();
        for (const auto& root : roots) {
            const auto info = store_.info(root);
            if (!info) continue;
            for (const auto& holder : info->holders)
                if (is_lease_holder(holder)) see(*info, holder);
        }
    }
}

std::optional<NoteRefusal> BoardRoots::announce(const market::GpuOrderId& order,
                                                const BatchNews& news, BatchSide side)
{
    const auto holder = lease_holder(order, side);
    const auto here = store_.info(news.root);
    if (here && std::ranges::find(here->holders, holder) != here->holders.end()) return {};
    const std::lock_guard lock{mutex_};
    const auto at = wishes_.find(news.root);
    if (at == wishes_.end() && wishes_.size() >= limits_.all) return NoteRefusal::full;
    // What another party says of the same batch stands beside it, so that nobody can take it back.
    Wish* same = nullptr;
    if (at != wishes_.end())
        for (auto& wish : at->second)
            if (wish.holder == holder && wish.manifest == news.manifest) same = &wish;
    if (same && same->bytes >= news.bytes) return {};
    const auto known = shares_.find(holder);
    auto share = known != shares_.end() ? known->second : Share{};
    share.bytes -= same ? same->bytes : 0;
    share.batches += same ? 0 : 1;
    if (share.batches > limits_.batches || news.bytes > limits_.bytes ||
        share.bytes > limits_.bytes - news.bytes)
        return NoteRefusal::full;
    share.bytes += news.bytes;
    shares_[holder] = share;
    if (same)
        same->bytes = news.bytes;
    else
        wishes_[news.root].push_back({holder, news.manifest, news.bytes});
    return {};
}

Result<void> BoardRoots::hold(const Hash& root)
{
    if (!store_.info(root)) return {};
    const auto manifest = store_.manifest(root);
    if (!manifest) return manifest.error();
    for (const auto& holder : holders(*manifest))
        if (const auto done = store_.pin(root, holder); !done) return done;
    return {};
}

void BoardRoots::release(const std::function<bool(const std::string& holder)>& is_over)
{
    std::map<std::string, bool> known;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [holder, share] : shares_) known.emplace(holder, false);
    }
    for (auto& [holder, over] : known) over = is_over(holder);
    {
        // Before they are let go of, so that nobody holds them anew.
        const std::lock_guard lock{mutex_};
        for (const auto& [holder, over] : known)
            if (over) shares_.erase(holder);
        const auto is_gone = [&](const Wish& wish) {
            const auto at = known.find(wish.holder);
            return at != known.end() && at->second;
        };
        for (auto at = wishes_.begin(); at != wishes_.end();) {
            std::erase_if(at->second, is_gone);
            at = at->second.empty() ? wishes_.erase(at) : std::next(at);
        }
    }
    visit([&](const BatchInfo& info, const std::string& holder) {
        const auto at = known.find(holder);
        const bool over = at != known.end() ? at->second : (known[holder] = is_over(holder));
        if (over) static_cast<void>(store_.unpin(info.summary.root, holder));
    });
}

bool BoardRoots::wants(const Hash& root) const
{
    const std::lock_guard lock{mutex_};
    return wishes_.contains(root);
}

bool BoardRoots::takes(const BatchManifest& manifest) const
{
    return !holders(manifest).empty();
}

std::vector<std::string> BoardRoots::holders(const BatchManifest& manifest) const
{
    const std::lock_guard lock{mutex_};
    std::vector<std::string> names;
    const auto at = wishes_.find(manifest.root);
    if (at == wishes_.end()) return names;
    for (const auto& wish : at->second)
        if (wish.fits(manifest)) names.push_back(wish.holder);
    return names;
}

}  // namespace node
