#include "node/providers/provider_service.hpp"

#include "ledger/base/ip_address.hpp"
#include "node/upstream/server_url.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

namespace {

/// Between questions whether a fetch has ended.
constexpr std::chrono::milliseconds end_period{1'000};
constexpr std::size_t events_of_step = 64;

/// A node whose own address is private is in a network of its own: there the others are as well.
Reach reach_of(const std::string& own_url)
{
    const auto url = parse_server_url(own_url);
    return url && ledger::is_private_host(url->host) ? Reach::anywhere : Reach::public_alone;
}

Mirroring::Settings mirroring_of(const ProviderSettings& settings, const PublicKey& self)
{
    Mirroring::Settings made;
    made.self = self;
    // Copies that nobody hears of are of no use.
    made.mirrors = settings.mirrors && !settings.url.empty();
    made.reach = reach_of(settings.url);
    made.times = settings.mirroring;
    return made;
}

}  // namespace

ProviderSettings provider_settings(std::uint64_t announce_s)
{
    ProviderSettings settings;
    settings.announce_s = announce_s;
    settings.look =
        std::chrono::milliseconds{std::clamp<std::uint64_t>(announce_s * 200, 1'000, 10'000)};
    settings.mirroring.settle = 3 * settings.look;
    return settings;
}

ProviderService::ProviderService(const SecretKey& peer_key, const ProviderSettings& settings,
                                 const Parts& parts, PageGossip::Port port)
    : self_{public_key(peer_key)},
      settings_{settings},
      parts_{parts},
      book_{self_, settings.book},
      gossip_{book_, self_, settings.genesis, parts.clock, std::move(port), settings.gossip},
      pages_{{peer_key.clone(), settings.genesis, settings.url, settings.announce_s}},
      mirroring_{{parts.store, parts.fetches, parts.clock}, mirroring_of(settings, self_)},
      next_look_{parts.clock.now()},
      next_end_{parts.clock.now()}
{
}

ProviderService::~ProviderService()
{
    stop();
}

void ProviderService::start()
{
    thread_ = std::thread{[this] { run(); }};
}

void ProviderService::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        events_.clear();
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ProviderService::run()
{
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        lock.unlock();
        const auto next = step();
        lock.lock();
        const auto rest = std::max(next - parts_.clock.now(), Clock::Steady::duration::zero());
        wake_.wait_for(lock, rest, [this] { return stopping_ || !events_.empty(); });
    }
}

void ProviderService::add(Event event)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) return;
        if (std::holds_alternative<InboundFrame>(event.what)) {
            auto& of_peer = frames_[event.peer];
            if (of_peer >= frames_of_peer || frames_waiting_ >= waiting_frames) return;
            ++of_peer;
            ++frames_waiting_;
        }
        events_.push_back(std::move(event));
    }
    wake_.notify_all();
}

void ProviderService::connected(const PeerInfo& peer)
{
    if ((peer.features & feature::providers) == 0) return;
    if (peer.use == ConnectionUse::feeler || peer.use == ConnectionUse::certificates_only) return;
    if (!peer.we_dialled && (peer.features & feature::certificates_only) != 0) return;
    add({peer.key, Connected{}});
}

void ProviderService::gone(const PublicKey& peer)
{
    add({peer, Gone{}});
}

bool ProviderService::asked(const PublicKey& from, InboundFrame& frame)
{
    if (frame.frame.kind.channel != Channel::providers) return false;
    add({from, std::move(frame)});
    return true;
}

void ProviderService::handle(const Event& event)
{
    const std::lock_guard lock{book_mutex_};
    if (std::holds_alternative<Connected>(event.what))
        gossip_.connected(event.peer);
    else if (std::holds_alternative<Gone>(event.what))
        gossip_.gone(event.peer);
    else if (const auto* inbound = std::get_if<InboundFrame>(&event.what))
        gossip_.on_frame(event.peer, inbound->frame.kind, inbound->frame.payload);
}

Clock::Steady ProviderService::step()
{
    // Not all that wait: peers who never stop must not keep us from looking at the store.
    for (std::size_t i = 0; i < events_of_step; ++i) {
        std::optional<Event> event;
        {
            const std::lock_guard lock{mutex_};
            if (events_.empty()) break;
            event = std::move(events_.front());
            events_.pop_front();
            if (std::holds_alternative<InboundFrame>(event->what)) {
                --frames_waiting_;
                if (--frames_[event->peer] == 0) frames_.erase(event->peer);
            }
        }
        handle(*event);
    }
    const auto now = parts_.clock.now();
    const bool is_time = now >= next_look_;
    bool has_ended = false;
    if (now >= next_end_) {
        next_end_ = now + end_period;
        has_ended = mirroring_.notice_ends();
    }
    if (is_time) next_look_ = now + settings_.look;
    if (is_time || has_ended) look(is_time);
    const std::lock_guard lock{book_mutex_};
    gossip_.tick();
    auto next = next_look_;
    if (mirroring_.is_fetching()) next = std::min(next, next_end_);
    if (const auto due = gossip_.due()) next = std::min(next, *due);
    return next;
}

void ProviderService::look(bool may_publish)
{
    const auto own = look_at(parts_.store);
    mirrored_ = own.mirrored;
    const auto now = parts_.clock.wall();
    const std::lock_guard lock{book_mutex_};
    if (may_publish) {
        book_.drop_expired(now);
        const auto kept = kept_batches(own.batches, settings_.copies, now);
        if (!settings_.url.empty())
            for (const auto& page : pages_.due(kept, settings_.mirrors && own.has_room(), now))
                gossip_.say(page);
    }
    mirroring_.step(book_, own);
}

ProviderService::Known ProviderService::known(const Hash& root) const
{
    const auto now = parts_.clock.wall();
    const std::lock_guard lock{book_mutex_};
    return {book_.wanted(root, now), book_.keepers_of(root, now)};
}

std::vector<std::string> ProviderService::urls_of(const Hash& root, std::size_t most) const
{
    std::vector<std::string> urls;
    for (const auto& keeper : known(root).keepers) {
        if (urls.size() >= most) break;
        if (keeper.key == self_ || std::ranges::find(urls, keeper.url) != urls.end()) continue;
        urls.push_back(keeper.url);
    }
    return urls;
}

Reach ProviderService::reach() const
{
    return reach_of(settings_.url);
}

ProviderService::Numbers ProviderService::numbers() const
{
    const std::lock_guard lock{book_mutex_};
    return {book_.providers(), book_.batches(), mirroring_.lacking(), mirrored_};
}

}  // namespace node
