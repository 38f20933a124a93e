#pragma once

#include "node/env/clock.hpp"
#include "node/peers/net_address.hpp"
#include "node/transport/token_bucket.hpp"

#include <cstddef>
#include <map>

namespace node {

struct HandshakeLimits {
    std::size_t pending = 100;          ///< inbound, before their Hello
    std::size_t pending_of_group = 20;  ///< of one /24 or /48
    Rate per_group = {10, 10};          ///< handshakes of one /24 or /48
    std::size_t groups = 4'096;         ///< remembered
};

/// Whether a stranger may cost us a handshake. Pure.
class HandshakeGate {
public:
    enum class Verdict { open, too_many_pending, too_fast };

    explicit HandshakeGate(HandshakeLimits limits = {}) : limits_{limits} {}

    /// `open`: count it as pending until `leave`.
    Verdict enter(const IpBytes& from, Clock::Steady now);
    void leave(const IpBytes& from);
    std::size_t pending() const { return pending_; }

private:
    struct Group {
        TokenBucket bucket;
        std::size_t pending = 0;
        Clock::Steady last;
    };

    HandshakeLimits limits_;
    std::map<Netgroup, Group> groups_;
    std::size_t pending_ = 0;
};

}  // namespace node
