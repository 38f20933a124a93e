#pragma once

#include "node/peers/peer_scores.hpp"
#include "node/providers/page_messages.hpp"
#include "node/transport/token_bucket.hpp"

#include <functional>

namespace node {

struct PageGossipLimits {
    Rate forwarded{4u << 20, 512u << 10};        ///< bytes of others' pages that are passed on
    Rate answers{32, 16};                        ///< to one peer
    std::size_t walks = 4;                       ///< questions under way
    std::size_t answers_of_walk = 4'096;         ///< taken of one peer
    std::chrono::milliseconds step{100};         ///< between an answer and the next question
    std::chrono::milliseconds patience{20'000};  ///< with a peer that does not answer
};

/// How pages spread: each peer is asked once for all that it has, page after page, and what is news
/// goes on to all but the one it came from. One thread; the book is the caller's, and its lock.
class PageGossip {
public:
    /// Only to peers that know the channel.
    struct Port {
        std::function<void(const ledger::PublicKey&, MessageKind, ledger::ByteView)> send;
        std::function<void(MessageKind, ledger::ByteView, const std::optional<ledger::PublicKey>&)>
            broadcast;  ///< to all but one
        std::function<void(const ledger::PublicKey&, Deed)> record;
        std::function<void(const ledger::PublicKey&, const std::string&)> misbehaved;
    };
    /// `book` and `clock` must outlive this.
    PageGossip(ProviderBook& book, const ledger::PublicKey& own, const ledger::BlockId& genesis,
               const Clock& clock, Port port, const PageGossipLimits& limits = {});

    void connected(const ledger::PublicKey& peer);
    void gone(const ledger::PublicKey& peer);
    void on_frame(const ledger::PublicKey& from, MessageKind kind, ledger::ByteView payload);
    /// A page of our own: kept, and said to all.
    void say(const ProviderPage& page);
    /// Asks where it is time to.
    void tick();
    /// When `tick` has something to do next; empty while nothing is under way.
    std::optional<Clock::Steady> due() const;

private:
    struct Walk {
        std::optional<PageCursor> after;
        std::size_t answers = 0;
        bool asked = false;
        Clock::Steady due;  ///< to ask, or to give up
    };

    void on_question(const ledger::PublicKey& from, ledger::ByteView payload);
    void on_answer(const ledger::PublicKey& from, ledger::ByteView payload);
    void take(const ledger::PublicKey& from, const ProviderPage& page);

    ProviderBook& book_;
    const ledger::PublicKey own_;
    const ledger::BlockId genesis_;
    const Clock& clock_;
    const Port port_;
    const PageGossipLimits limits_;
    TokenBucket forwarded_;
    std::map<ledger::PublicKey, TokenBucket> answers_;  ///< of connected peers
    std::map<ledger::PublicKey, Walk> walks_;
};

}  // namespace node
