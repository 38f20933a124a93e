#pragma once

#include "training/workers/channel.hpp"

#include <sys/types.h>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace training {

/// Workers that this program has started: itself again, with the same words. They end when it
/// does, however it ends. One thread.
class WorkerProcesses {
public:
    WorkerProcesses() = default;
    /// Ends all that still run, and waits for them.
    ~WorkerProcesses();
    WorkerProcesses(const WorkerProcesses&) = delete;
    WorkerProcesses& operator=(const WorkerProcesses&) = delete;

    /// Starts the next one, number `number` of `workers`, and gives its connection. With
    /// `with_input` its standard input is what `pour` gives it, otherwise that of this program.
    /// `io` where the system has no more processes or descriptors.
    ledger::Result<Channel> start(std::vector<std::string> words, std::uint32_t number,
                                  std::uint32_t workers, bool with_input);
    /// Copies standard input to all that are to have it, until it ends; a worker that takes nothing
    /// for `patience` gets no more. False where a signal asks to end before.
    bool pour(std::chrono::seconds patience, const std::function<bool()>& interrupted);

    void kill(std::uint32_t number);
    /// Whether it runs no more.
    bool has_ended(std::uint32_t number);
    /// Its exit status; 128 and the signal where one ended it. Killed when the time is over; -1
    /// where none of that number was started.
    int wait(std::uint32_t number, Channel::Deadline until);

private:
    struct Process {
        std::uint32_t number;
        pid_t id;
        int status = -1;  ///< -1: it runs
        Channel input;
    };
    Process* find(std::uint32_t number);

    std::vector<Process> all_;
};

}  // namespace training
