#pragma once

#include "node/providers/mirroring.hpp"
#include "node/providers/own_pages.hpp"
#include "node/providers/page_gossip.hpp"
#include "node/transport/peer_handler.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

namespace node {

/// What this node says of itself, and what it does for others.
struct ProviderSettings {
    ledger::BlockId genesis;
    std::string url;          ///< empty: it says nothing of itself, and does not mirror
    std::uint8_t copies = 0;  ///< of what is held here itself; 0: nothing is said of copies
    bool mirrors = false;     ///< keeps what others want
    std::uint64_t announce_s = 7'200;
    /// Between looks at the store; changes are said no faster.
    std::chrono::milliseconds look{10'000};
    MirrorTimes mirroring = {};
    ProviderBookLimits book = {};
    PageGossipLimits gossip = {};
};

/// As `announce_s` says: quicker looks where a test or a small network wants quick news.
ProviderSettings provider_settings(std::uint64_t announce_s);

/// Who keeps what, of all providers that this node has heard of; its own pages; and the copies that
/// it makes for others. One thread of its own; the public functions are for any thread.
class ProviderService {
public:
    /// The referred-to must outlive this.
    struct Parts {
        BatchStore& store;
        BatchFetches& fetches;
        const Clock& clock;
    };
    ProviderService(const ledger::SecretKey& peer_key, const ProviderSettings& settings,
                    const Parts& parts, PageGossip::Port port);
    /// As stop().
    ~ProviderService();
    void start();
    void stop();

    /// Peers that know no pages are left alone.
    void connected(const PeerInfo& peer);
    void gone(const ledger::PublicKey& peer);
    /// Whether it was a frame about providers; it waits for the thread, or is dropped where too
    /// many wait.
    bool asked(const ledger::PublicKey& from, InboundFrame& frame);

    struct Known {
        std::optional<ProviderBook::Wanted> wanted;
        std::vector<ProviderBook::Keeper> keepers;
    };
    Known known(const ledger::Hash& root) const;
    /// Addresses of others who say that they have this batch, at most `most`.
    std::vector<std::string> urls_of(const ledger::Hash& root, std::size_t most) const;
    /// Where these may lead: to private addresses only from a node that has one itself.
    Reach reach() const;

    struct Numbers {
        std::size_t providers{}, batches{};  ///< known: nodes, and batches of their pages
        std::uint64_t lacking{};             ///< batches of which there are too few
        std::uint64_t mirrored{};            ///< kept here for others alone
    };
    Numbers numbers() const;

    /// Does what there is to do now; when to call it again at the latest. For the thread, and for
    /// tests.
    Clock::Steady step();

    static constexpr std::size_t waiting_frames = 1'024;
    static constexpr std::size_t frames_of_peer = 256;

private:
    struct Connected {};
    struct Gone {};
    struct Event {
        ledger::PublicKey peer;
        std::variant<Connected, Gone, InboundFrame> what;
    };

    void run();
    void add(Event event);
    void handle(const Event& event);
    void look(bool may_publish);

    const ledger::PublicKey self_;
    const ProviderSettings settings_;
    const Parts parts_;
    mutable std::mutex book_mutex_;
    ProviderBook book_;
    PageGossip gossip_;  ///< with the book's lock
    OwnPages pages_;
    Mirroring mirroring_;
    Clock::Steady next_look_, next_end_;
    std::atomic<std::uint64_t> mirrored_ = 0;

    std::mutex mutex_;  ///< of what follows
    std::condition_variable wake_;
    std::deque<Event> events_;
    std::map<ledger::PublicKey, std::size_t> frames_;  ///< that wait, by peer
    std::size_t frames_waiting_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace node
