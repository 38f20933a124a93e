#include "node/providers/page_gossip.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

PageGossip::PageGossip(ProviderBook& book, const PublicKey& own, const BlockId& genesis,
                       const Clock& clock, Port port, const PageGossipLimits& limits)
    : book_{book},
      own_{own},
      genesis_{genesis},
      clock_{clock},
      port_{std::move(port)},
      limits_{limits},
      forwarded_{limits.forwarded, clock.now()}
{
}

void PageGossip::connected(const PublicKey& peer)
{
    answers_.insert_or_assign(peer, TokenBucket{limits_.answers, clock_.now()});
    walks_.insert_or_assign(peer, Walk{{}, 0, false, clock_.now()});
}

void PageGossip::gone(const PublicKey& peer)
{
    answers_.erase(peer);
    walks_.erase(peer);
}

void PageGossip::on_frame(const PublicKey& from, MessageKind kind, ByteView payload)
{
    if (kind == message::get_providers) return on_question(from, payload);
    if (kind == message::providers) return on_answer(from, payload);
    const auto page = decode_page(payload);
    if (!page) return port_.misbehaved(from, page.error().detail);
    take(from, *page);
}

void PageGossip::on_question(const PublicKey& from, ByteView payload)
{
    const auto question = decode_get_providers(payload);
    if (!question) return port_.misbehaved(from, question.error().detail);
    const auto allowed = answers_.find(from);
    // Whoever asks faster than we answer waits in vain; nothing else is owed.
    if (allowed == answers_.end() || !allowed->second.spend_if_there(1, clock_.now())) return;
    ProviderPages answer{question->after, true, {}};
    std::size_t bytes = 0;
    auto cursor = question->after;
    while (const auto* page = book_.after(cursor, clock_.wall())) {
        bytes += encode_page(*page).size();
        if (bytes > answer_page_bytes) {
            answer.is_last = false;
            break;
        }
        answer.pages.push_back(*page);
        cursor = PageCursor{page->key, page->page};
    }
    port_.send(from, message::providers, encode(answer));
}

void PageGossip::on_answer(const PublicKey& from, ByteView payload)
{
    const auto answer = decode_provider_pages(payload);
    if (!answer) return port_.misbehaved(from, answer.error().detail);
    const auto walk = walks_.find(from);
    // It may have taken longer than we had patience for.
    if (walk == walks_.end() || !walk->second.asked || walk->second.after != answer->after) return;
    for (const auto& page : answer->pages) take(from, page);
    auto& state = walk->second;
    if (answer->is_last || ++state.answers >= limits_.answers_of_walk) {
        walks_.erase(walk);
        return;
    }
    state.after = PageCursor{answer->pages.back().key, answer->pages.back().page};
    state.asked = false;
    state.due = clock_.now() + limits_.step;
}

void PageGossip::take(const PublicKey& from, const ProviderPage& page)
{
    // Of ourselves we know best, and most of what comes is known already.
    if (page.key == own_ || !book_.is_news(page)) return;
    const auto now = clock_.wall();
    if (const auto good = check_page(page, genesis_, now); !good) {
        if (!is_of_time(good.error())) port_.record(from, Deed::invalid_message);
        return;
    }
    if (book_.learn(page, now) != Learnt::fresh) return;
    port_.record(from, Deed::delivered_first);
    const auto bytes = encode_page(page);
    if (forwarded_.spend_if_there(bytes.size(), clock_.now()))
        port_.broadcast(message::provider_page, bytes, from);
}

void PageGossip::say(const ProviderPage& page)
{
    book_.learn(page, clock_.wall());
    port_.broadcast(message::provider_page, encode_page(page), {});
}

void PageGossip::tick()
{
    const auto now = clock_.now();
    std::erase_if(walks_,
                  [&](const auto& walk) { return walk.second.asked && walk.second.due <= now; });
    auto under_way = static_cast<std::size_t>(
        std::ranges::count_if(walks_, [](const auto& walk) { return walk.second.asked; }));
    for (auto& [peer, walk] : walks_) {
        if (under_way >= limits_.walks) return;
        if (walk.asked || walk.due > now) continue;
        walk.asked = true;
        walk.due = now + limits_.patience;
        ++under_way;
        port_.send(peer, message::get_providers, encode(GetProviders{walk.after}));
    }
}

std::optional<Clock::Steady> PageGossip::due() const
{
    std::optional<Clock::Steady> first;
    const bool is_full =
        static_cast<std::size_t>(std::ranges::count_if(
            walks_, [](const auto& walk) { return walk.second.asked; })) >= limits_.walks;
    for (const auto& [peer, walk] : walks_)
        if ((walk.asked || !is_full) && (!first || walk.due < *first)) first = walk.due;
    return first;
}

}  // namespace node
