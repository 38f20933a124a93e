#include "node/providers/provider_book.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

namespace {

bool is_live(const ProviderPage& page, TimeMs now)
{
    return page.expires_s > now.value / 1'000;
}

const KeptBatch& batch_of(const ProviderPage& page, const Hash& root)
{
    return *std::ranges::lower_bound(page.batches, root, {}, &KeptBatch::root);
}

}  // namespace

bool ProviderBook::ByRoot::operator()(const Entry& a, const Entry& b) const
{
    if (a.root != b.root) return a.root < b.root;
    if (a.page->key != b.page->key) return a.page->key < b.page->key;
    return a.page->page < b.page->page;
}

const ProviderPage* ProviderBook::newest(const Pages& pages)
{
    const ProviderPage* found = nullptr;
    for (const auto& [number, page] : pages)
        if (found == nullptr || page.sequence > found->sequence) found = &page;
    return found;
}

bool ProviderBook::is_news(const ProviderPage& page) const
{
    const auto provider = providers_.find(page.key);
    if (provider == providers_.end()) return true;
    const auto& pages = provider->second;
    const auto same = pages.find(page.page);
    if (same != pages.end() && same->second.sequence >= page.sequence) return false;
    const auto* last = newest(pages);
    return page.page < last->pages || page.sequence > last->sequence;
}

bool ProviderBook::has_room(const ProviderPage& page) const
{
    if (page.key == own_) return true;
    const auto provider = providers_.find(page.key);
    const auto others = providers_.size() - providers_.count(own_);
    if (provider == providers_.end() && others >= limits_.providers) return false;
    std::size_t freed = 0;
    if (provider != providers_.end()) {
        const auto same = provider->second.find(page.page);
        if (same != provider->second.end()) freed = same->second.batches.size();
    }
    return index_.size() - own_batches_ - freed + page.batches.size() <= limits_.batches;
}

void ProviderBook::remove(Pages& pages, Pages::iterator at)
{
    for (const auto& batch : at->second.batches) index_.erase(Entry{batch.root, &at->second});
    if (at->second.key == own_) own_batches_ -= at->second.batches.size();
    pages.erase(at);
}

Learnt ProviderBook::learn(const ProviderPage& page, TimeMs now)
{
    if (!is_news(page)) return Learnt::known;
    if (!has_room(page)) {
        drop_expired(now);
        if (!has_room(page)) return Learnt::no_room;
    }
    auto& pages = providers_[page.key];
    if (const auto* last = newest(pages); last == nullptr || page.sequence > last->sequence)
        while (!pages.empty() && pages.rbegin()->first >= page.pages)
            remove(pages, std::prev(pages.end()));
    if (const auto same = pages.find(page.page); same != pages.end()) remove(pages, same);
    const auto& kept = pages.emplace(page.page, page).first->second;
    for (const auto& batch : kept.batches) index_.insert({batch.root, &kept});
    if (page.key == own_) own_batches_ += kept.batches.size();
    return Learnt::fresh;
}

void ProviderBook::drop_expired(TimeMs now)
{
    for (auto provider = providers_.begin(); provider != providers_.end();) {
        auto& pages = provider->second;
        for (auto at = pages.begin(); at != pages.end();) {
            const auto page = at++;
            if (!is_live(page->second, now)) remove(pages, page);
        }
        provider = pages.empty() ? providers_.erase(provider) : std::next(provider);
    }
}

template <class Visit>
void ProviderBook::visit(const Hash& root, TimeMs now, Visit&& visit) const
{
    for (auto at = index_.lower_bound(root); at != index_.end() && at->root == root; ++at)
        if (is_live(*at->page, now)) visit(*at->page);
}

std::vector<ProviderBook::Keeper> ProviderBook::keepers_of(const Hash& root, TimeMs now) const
{
    std::vector<Keeper> keepers;
    visit(root, now, [&](const ProviderPage& page) {
        // While its pages are being rearranged, a provider may name a batch on two of them.
        if (!keepers.empty() && keepers.back().key == page.key) return;
        keepers.push_back({page.key, page.url, page.expires_s, page.mirrors});
    });
    return keepers;
}

std::optional<ProviderBook::Wanted> ProviderBook::wanted(const Hash& root, TimeMs now) const
{
    Wanted all;
    visit(root, now, [&](const ProviderPage& page) {
        const auto& batch = batch_of(page, root);
        if (batch.until_s <= now.value / 1'000) return;
        all.copies = std::max(all.copies, batch.copies);
        all.until_s = std::max(all.until_s, batch.until_s);
    });
    return all.copies == 0 ? std::nullopt : std::optional{all};
}

std::vector<Hash> ProviderBook::roots(const std::optional<Hash>& after, std::size_t most) const
{
    std::vector<Hash> roots;
    for (auto at = after ? index_.upper_bound(*after) : index_.begin();
         at != index_.end() && roots.size() < most; ++at)
        if (roots.empty() || roots.back() != at->root) roots.push_back(at->root);
    return roots;
}

std::vector<PublicKey> ProviderBook::mirrors(TimeMs now) const
{
    std::vector<PublicKey> keys;
    for (const auto& [key, pages] : providers_) {
        const auto* last = newest(pages);
        if (last->mirrors && is_live(*last, now)) keys.push_back(key);
    }
    return keys;
}

const ProviderPage* ProviderBook::after(const std::optional<PageCursor>& cursor, TimeMs now) const
{
    auto provider = cursor ? providers_.lower_bound(cursor->key) : providers_.begin();
    for (; provider != providers_.end(); ++provider) {
        const bool is_same = cursor && provider->first == cursor->key;
        const auto& pages = provider->second;
        for (auto at = is_same ? pages.upper_bound(cursor->page) : pages.begin(); at != pages.end();
             ++at)
            if (is_live(at->second, now)) return &at->second;
    }
    return nullptr;
}

}  // namespace node
