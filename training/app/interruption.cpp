#include "training/app/interruption.hpp"

#include <csignal>

namespace training {
namespace {

volatile std::sig_atomic_t heard = 0;

void hear(int)
{
    heard = 1;
}

void set(int signal, void (*handler)(int))
{
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(signal, &action, nullptr);
}

}  // namespace

Interruption::Interruption()
{
    heard = 0;
    set(SIGINT, hear);
    set(SIGTERM, hear);
}

Interruption::~Interruption()
{
    set(SIGINT, SIG_DFL);
    set(SIGTERM, SIG_DFL);
}

bool Interruption::came() const
{
    return heard != 0;
}

}  // namespace training
