#pragma once

#include "training/workers/messages.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace training {

/// Where workers that were not started by one program find each other: an address and a port
/// ("127.0.0.1:4711", "[::1]:4711"; no names), or the path of a Unix socket, which has a slash.
/// `invalid` where the text is neither. `is_open_to_others`: whether more than this machine can
/// connect there. Nobody is asked who he is: a Unix socket is for this user alone, an address on
/// this machine for all its users.
struct RendezvousAddress {
    static ledger::Result<RendezvousAddress> read(const std::string& text);

    std::string text;
    bool is_unix = false;
    bool is_open_to_others = false;
    std::uint16_t port = 0;
    std::string host;  ///< or the path
};

/// Where worker 0 waits for the others.
class Rendezvous {
public:
    /// `io` where nobody can listen there; a Unix socket is made and belongs to this user.
    static ledger::Result<Rendezvous> open(const RendezvousAddress& address);
    ~Rendezvous();
    Rendezvous(Rendezvous&& other) noexcept;
    Rendezvous& operator=(Rendezvous&&) = delete;

    /// Connections of workers 1 up to `workers` - 1, in that order; each was told that it is
    /// welcome. Who greets for a place that there is not, or that is taken, is told and sent away;
    /// one that ends before all are there leaves its place to another. `deserted_status` where some
    /// are missing when the time to join is over, or what `ends` gives, asked often: all that have
    /// come are told the same.
    ledger::Result<std::vector<Channel>, Refusal> wait_for(
        std::uint32_t workers, const Patience& patience,
        const std::function<std::optional<Refusal>()>& ends);

    /// Tells all who come from now on that they are too late. Returns when `goes_on` says no; may
    /// run on a thread of its own.
    void send_others_away(const Refusal& refusal, const Patience& patience,
                          const std::function<bool()>& goes_on);

private:
    Rendezvous(int descriptor, RendezvousAddress address)
        : descriptor_{descriptor}, address_{std::move(address)}
    {
    }
    int descriptor_;
    RendezvousAddress address_;
};

/// Connects to worker 0, which may come later. `unavailable` where nobody is there until then.
ledger::Result<Channel> meet(const RendezvousAddress& address, const Patience& patience);

}  // namespace training
