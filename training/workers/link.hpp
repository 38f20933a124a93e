#pragma once

#include "training/workers/beginning.hpp"
#include "training/workers/crew.hpp"
#include "training/workers/messages.hpp"

#include <functional>
#include <string>
#include <vector>

namespace training {

/// A worker that was lost. `number` is the one it had from the beginning; places move up.
struct Lost {
    std::uint32_t number = 0;
    std::string why;
};

/// A worker's end of its connection to the hub that adds up for all.
class Link final : public Crew {
public:
    Link(Channel channel, std::uint32_t number, std::uint32_t workers, Patience patience = {},
         MessageLimits limits = {});

    /// Says who is there, and waits until it is welcome. Before anything else. An error where it
    /// is not.
    ledger::Result<void> greet();
    /// Says that this worker has all it needs, and waits for the others. `beginning`: what it
    /// begins with; an error where others begin with something else, one has failed, or `goes_on`,
    /// asked each second, says no.
    ledger::Result<void> join(
        const Beginning& beginning, const std::function<bool()>& goes_on = [] { return true; });

    std::uint32_t workers() const override { return workers_; }
    std::uint32_t place() const override { return place_; }
    std::uint32_t number() const { return number_; }
    ledger::Result<void> add_up(std::uint64_t step, Sums& sums) override;

    /// From now on asks all for this, with whatever is added up.
    void wish(std::uint32_t what) { mine_ |= what; }
    void unwish(std::uint32_t what) { mine_ &= ~what; }
    /// What anybody has asked for until now: the same for all after the same sum.
    std::uint32_t wishes() const { return wishes_; }

    /// Whether the last `add_up` failed because somebody was lost; then `workers` and `place` are
    /// those of who is left.
    bool has_changed() const { return !changes_.empty(); }
    /// Who was lost; once.
    std::vector<Lost> take_changes();

    /// Tells the hub why this worker ends; all others end, too. False where nobody hears it.
    bool leave(int status, std::string_view why);
    /// Whether the hub told this worker to end: people are told by the hub.
    bool was_stopped() const { return told_status_ != 0; }
    /// Whether the hub says nothing more; why may still be heard.
    bool is_left() const { return channel_.is_hung_up(); }
    /// The status that the hub told this worker to end with, or `otherwise` where it did not.
    int status_or(int otherwise) const { return was_stopped() ? told_status_ : otherwise; }

private:
    Channel::Deadline deadline() const;
    ledger::Result<Message> hear(Channel::Deadline until);

    Channel channel_;
    std::uint32_t number_;
    std::uint32_t workers_;
    std::uint32_t place_;
    Patience patience_;
    MessageLimits limits_;
    std::uint32_t mine_ = 0;
    std::uint32_t wishes_ = 0;
    int told_status_ = 0;
    std::vector<Lost> changes_;
};

}  // namespace training
