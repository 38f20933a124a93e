#include "ledger/crypto/core_dumps.hpp"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ledger {
namespace {

TEST(CoreDumps, HaveNothingOfAProcessThatKeepsOut)
{
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const int before = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
        keep_out_of_core_dumps();
        const int after = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
        ::_exit(before != 0 && after == 0 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace ledger
