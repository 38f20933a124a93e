#include "training/app/passive_threads.hpp"

#include <unistd.h>
#include <cstdlib>

namespace training {

void make_threads_passive(char** argv)
{
    constexpr auto name = "OMP_WAIT_POLICY";
    if (std::getenv(name) != nullptr || setenv(name, "passive", 1) != 0) return;
    // OpenBLAS has threads of its own, which take its products apart in other ways.
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
    execv("/proc/self/exe", argv);
    // It goes on as it is where that cannot be done.
}

}  // namespace training
