#pragma once

#include "training/workers/messages.hpp"

#include <vector>

namespace training {

struct GreetingLimits {
    std::size_t pending = most_workers;  ///< connections that have not greeted yet
    std::chrono::seconds grace{5};       ///< for each to do so
};

/// Accepts connections and hears who they are, all of them at once: one that says nothing keeps
/// nobody waiting. Where too many are silent, those that have been so for longest are closed.
class Greetings {
public:
    /// `listening`: a socket that does not block; it must outlive this.
    Greetings(int listening, GreetingLimits limits) : listening_{listening}, limits_{limits} {}

    struct Greeting {
        Channel channel;
        Message head;
    };
    /// Those who have greeted, as soon as there are any, or none after `wait`. Who says something
    /// else is closed.
    std::vector<Greeting> next(std::chrono::milliseconds wait);

private:
    struct Pending {
        Channel channel;
        Channel::Deadline until;
        MessageHead head{};
        std::size_t got = 0;
    };
    void accept_all();
    bool hear(Pending& from, std::vector<Greeting>& to);

    int listening_;
    GreetingLimits limits_;
    std::vector<Pending> pending_;  ///< in the order in which they came
};

}  // namespace training
