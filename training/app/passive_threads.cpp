#include "training/app/passive_threads.hpp"

#include <unistd.h>
#include <cstdlib>
#include <string_view>

namespace training {

void make_threads_passive(char** argv)
{
    // OpenBLAS has threads of its own: they take its products apart in other ways, and would be
    // there before a sandbox is.
    constexpr auto one = "OPENBLAS_NUM_THREADS";
    constexpr auto how = "OMP_WAIT_POLICY";
    const auto* threads = std::getenv(one);
    const bool is_single = threads != nullptr && std::string_view{threads} == "1";
    if (is_single && std::getenv(how) != nullptr) return;
    if (setenv(one, "1", 1) != 0 || setenv(how, "passive", 0) != 0) return;
    execv("/proc/self/exe", argv);
    // It goes on as it is where that cannot be done.
}

}  // namespace training
