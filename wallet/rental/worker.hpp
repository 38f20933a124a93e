#pragma once

#include "ledger/base/result.hpp"
#include "wallet/rental/pour.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace wallet::rental {

/// A program of its own that computes: the trainer. It ends when this does, however this ends
/// (SIGKILL included), and inherits nothing but standard input, output and error. Made and dropped
/// by one thread, which must outlive it.
class Worker {
public:
    struct Options {
        std::filesystem::path program;
        std::vector<std::string> arguments;
        std::filesystem::path output;                             ///< what it prints, written anew
        std::filesystem::path errors;                             ///< likewise
        std::uint64_t most_file_bytes = std::uint64_t{64} << 30;  ///< of one file that it writes
        /// Writes what the program reads on its standard input; on a thread of its own. Without
        /// one there is nothing to read.
        std::function<ledger::Result<void>(const Put&)> input;
    };

    /// `not_found` where the program is not there, `io`.
    static ledger::Result<std::unique_ptr<Worker>> start(Options options);
    /// Ends it.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void pause();
    void resume();
    bool is_paused() const { return paused_; }
    /// Its exit status once it has ended, 128 + the signal where that is why; empty before.
    std::optional<int> ended();
    /// Blocks until it has.
    int wait();
    /// Asks it to end (SIGINT), and makes it end after so long.
    int stop(std::chrono::milliseconds patience);
    /// Processor time that it has used, of all its threads.
    std::uint64_t cpu_ms();

private:
    Worker(pid_t pid, std::thread feeder) : pid_{pid}, feeder_{std::move(feeder)} {}
    int settle(int status);

    pid_t pid_;
    std::thread feeder_;
    bool paused_ = false;
    std::optional<int> status_;
    std::uint64_t last_cpu_ms_ = 0;
};

/// Of the program `name`: beside this program, or where PATH has it; empty where neither.
std::filesystem::path program_beside(const std::string& name);

/// The last part of a file, as text for people.
std::string tail_of(const std::filesystem::path& file, std::size_t most = 2'000);

}  // namespace wallet::rental
