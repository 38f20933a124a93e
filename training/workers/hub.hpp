#pragma once

#include "training/workers/link.hpp"

#include <functional>

namespace training {

/// Adds up for the workers of one training, in the order of their places, so that the sum is the
/// same whoever is faster. Knows nothing of models: it reads bounded messages and adds numbers.
/// Every wait ends: a worker that is gone, silent or makes no sense is lost, the others are told
/// and go on from what they have kept. One that says why it ends, ends all.
class Hub {
public:
    struct Options {
        Patience patience;
        MessageLimits limits;
        std::function<bool()> interrupted;           ///< asked in every round
        std::function<void(std::uint32_t)> give_up;  ///< told the number of each that is lost
        std::function<void(const Lost&)> tell;       ///< the same, for people
    };
    /// `workers`: their connections, by number; greetings were read.
    Hub(std::vector<Channel> workers, Options options);

    struct End {
        enum class Kind {
            done,      ///< all of those who are left have nothing left to do
            failed,    ///< it cannot go on, or not begin: `status`, `why`
            all_lost,  ///< nobody is left
        };
        Kind kind = Kind::done;
        int status = 0;
        std::string why;
        std::uint32_t first = 0;  ///< number of the worker at place 0
        std::vector<Lost> lost;
    };
    End run();

private:
    struct Worker {
        std::uint32_t number;
        Channel channel;
    };
    bool begin();
    ledger::Result<Beginning, Refusal> hear_beginning(Worker& worker, Channel::Deadline until);
    void refuse(const Worker& worker, Refusal refusal);
    bool round();
    void lose(Worker& worker, const ledger::Error& why);
    void fail(Worker& worker, const Message& farewell, Channel::Deadline until);
    bool hear_sums(Worker& worker, const Message* first, Message& head, Channel::Deadline until);
    bool tell_changes();
    void stop_all();

    std::vector<Worker> workers_;  ///< in the order of their places
    Options options_;
    Sums total_;
    Sums shard_;
    std::vector<Lost> unsaid_;
    bool has_failed_ = false;
    End end_;
};

}  // namespace training
