#include "edge/app/stop.hpp"

#include <poll.h>
#include <signal.h>
#include <time.h>

namespace edge::app {
namespace {

volatile sig_atomic_t stopping = 0;

void stop(int)
{
    stopping = 1;
}

sigset_t stop_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

}  // namespace

void catch_stop_signals()
{
    struct sigaction action {};
    action.sa_handler = stop;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    // Whoever reads the acknowledgements may go away before the program does.
    signal(SIGPIPE, SIG_IGN);
    // They come while the program waits, and not between the question and the waiting; and never to
    // the threads that are made later, which take this mask over.
    const auto signals = stop_signals();
    sigprocmask(SIG_BLOCK, &signals, nullptr);
}

bool is_stopping()
{
    sigset_t waiting;
    sigpending(&waiting);
    return stopping != 0 || sigismember(&waiting, SIGTERM) == 1 ||
           sigismember(&waiting, SIGINT) == 1;
}

bool wait_for(int descriptor, int milliseconds, int other)
{
    struct pollfd inputs[] = {{descriptor, POLLIN, 0}, {other, POLLIN, 0}};
    const struct timespec time {
        milliseconds / 1000, static_cast<long>(milliseconds % 1000) * 1'000'000L
    };
    sigset_t none;
    sigemptyset(&none);
    return ppoll(inputs, 2, &time, &none) > 0 && inputs[0].revents != 0;
}

}  // namespace edge::app
