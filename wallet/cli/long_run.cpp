#include "wallet/cli/long_run.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace wallet::cli {
namespace {

constexpr std::chrono::milliseconds after_failure{1'000};

std::atomic<bool> asked_to_end = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_end(int)
{
    asked_to_end = true;
}

/// Whether trying again may help.
bool may_pass(Fault fault)
{
    return fault == Fault::unreachable || fault == Fault::timeout || fault == Fault::refused ||
           fault == Fault::not_found || fault == Fault::failed;
}

}  // namespace

bool is_asked_to_end()
{
    return asked_to_end;
}

std::string plain(std::string_view text, std::size_t most)
{
    std::string made;
    for (const char c : text.substr(0, most)) made += c >= ' ' && c <= '~' ? c : ' ';
    return made;
}

UntilAsked::UntilAsked()
{
    struct sigaction act {};
    act.sa_handler = ask_to_end;
    sigemptyset(&act.sa_mask);
    ::sigaction(SIGINT, &act, &interrupt_);
    ::sigaction(SIGTERM, &act, &terminate_);
}

UntilAsked::~UntilAsked()
{
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
    asked_to_end = false;
}

bool UntilAsked::asked() const
{
    return asked_to_end;
}

void Attempts::operator()(const char* what, const std::function<void()>& work)
{
    std::string problem;
    try {
        return work();
    } catch (const Failure& failure) {
        if (asked_to_end) throw;
        problem = failure.message;
    } catch (const json::exception& unreadable) {
        problem = unreadable.what();
    }
    problem = about_ + what + ": " + plain(problem);
    if (problem != told_) session_.note(problem);
    told_ = problem;
}

void keep_going(const Session& session, std::chrono::milliseconds pause,
                const std::function<bool()>& tick, const UntilAsked& until)
{
    std::string told;
    while (!until.asked()) {
        auto wait = pause;
        try {
            if (tick()) return;
            told.clear();
        } catch (const Failure& failure) {
            if (!may_pass(failure.fault)) throw;
            if (failure.message != told) session.note("waiting: " + failure.message);
            told = failure.message;
            wait = std::max(pause, after_failure);
        } catch (const json::exception& problem) {
            // A node's answer that is not as it should be: another may come.
            if (problem.what() != told) session.note(std::string{"waiting: "} + problem.what());
            told = problem.what();
            wait = std::max(pause, after_failure);
        }
        // In short pieces: whoever asks the program to end waits no longer than that.
        const auto end = std::chrono::steady_clock::now() + wait;
        while (!until.asked() && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(
                std::min<std::chrono::milliseconds>(wait, std::chrono::milliseconds{50}));
    }
}

}  // namespace wallet::cli
