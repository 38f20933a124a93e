#pragma once

#include "wallet/cli/session.hpp"

#include <csignal>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

/// What commands share that go on until somebody ends them.
namespace wallet::cli {

/// Printable ASCII alone, at most so many bytes: what others' files and programs say may be
/// anything.
std::string plain(std::string_view text, std::size_t most = 500);

/// Until somebody asks the program to end (SIGINT, SIGTERM).
class UntilAsked {
public:
    UntilAsked();
    ~UntilAsked();
    UntilAsked(const UntilAsked&) = delete;
    UntilAsked& operator=(const UntilAsked&) = delete;
    bool asked() const;

private:
    struct sigaction interrupt_ {};
    struct sigaction terminate_ {};
};

/// The same, where there is one somewhere above.
bool is_asked_to_end();

/// Work that may fail and is tried again with the next tick: what went wrong is told when it is
/// something else than the last time.
class Attempts {
public:
    /// `about` stands before what is told.
    Attempts(const Session& session, std::string about)
        : session_{session}, about_{std::move(about)}
    {
    }
    /// Lets through that somebody asks the program to end.
    void operator()(const char* what, const std::function<void()>& work);

private:
    const Session& session_;
    std::string about_;
    std::string told_;
};

/// Calls `tick` until it says that it is done, or somebody asks the program to end. What cannot be
/// done now (no node, a board that is busy) is told once and tried again after a while.
void keep_going(const Session& session, std::chrono::milliseconds pause,
                const std::function<bool()>& tick, const UntilAsked& until);

}  // namespace wallet::cli
