#include "training/app/worker_processes.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace training {
namespace {

using ledger::Result;
using Clock = std::chrono::steady_clock;

ledger::Error not_started(const char* what)
{
    return {ledger::ErrorKind::io,
            std::string{"a worker cannot be started: "} + what + ": " + std::strerror(errno)};
}

// In the new process, until it is another program: nothing that takes memory.
[[noreturn]] void become(char* const* words, pid_t parent, int link, int input)
{
    // Before the parent could end unseen.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(126);
    if (fcntl(link, F_SETFD, 0) != 0) _exit(126);
    if (input >= 0 && dup2(input, STDIN_FILENO) < 0) _exit(126);
    execv("/proc/self/exe", words);
    _exit(127);
}

}  // namespace

WorkerProcesses::~WorkerProcesses()
{
    for (auto& each : all_) kill(each.number);
    for (auto& each : all_) wait(each.number, Channel::Deadline::max());
}

WorkerProcesses::Process* WorkerProcesses::find(std::uint32_t number)
{
    const auto found = std::ranges::find(all_, number, &Process::number);
    return found == all_.end() ? nullptr : &*found;
}

Result<Channel> WorkerProcesses::start(std::vector<std::string> words, std::uint32_t number,
                                       std::uint32_t workers, bool with_input)
{
    const auto ends = make_channel_ends();
    if (!ends) return ends.error();
    Channel here{ends->first};
    int input[2] = {-1, -1};
    if (with_input && pipe2(input, O_CLOEXEC) != 0) {
        close(ends->second);
        return not_started("no pipe");
    }
    words.insert(words.end(), {"--rank", std::to_string(number), "--workers",
                               std::to_string(workers), "--link", std::to_string(ends->second)});
    std::vector<char*> pointers;
    for (auto& each : words) pointers.push_back(each.data());
    pointers.push_back(nullptr);
    const auto parent = getpid();
    const auto id = fork();
    if (id == 0) become(pointers.data(), parent, ends->second, input[0]);
    const auto problem = errno;
    close(ends->second);
    if (input[0] >= 0) close(input[0]);
    Process process{number, id, -1, {}};
    if (input[1] >= 0) process.input = Channel{input[1]};
    errno = problem;
    if (id < 0) return not_started("no process");
    all_.push_back(std::move(process));
    return here;
}

bool WorkerProcesses::pour(std::chrono::seconds patience, const std::function<bool()>& interrupted)
{
    std::array<std::byte, 65'536> piece;
    for (;;) {
        const auto got = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (interrupted()) return false;
        if (got < 0 && errno == EINTR) continue;
        bool is_wanted = false;
        for (auto& each : all_) {
            if (!each.input.is_open()) continue;
            // Who is gone, or takes nothing, is found out about later.
            const auto bytes = std::span{piece}.first(static_cast<std::size_t>(std::max(got, 0L)));
            if (got <= 0 || !each.input.send(bytes, Clock::now() + patience))
                each.input.close();
            else
                is_wanted = true;
        }
        if (!is_wanted) return true;
    }
}

void WorkerProcesses::kill(std::uint32_t number)
{
    if (auto* process = find(number); process != nullptr && !has_ended(number))
        ::kill(process->id, SIGKILL);
}

bool WorkerProcesses::has_ended(std::uint32_t number)
{
    auto* process = find(number);
    if (process == nullptr || process->status >= 0) return true;
    int status = 0;
    const auto ended = waitpid(process->id, &status, WNOHANG);
    if (ended < 0 && errno != EINTR) {  // nobody's child: its number may be another's by now
        process->status = 255;
        return true;
    }
    if (ended != process->id) return false;
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

int WorkerProcesses::wait(std::uint32_t number, Channel::Deadline until)
{
    auto* process = find(number);
    if (process == nullptr) return -1;
    while (!has_ended(number)) {
        if (Clock::now() >= until) kill(number);
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return process->status;
}

}  // namespace training
